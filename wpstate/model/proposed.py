"""What `wpstate bump` proposes, and what came of it."""

from dataclasses import dataclass
from enum import Enum

from wpstate.model.bump import Outdated
from wpstate.model.problem import Problem


class Came(Enum):
    WOULD = "would"
    """Only tried: nothing was written."""
    MADE = "made"
    UPDATED = "updated"
    SAME = "same"
    NOTHING = "nothing"
    """The base says so already."""
    STALE = "stale"
    """An earlier proposal of ours, which nothing proposes any more."""
    HELD = "held"
    """Its bytes, its lock or its branch say no."""


@dataclass(frozen=True, slots=True)
class RingShare:
    ring: str
    sites: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """One branch."""

    branch: str
    title: str
    came: Came
    parts: tuple[Outdated, ...]
    rings: tuple[RingShare, ...]
    """Sites that follow, by ring; one of no name where the fleet has no rings."""
    commit: str | None = None
    pull_request: str | None = None
    declined: bool = False
    """People closed the very same proposal: it stays closed."""
    to_type: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    is_failure: bool = False
    """Something broke, where otherwise something said no."""
