"""Values as they were seen, as parts of a site file's entries. Which entry is left to kinds."""

import re
from collections.abc import Mapping
from typing import Final

from wpstate.model.adopted import Saying, Words
from wpstate.model.state import State
from wpstate.resources import notation
from wpstate.resources.file_words import writable

TOO_LONG: Final = "its value is too long, or no text of one line, for a file that people read"
SECRET: Final = "it is a secret: name where it is kept, with `secret:`, and never the value itself"  # noqa: S105
_DIGEST: Final = re.compile(r".*\bsha256:[0-9a-f]{64}\Z", re.DOTALL)
_VALUES: Final[Mapping[str, Saying]] = {"value": None, "secret": None, "state": None, "why": None}


def text_of(value: object) -> str | None:
    """The text behind a State's value (resources.notation); None where a file cannot hold it."""
    shown = str(value)
    if shown == "***" or _DIGEST.match(shown):
        return None
    text = notation.read(shown)
    return text if writable(text) else None


def value_words(kind: str, name: str, seen: State, **beside: Saying) -> Words | str:
    """Of kinds whose long form has `value`, `state` and `why`."""
    keys = (kind, name)
    if not seen.present:
        gone: dict[str, Saying] = {**dict.fromkeys(beside), **_VALUES}
        return Words(keys, {**gone, "type": None, "state": "absent"}, "state", "why")
    if seen.value == "***":
        return SECRET
    text = text_of(seen.value)
    if text is None:
        return TOO_LONG
    return Words(keys, {**_VALUES, **beside, "value": text}, "value", "why")


def package_words(
    keys: tuple[str, str], seen: State, state: str | None, approved: str | None
) -> Words:
    """Of plugins and themes. `state`: what must be written beside the version."""
    parts: dict[str, Saying] = dict.fromkeys(("version", "state", "until", "why", "purge_data"))
    if not seen.present:
        return Words(keys, parts | {"state": "absent", "auto_updates": None}, "state", "why")
    parts["state"] = state
    if seen.version == approved and state == "inactive":
        return Words(keys, parts, "state", "why")
    parts["version"] = "approved" if seen.version == approved else seen.version
    return Words(keys, parts, "version", "why")
