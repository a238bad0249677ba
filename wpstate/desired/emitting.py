"""Values as words of a fleet file, on one line or as a few; where they go is left to editing."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Said: TypeAlias = str | Sequence["Said"] | Mapping[str, "Said"]
"""A value as a file says it: texts, lists and maps of texts."""


_PLAIN = re.compile(r"[A-Za-z0-9/_+.]([A-Za-z0-9/_%+. @-]*[A-Za-z0-9/_%+.@-])?", re.ASCII)


def flow(value: Said) -> str:
    """On one line, good within braces as well as outside."""
    if isinstance(value, str):
        if not value.isprintable():
            return json.dumps(value, ensure_ascii=not value.replace("\n", "").isprintable())
        if _PLAIN.fullmatch(value) and value.lower() != "null":
            return value
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(key)}: {flow(said)}" for key, said in value.items()) + "}"
    return "[" + ", ".join(flow(item) for item in value) + "]"


def block_lines(indent: int, keys: Sequence[str], value: Said) -> str:
    """Lines that say a key below others, each deeper than the one before."""
    *above, last = keys
    lines = [f"{' ' * (indent + 2 * i)}{flow(key)}:\n" for i, key in enumerate(above)]
    return "".join(lines) + f"{' ' * (indent + 2 * len(above))}{flow(last)}: {flow(value)}\n"
