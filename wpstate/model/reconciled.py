"""What one pass over a fleet made of each site. How it reads is left to report."""

from dataclasses import dataclass
from enum import Enum

from wpstate.model.facts import Severity
from wpstate.model.run import Run
from wpstate.model.site import SiteId


class Standing(Enum):
    IN_SYNC = "in_sync"
    RUN = "run"
    """Changed, or tried to be: its run says how that ended."""
    REPORTED = "reported"
    """Something is to be changed or decided, and a person does so: `mode: observe`, or drift."""
    WAITS = "waits"
    """For other sites, or for its window."""
    HALTED = "halted"
    """The pass stopped before it was this site's turn."""
    REFUSED = "refused"
    DUE = "due"
    """Would be changed now, and was only looked at."""


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """What the last look of a pass at one site comes to in numbers."""

    up: bool
    """It was seen whole, its WordPress and its database there."""
    drift_items: int
    """Managed values that the site moved and nobody put back, conflicts among them."""
    vulnerabilities: dict[Severity, int] | None
    """Known, and answered for by nobody. None: the fleet names no feeds, so nobody knows."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    site: SiteId
    standing: Standing
    told: str
    """Why, in one line."""
    ring: str | None
    run: Run | None = None
    figures: SiteFigures | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """Sites in the order in which it was their turn."""

    sites: tuple[Reconciled, ...]
    halted: str | None
    """Why the pass stopped, where it did."""
