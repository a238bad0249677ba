"""What keywords of JSON Schema mean in fleet files, where every scalar is the text that was typed.

Walking through trees is left to the two libraries that are given these rules.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final

from wpstate.desired.quantities import duration_s

Rule = Callable[[Any, str], bool]
"""Whether a text is as a keyword of this value asks."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """In JSON Schema `$` is the very end; in Python it also fits before a last line break."""
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)


def _number(text: str) -> int | None:
    return int(text) if _INTEGER.match(text) else None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(_DATE.match(text))


def _at_least(least: int, text: str) -> bool:
    number = _number(text)
    return number is None or number >= least


def _at_most(most: int, text: str) -> bool:
    number = _number(text)
    return number is None or number <= most


def _lasts(limits: list[str], text: str) -> bool:
    """Our own keyword `x-duration`: the shortest and the longest that makes sense."""
    seconds = duration_s(text)
    least, most = (duration_s(limit) or 0 for limit in limits)
    return seconds is None or least <= seconds <= most


TEXT_TYPES: Final[Mapping[str, Callable[[str], bool]]] = {
    "string": lambda text: True,
    "number": lambda text: True,
    "integer": lambda text: _number(text) is not None,
    "boolean": lambda text: text in ("true", "false"),
}
"""Types are forms that a text can have. Nothing is ever null."""
ANY_TEXT: Final = ("string", "number")
"""Those that every text has."""

_FORMATS: Final[Mapping[str, Callable[[str], bool]]] = {
    "date": _is_date,
    "day": lambda text: _is_date(text) or _is_date(f"2024-{text}"),
}
"""`day`: also a day of each year, as 12-01."""

RULES: Final[Mapping[str, Rule]] = {
    "type": lambda types, text: any(TEXT_TYPES[each](text) for each in types),
    "pattern": lambda pattern, text: bool(_compiled(pattern).search(text)),
    "minimum": _at_least,
    "maximum": _at_most,
    "format": lambda name, text: name not in _FORMATS or _FORMATS[name](text),
    "x-duration": _lasts,
}
"""By keyword."""
