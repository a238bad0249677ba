"""New versions: what sources have, what the fleet's policy says of them, and what came of it.

Asking sources is left to adapters.directory, deciding to planning.bump.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from wpstate.model.facts import Vulnerability
from wpstate.model.site import SiteId

DAY_S = 86_400


class Name(NamedTuple):
    """A component of the catalog: `plugins` and the name of its folder."""

    kind: str
    slug: str


class Step(Enum):
    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


@dataclass(frozen=True, slots=True)
class BumpPolicy:
    """`bump` of fleet.yml."""

    cool_down_s: Mapping[Step, int] = field(
        default_factory=lambda: {
            Step.PATCH: 2 * DAY_S,
            Step.MINOR: 7 * DAY_S,
            Step.MAJOR: 30 * DAY_S,
        }
    )
    """How old a version must be before it is proposed."""
    security_at_once: bool = True
    """What mends a known vulnerability waits for no cool-down."""
    holds_untested: bool = False
    """A version that does not say that it was tried with the approved WordPress is not proposed."""
    follows_pins: bool = False
    """What pins the approved version, for no reason and until no day, goes along."""
    together: Mapping[str, tuple[Name, ...]] = field(default_factory=dict)
    """Components that change in one proposal or not at all, by the name of their group."""


@dataclass(frozen=True, slots=True)
class Release:
    """One version that a source has."""

    version: str
    released_at: datetime | None = None
    """As its source says, or when it was first seen here; None where nobody knows."""
    requires_wp: str | None = None
    requires_php: str | None = None
    tested: str | None = None
    """The newest WordPress that its authors tried it with."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a source tells of a component. Texts are harmless to look at."""

    releases: tuple[Release, ...] = ()
    """Newest first, each version once; of those beside the first no more than that is known."""
    author: str | None = None
    closed: str | None = None
    """Why, or since when, it is no longer offered."""
    insecure: frozenset[str] = frozenset()
    """Versions that the source itself calls insecure."""
    changelog: tuple[str, ...] = ()
    """Lines of its authors, newest version first."""
    unknown: str | None = None
    """Why nobody could say."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A component whose source is asked what it has."""

    name: Name
    called: str
    """Its name at the source."""
    source: str
    """`wordpress.org`, `vault`, `git`, `host`, `composer`."""
    approved: str
    zips: tuple[str, ...] = ()
    """Versions that the catalog itself names zips of."""


@dataclass(frozen=True, slots=True)
class Use:
    """A site that has a component of the catalog."""

    site: SiteId
    ring: str | None
    wordpress: str | None
    php: str | None
    """As the site was seen; None where it was not."""
    pinned: str | None = None
    """The version that it asks for, whatever is approved."""
    pin_in: str | None = None
    """The file whose pin goes along with what is approved."""


@dataclass(frozen=True, slots=True)
class Component:
    """What is approved, and all that a decision about its next version needs."""

    name: Name
    approved: str
    listed: Listed
    uses: tuple[Use, ...] = ()
    author: str | None = None
    """Who it must be from, where that is known."""
    holes: tuple[Vulnerability, ...] = ()
    """Of any of its versions."""
    frozen: Mapping[str, SiteId] = field(default_factory=dict)
    """Versions that were rolled back, each with the site."""
    called: str = ""
    """Its name at its source, and in the lock."""


class Standing(Enum):
    CURRENT = "current"
    PROPOSED = "proposed"
    WAITING = "waiting"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outdated:
    """One component of the catalog and its next version."""

    kind: str
    slug: str
    approved: str
    newest: str | None
    released_at: datetime | None
    """Of the newest."""
    standing: Standing
    proposed: str | None
    """The version that policy lets pass; not always the newest."""
    step: Step | None
    """From the approved one to the newest, or to what is proposed."""
    mends: tuple[str, ...]
    """Vulnerabilities of the approved version that the proposed one has not."""
    sites: int
    pinned: int
    """Sites that ask for another version, whatever is approved."""
    group: str | None
    """Whose parts are proposed as one or not at all; None where it moves by itself."""
    why: tuple[str, ...]
    """Why it is proposed now, or not yet, or what nobody knows."""
