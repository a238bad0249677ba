"""What somebody changed on a site, and the words with which its file would ask for just that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from wpstate.model.event import Author
from wpstate.model.state import Address, State

Saying: TypeAlias = "str | tuple[str, ...] | None"
"""A text or a list of texts; None takes the part out."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A difference that the site made, or both it and git."""

    address: Address
    asked: State | None
    """None where nobody named it: an administrator whom nobody lists."""
    seen: State
    sort: str
    """`drift`, `conflict` or `exempt`."""
    author: Author | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """One entry of a site file, as it must be to ask for what was seen."""

    keys: tuple[str, ...]
    """One or two: `("plugins", "akismet")`, `("core",)`."""
    parts: Mapping[str, Saying]
    """Of its long form; what is not named here stays."""
    short_for: str = ""
    """The part that a single value or a list alone is short for: a plugin's `version`."""
    why: str | None = None
    """The part that says why, where its language has one."""
