"""What is kept of a pass over the fleet, and what the latest ones come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wpstate.model.reconciled import SiteFigures, Standing
from wpstate.model.run import Outcome, Tier
from wpstate.model.site import SiteId


@dataclass(frozen=True, slots=True)
class SitePassed:
    """One site at the end of a pass."""

    site: SiteId
    standing: Standing
    outcome: Outcome | None
    """Of its run, where there was one."""
    figures: SiteFigures
    confirmed_at: datetime | None = None
    """When a pass last found it, or left it, as git asks; None where none of those kept did."""


@dataclass(frozen=True, slots=True)
class KeptPass:
    fleet: str
    asked: tuple[SiteId, ...]
    """The sites that were named; none: all."""
    started_at: datetime
    took_s: float
    sites: tuple[SitePassed, ...]
    halted: str | None


@dataclass(frozen=True, slots=True)
class FailedPass:
    """The last pass over a fleet that did not come to its end."""

    fleet: str
    at: datetime
    found: str
    """In a few words; never what an error quotes."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over all runs that the ledger holds."""

    outcomes: Mapping[Outcome, int]
    """Of runs that were to apply something; rollbacks by hand are none."""
    tiers: Mapping[Tier, int]
    confirmed_at: Mapping[SiteId, datetime]
    """When a run last confirmed the site to be as git asks."""
