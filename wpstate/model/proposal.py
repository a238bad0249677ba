"""A change of a fleet's files that somebody proposes, from one git revision to another, and what it
would do. Reading revisions is left to adapters.git_fleet, judging to planning.proposal."""

from collections.abc import Mapping
from dataclasses import dataclass

from wpstate.model.plan import Plan
from wpstate.model.problem import Problem
from wpstate.model.site import SiteId


@dataclass(frozen=True, slots=True)
class FleetTree:
    """Which bytes a fleet's files have at one revision."""

    commit: str
    """40 hex digits."""
    blobs: Mapping[str, str]
    """Object ids by path relative to the fleet folder. Files that only look as if they were the
    fleet's are among them, with an empty id: nobody reads them."""


@dataclass(frozen=True, slots=True)
class CommitWords:
    """What a commit says of itself. Anybody's text."""

    id: str
    author: str
    """As written: `Ada Baker <ada@example.org>`."""
    message: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteWords:
    """What a site's own file says of where it inherits, and which merged keys are its own."""

    profiles: tuple[str, ...]
    staging_of: str | None
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Withheld:
    """A site whose change nobody looks at before it is merged, and why."""

    site: SiteId
    why: str


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the sites have something in common: a client, a window."""

    name: str
    sites: int


@dataclass(frozen=True, slots=True)
class Radius:
    """How far a proposal reaches, over all sites that it would change."""

    sites: int
    changes: int
    refused: int
    """Sites that would not be changed, since a gate says no."""
    clients: tuple[Share, ...]
    offers: tuple[Share, ...]
    rings: tuple[Share, ...]
    windows: tuple[Share, ...]
    """By what is written; sites without one are `at any time`."""
    closed_now: int
    """Sites that may not be changed at this moment."""
    one_way: tuple[str, ...]
    """Migrations that no rollback of code alone takes back, as `SITE ADDRESS`."""
    frozen_s: float
    """How long visitors wait, over all sites."""
    longest_s: float
    """On the site where they wait longest."""
    snapshot_bytes: int
    least_free_bytes: int | None
    """Of the site that has least room left; None where no host told."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What merging `head` into `base` would do."""

    base: str
    head: str
    plan: Plan
    """Of the sites that would be changed, under the policy of `base`."""
    radius: Radius
    policy: tuple[Problem, ...]
    """What it changes of the rules themselves. Until it is merged the rules of `base` hold."""
    withheld: tuple[Withheld, ...]
    leaving: tuple[SiteId, ...]
    """Sites that are in the fleet no more. Nothing is done to them."""
    unchanged: int
    """Sites of which the same is asked as before."""
    digest: str
    """Of what the plan holds: whoever merges agrees to that (`reconcile --approved`)."""
