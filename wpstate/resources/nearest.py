"""The nearest known word to a misspelt one, for messages."""

from collections.abc import Iterable
from difflib import get_close_matches

_MAX_CHARACTERS = 64
"""Of the misspelt word: comparing takes time with the square of it."""


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that a person most likely meant, whatever its case; None if none is near."""
    folded = {name.lower(): name for name in known}
    close = get_close_matches(word.lower()[:_MAX_CHARACTERS], folded, n=1, cutoff=likeness)
    return folded[close[0]] if close else None
