"""The nearest known word to a misspelt one."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one known word that a person most likely meant, None where nothing comes close."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else None
