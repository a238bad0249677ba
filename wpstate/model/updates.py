"""When a site may be changed. Judging a moment is left to planning.windows."""

from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class Window:
    """Opens on some days of each week, by the clock of one place."""

    days: frozenset[int]
    """Of the opening: 0 is Monday, as in `date.weekday`."""
    opens: time
    closes: time
    """Not later than `opens`: on the day after."""
    zone: str
    """IANA name: `Europe/Paris`."""
    written: str
    """As it stands in the file."""


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which nothing is changed, windows or not; both ends count."""

    first: date
    last: date
    zone: str
    why: str
    yearly: bool = False
    """Each year: of both dates month and day alone count, and `last` may be in the year after."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Sites that get what is new together; those of the rings before prove it for them."""

    name: str
    after_s: int = 0
    """How long it must have held on all rings before; 0: at once."""
    share: float = 0.0
    """Of the sites that name no ring."""


@dataclass(frozen=True, slots=True)
class Updates:
    windows: tuple[Window, ...] = ()
    """None: at any time."""
    closed: tuple[Closure, ...] = ()
    security_within_s: int | None = None
    """What mends a known vulnerability waits for a window that opens so soon after it became known,
    and for no other; 0: for none. None: as all else does."""
    ring: str | None = None
    """None: by the shares of the rings, else the last."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What windows and closed days say of one moment."""

    is_open: bool
    at: datetime | None
    """Since when it is open, or when it opens next, in UTC; None: always, or not in a year."""
    until: datetime | None
    """When it closes; None: never."""
    why: str = ""
    """What keeps it closed, in words."""
