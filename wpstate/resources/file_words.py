"""A site's values as words of a fleet file. Laying out the file is left to desired.written."""

import re
from typing import TypeGuard

from wpstate.model.state import Value

_LONGEST = 500
_PLAIN = re.compile(r"[A-Za-z0-9/_%+.]([A-Za-z0-9/_%+., @-]*[A-Za-z0-9/_%+.@-])?", re.ASCII)


def writable(value: Value) -> TypeGuard[str | int | bool]:
    """Short enough for a file that people read, and free of what a fleet file may not hold."""
    return value is not None and len(str(value)) <= _LONGEST and str(value).isprintable()


def quoted(value: str | int | bool) -> str:
    """A value as YAML that reads back as the same text; quotes only where they are needed."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if _PLAIN.fullmatch(text) and text.lower() != "null":
        return text
    return "'" + text.replace("'", "''") + "'"
