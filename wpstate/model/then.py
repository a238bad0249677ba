"""What was asked of a site at some time, and what runs had confirmed of it by then."""

from dataclasses import dataclass
from datetime import datetime

from wpstate.model.run import Outcome
from wpstate.model.site import SiteId
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address, State


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A value that a run saw as it ended."""

    state: State
    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AskedThen:
    address: Address
    want: State | None
    """None: git did not name it then, and a run had changed it."""
    where: SourceSpan | None
    label: str
    confirmed: Confirmed | None
    """None: no run of this controller had changed it by then."""


@dataclass(frozen=True, slots=True)
class RunThen:
    id: str
    outcome: Outcome
    started_at: datetime
    revision: str | None


@dataclass(frozen=True, slots=True)
class Then:
    site: SiteId
    revision: str
    committed_at: datetime
    until: datetime
    """Runs that began later do not count."""
    resources: tuple[AskedThen, ...]
    """Sorted by address."""
    last_run: RunThen | None
    """The newest by then, however it ended."""
