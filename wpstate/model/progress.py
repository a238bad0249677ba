"""What is told of a command while it is under way, as it happens. What a run was in the end is its
record, a Run."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from wpstate.model.run import Outcome, Phase
from wpstate.model.site import SiteId


@dataclass(frozen=True, slots=True)
class Looked:
    """So many of the sites that are looked at have been seen, or will not be."""

    at: datetime
    sites: int
    accounts: int
    answered: int


@dataclass(frozen=True, slots=True)
class SetOut:
    """These sites are to be changed, or found to need no change. Told again where there are more
    of them, or for a part of them."""

    at: datetime
    sites: tuple[SiteId, ...]


@dataclass(frozen=True, slots=True)
class PhaseBegan:
    at: datetime
    site: SiteId
    run: str
    phase: Phase
    text: str
    """May come from a host."""


@dataclass(frozen=True, slots=True)
class PhaseEnded:
    at: datetime
    site: SiteId
    run: str
    phase: Phase
    took_s: float
    ok: bool


@dataclass(frozen=True, slots=True)
class Frozen:
    """From now on visitors wait."""

    at: datetime
    site: SiteId
    run: str


@dataclass(frozen=True, slots=True)
class Thawed:
    at: datetime
    site: SiteId
    run: str
    frozen_s: float


@dataclass(frozen=True, slots=True)
class RunEnded:
    at: datetime
    site: SiteId
    run: str
    outcome: Outcome
    took_s: float
    frozen_s: float | None


@dataclass(frozen=True, slots=True)
class Stopping:
    """A person asked to stop while runs were under way; `again`: for the second time."""

    at: datetime
    runs: int
    again: bool


OfRun: TypeAlias = PhaseBegan | PhaseEnded | Frozen | Thawed | RunEnded
ProgressEvent: TypeAlias = Looked | SetOut | Stopping | OfRun
