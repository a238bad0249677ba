"""Lines of toned parts: what a report is before a terminal, a file or a test reads it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Tone(Enum):
    """What a part means; the terminal decides how it looks."""

    PLAIN = "plain"
    STRONG = "strong"
    FAINT = "faint"
    GOOD = "good"
    CHANGE = "change"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Part, ...]


def line(text: str = "", tone: Tone = Tone.PLAIN) -> Line:
    return (Part(text, tone),)


def plain(lines: Iterable[Line]) -> str:
    """The lines as text without tones, each ended by a newline."""
    return "".join("".join(part.text for part in one).rstrip() + "\n" for one in lines)


def some(names: Sequence[str], most: int = 2) -> str:
    """`a`, `a, b`, `a, b and 38 more`."""
    more = len(names) - most
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:most])} and {more} more"


def columns(rows: Iterable[tuple[str, ...]], gap: int = 2) -> tuple[str, ...]:
    """Rows as left-aligned columns, the last one ragged."""
    kept = tuple(rows)
    if not kept:
        return ()
    widths = [max(len(row[i]) for row in kept) for i in range(len(kept[0]))]
    return tuple(
        (" " * gap)
        .join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        .rstrip()
        for row in kept
    )
