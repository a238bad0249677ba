"""What feeds say of versions: vulnerable, closed, no longer kept up. Reading feeds is left to
resources.feeds, keeping them to adapters.fact_store, judging a site to planning.findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import TypeAlias

from wpstate.model.secret import SecretHeader
from wpstate.model.state import Address

Part: TypeAlias = tuple[str, str]
"""What a feed speaks of: `plugin`, `theme` or `core`, and its name in small letters. WordPress is
`wordpress`, and also each of its versions without dots: some feeds know it only by those."""
CORE: Part = ("core", "wordpress")


class Severity(Enum):
    """Gravest first. Scores as CVSS 3.1 names them; `unrated` where a feed gives none."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNRATED = "unrated"


class Response(Enum):
    """What is to be done about a vulnerability."""

    UPDATE = "update"
    MITIGATE = "mitigate"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Versions from one to another, in PHP's order; None where it has no such end."""

    oldest: str | None = None
    oldest_in: bool = True
    newest: str | None = None
    newest_in: bool = True


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One record of one feed about one part. All texts are harmless to look at."""

    feed: str
    id: str
    title: str
    severity: Severity
    score: float | None
    cves: tuple[str, ...]
    ranges: tuple[VersionRange, ...]
    """Affected are those in any of them."""
    fixed_in: tuple[str, ...]
    link: str | None
    notices: tuple[str, ...] = ()
    """What its licence asks to be shown with it."""
    since: datetime | None = None
    """When this controller first kept it; None where it never did, or not yet."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a directory says of a part."""

    feed: str
    closed: bool = False
    closed_on: date | None = None
    reason: str | None = None
    updated_on: date | None = None


@dataclass(frozen=True, slots=True)
class FactSource:
    """A feed that the fleet names: its format, and where it is."""

    feed: str
    place: str
    """A path below the fleet folder, or an address."""
    is_file: bool
    key: SecretHeader | None = None


@dataclass(frozen=True, slots=True)
class FeedState:
    """How a feed stands: the last good copy, and the last try."""

    feed: str
    place: str
    kept_at: datetime | None
    """When the copy that is kept was fetched; None where there is none."""
    records: int
    left_out: int
    """Records that were not understood."""
    tried_at: datetime | None
    error: str | None
    """Of the last try; None where it went well."""
    is_fresh: bool
    """Young enough for its silence to mean something."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the feeds say of some parts. Empty where there is no feed: then nothing is known."""

    at: datetime | None = None
    """When it was asked; responses with an end are judged by it."""
    feeds: tuple[FeedState, ...] = ()
    vulnerabilities: Mapping[Part, tuple[Vulnerability, ...]] = field(default_factory=dict)
    listings: Mapping[Part, tuple[Listing, ...]] = field(default_factory=dict)
    covered: frozenset[Part] = frozenset()
    """Parts whose vulnerabilities a fresh feed would tell: its silence is worth something."""


NOTHING_KNOWN = Known()
"""There is no feed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What policy says to do about a severity or about one vulnerability."""

    to: str
    """`critical`, or an id such as `CVE-2026-21001`."""
    response: Response
    until: str | None = None
    """The last day on which it holds, as 2027-01-15."""
    owner: str | None = None
    why: str | None = None
    """For what mitigates: how."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What facts say of one component of one site."""

    address: Address
    sort: str
    """`vulnerable`, `closed`, `abandoned`, `licence`."""
    version: str | None
    managed: bool
    """Desired state asks for it; otherwise it is only there."""
    feed: str
    """Who says so: a feed, or `catalog`."""
    text: str
    """A title, or a sentence of ours."""
    response: Response | None = None
    """For what is vulnerable."""
    id: str | None = None
    severity: Severity | None = None
    score: float | None = None
    cves: tuple[str, ...] = ()
    fixed_in: tuple[str, ...] = ()
    """Versions newer than this one that are not affected, oldest first."""
    link: str | None = None
    answer: str | None = None
    """Who mitigates or accepts it until when, or until when somebody did."""
    after: str | None = None
    """What this plan does about it."""
    notices: tuple[str, ...] = ()
    since: datetime | None = None
    """When it became known here."""
