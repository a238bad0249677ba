"""A plan: what would be changed on which sites, bound to what was seen and asked."""

from dataclasses import dataclass
from datetime import datetime

from wpstate.model.authority import Authority
from wpstate.model.cache import Purge
from wpstate.model.change import Change
from wpstate.model.event import Author
from wpstate.model.facts import FeedState, Finding
from wpstate.model.problem import Problem
from wpstate.model.site import SiteId
from wpstate.model.state import Address, State
from wpstate.model.updates import Opening


@dataclass(frozen=True, slots=True)
class Digests:
    """sha256 in hex of canonical JSON. A plan holds only while all of them do."""

    desired: str
    policy: str
    artifacts: str
    observed: str


@dataclass(frozen=True, slots=True)
class Estimate:
    frozen_s: float
    snapshot_bytes: int
    free_after_bytes: int | None
    freeze_limit_s: int
    copied_bytes: int = 0
    """Of tables that are copied before the freeze, because it has no time for them."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the plan shows and leaves alone: pinned, the client's, unmanaged, converged."""

    address: Address
    state: State
    text: str
    sort: str
    """`pinned`, `client`, `unmanaged`, `unlisted`, `forbidden`, `excepted`, `exempt`, `converged`,
    `updated_itself`, `in_background`, `quarantined`, `patched`, `waits`, `drift`, `conflict`,
    `out_of_reach`, `identity`, `modified`."""
    asked: State | None = None
    """What git asks, where that is not what was seen."""
    lines: tuple[str, ...] = ()
    """Shown below it as they are: which files, what in them. Harmless to look at, a few dozen."""
    author: Author | None = None
    """Of drift: who did it and since when, as far as the site knows."""


@dataclass(frozen=True, slots=True)
class SitePlan:
    site: SiteId
    url: str
    offer: str | None
    observed_at: datetime
    observe_s: float
    php_version: str
    object_cache: str | None
    changes: tuple[Change, ...]
    """In the order in which they are applied."""
    noted: tuple[Noted, ...]
    refusals: tuple[Problem, ...]
    estimate: Estimate
    digests: Digests
    looks: int
    findings: tuple[Finding, ...] = ()
    """What facts hold against what is on the site."""
    unknown: tuple[Address, ...] = ()
    """Components of which no fresh feed would tell: nobody calls them safe."""
    caches: tuple[Purge, ...] = ()
    """What is emptied once the changes are made, and what is left though it is there."""
    locked: bool = False
    """A run held the site as it was observed, or had left its lock."""
    opening: Opening | None = None
    """When the changes may be made, as it was when they were planned. None: at any time."""
    shown: str | None = None
    """Digest of the plan in which people saw and agreed to just this."""

    @property
    def urgent(self) -> tuple[Address, ...]:
        """What is changed to mend a known vulnerability."""
        mended = {
            found.address for found in self.findings if found.sort == "vulnerable" and found.after
        }
        return tuple(change.address for change in self.changes if change.address in mended)

    @property
    def urgent_since(self) -> dict[Address, datetime | None]:
        """Of each of them, when the first of what it mends became known; None: nobody knows."""
        since: dict[Address, datetime | None] = {}
        for found in self.findings:
            if found.sort == "vulnerable" and found.after:
                before = since.get(found.address, found.since)
                since[found.address] = min(before, found.since) if before and found.since else None
        return since


@dataclass(frozen=True, slots=True)
class Plan:
    id: str
    fleet: str
    revision: str | None
    """Git revision of the fleet folder: provenance, never a reason to call a plan stale."""
    dirty: bool
    made_at: datetime
    expires_at: datetime
    only: tuple[str, ...]
    sites: tuple[SitePlan, ...]
    feeds: tuple[FeedState, ...] = ()
    """What the facts rest on, as it stood when the plan was made."""
    authority: Authority | None = None
    """On whose word it is applied; never taken from a file."""
