"""What a site's host is fit for: what was tried on it, what lacks, and how each lack is mended."""

from dataclasses import dataclass
from enum import Enum

from wpstate.model.problem import Problem
from wpstate.model.site import SiteId


class Fit(Enum):
    """What may be done on a site, the most first."""

    FULL = "full"
    ATTENDED = "attended only"
    """A run needs a person at the terminal."""
    OBSERVE = "observe only"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Room:
    """What a run may take on the host's disk."""

    size_bytes: int
    files: int


@dataclass(frozen=True, slots=True)
class Tried:
    """One need that was tried by doing it."""

    need: str
    """`tools`, `dump`, … (planning/fitness_needs.py)."""
    ok: bool
    found: str
    """What was seen: a version, a size, a tool's last words. Untrusted."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that lacks."""

    problem: Problem
    fit: Fit
    """What the site is still fit for; `full` where it is only worth knowing."""


@dataclass(frozen=True, slots=True)
class Fitness:
    """One site's answer to `wpstate doctor`."""

    site: SiteId
    fit: Fit
    tried: tuple[Tried, ...]
    gaps: tuple[Gap, ...]
    """The gravest first."""
    took_s: float
