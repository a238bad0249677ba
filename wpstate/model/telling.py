"""Telling people: whom and when, what there is to tell, and what was told already.

Deciding what is told is left to planning.telling, the words to report.
"""

from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum

from wpstate.model.secret import SecretReference
from wpstate.model.site import SiteId
from wpstate.model.updates import Window


class Sort(Enum):
    """Of troubles, gravest first."""

    SITE_DOWN = "site_down"
    """A site that cannot be seen, or that is ill before anybody changed it."""
    NEEDS_ATTENTION = "needs_attention"
    SILENT = "silent"
    """No pass was made for too long."""
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"
    VULNERABLE = "vulnerable"
    DRIFT = "drift"


AT_ONCE = (Sort.SITE_DOWN, Sort.NEEDS_ATTENTION, Sort.SILENT)
"""What does not wait for the digest."""
TICKETS = (Sort.SITE_DOWN, Sort.NEEDS_ATTENTION)


@dataclass(frozen=True, slots=True)
class DigestTime:
    """Some days of each week, at a time of day by the clock of one place."""

    days: frozenset[int]
    """0 is Monday, as in `date.weekday`."""
    at: time
    zone: str
    """IANA name: `Europe/Paris`."""
    written: str
    """As it stands in the file."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What fleet.yml says under `tell`."""

    receivers: tuple[tuple[str, SecretReference], ...] = ()
    """Names, and where the address of each is kept: it holds a token, so it is a secret."""
    digest: DigestTime | None = None
    digest_to: tuple[str, ...] = ()
    at_once: tuple[Sort, ...] = AT_ONCE
    at_once_to: tuple[str, ...] = ()
    tickets: tuple[Sort, ...] = TICKETS
    tickets_to: tuple[str, ...] = ()
    quiet: Window | None = None
    """Hours that hold back what goes at once, but for `wakes`."""
    wakes: tuple[Sort, ...] = ()
    heartbeat: SecretReference | None = None
    silent_after_s: int | None = None
    """A longer time without a pass is told. None: by the fleet's schedule."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause of trouble, with all the sites that have it: what people are told of once."""

    cause: str
    """Its name: `site_down:observe.unreachable:192.0.2.7:22`. Stays while it lasts."""
    sort: Sort
    text: str
    """One line, harmless to look at."""
    sites: tuple[tuple[SiteId, str], ...] = ()
    """Sorted, each with what was found there: short, harmless to look at."""

    @property
    def names(self) -> frozenset[SiteId]:
        return frozenset(site for site, _ in self.sites)


@dataclass(frozen=True, slots=True)
class Lasting:
    """A trouble that is there, and what people know of it."""

    trouble: Trouble
    since: datetime
    told_at: datetime | None = None
    """When it was last told at once, or held back for the end of quiet hours."""
    told_sites: tuple[SiteId, ...] = ()
    is_hushed: bool = False
    """Somebody acknowledged it: it speaks again when that ends."""
    ticket_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A trouble that is well again."""

    trouble: Trouble
    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Held back by quiet hours."""

    trouble: Trouble
    since: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """For one receiver, until it has gone out."""

    id: str
    to: str
    title: str
    """Of a ticket the same from its opening to its end: alert systems know it again by that."""
    body: str
    tone: str
    """`info`, `warning`, `failure` or `success`."""
    made_at: datetime
    is_end: bool = False
    """Of a ticket: some receivers could only open a second one with it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What people of one fleet were told, and what still waits."""

    passed_at: datetime
    """When the last pass ended."""
    digest_at: datetime
    """Up to when the digests tell; at first, since when there is something to tell."""
    lasting: tuple[Lasting, ...] = ()
    """Sorted by cause."""
    ended: tuple[Ended, ...] = ()
    """Since the last digest."""
    held: tuple[Held, ...] = ()
    outbox: tuple[Message, ...] = ()
    """Not sent yet, or tried in vain: with the next pass again."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody knows, and wants to hear no more of it for some time."""

    named: str
    """A cause, or a site: all that it has now."""
    covers: tuple[tuple[str, tuple[SiteId, ...]], ...]
    """Causes, and the sites that had them then."""
    by: str
    at: datetime
    until: datetime
    why: str


class What(Enum):
    """Why something is told."""

    BEGAN = "began"
    SPREAD = "spread"
    STILL = "still"
    """Once a day while it lasts."""
    UNHUSHED = "unhushed"
    """It was acknowledged until now."""
    HELD = "held"
    TICKET = "ticket"
    TICKET_ENDED = "ticket_ended"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell, to these receivers. What it is about depends on `what`."""

    what: What
    to: tuple[str, ...]
    lasting: Lasting | None = None
    ended: tuple[Ended, ...] = ()
    held: tuple[Held, ...] = ()
    since: datetime | None = None
    """Of a digest: since the one before."""
