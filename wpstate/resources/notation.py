"""A site's text as one line that is harmless to look at and can be read back.

Most texts stand as they are. What could not be shown so (line breaks, control characters) and what
begins with a quotation mark stands as JSON does, so that no two texts look the same.
"""

import json
from hashlib import sha256

from wpstate.resources.foreign_text import visible

LONGEST = 4096
"""Characters of a State's value (schemas/observation.schema.json)."""


def plain(text: str) -> str:
    """`Europe/Paris` as it is, two lines as `"one\\ntwo"`."""
    return quoted(text) if text.startswith('"') or visible(text, len(text) + 1) != text else text


def quoted(text: str) -> str:
    """The text in quotation marks, whatever it is. No `##`, which CI systems take for commands."""
    return json.dumps(text).replace("##", "#\\u0023")


def read(notation: str) -> str:
    """The text of what `plain` or `quoted` made."""
    return str(json.loads(notation)) if notation.startswith('"') else notation


def bounded(notation: str) -> str:
    """What fits a State's value; longer ones by their digest."""
    return notation if len(notation) <= LONGEST else digest(notation.encode())


def digest(data: bytes) -> str:
    return f"{len(data)} bytes, sha256:{sha256(data).hexdigest()}"
