"""When passes over a fleet begin. Judging a moment is left to planning.schedule."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Every:
    """So long after the beginning of the pass before."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Cron:
    """Five fields as crontab(5) has them, by the clock of one place."""

    fields: str
    zone: str = "UTC"
    """IANA name: `Europe/Paris`."""


When: TypeAlias = Every | Cron


@dataclass(frozen=True, slots=True)
class Schedule:
    when: When
    jitter_s: int | None = None
    """A pass begins up to so much later, by chance. None: planning.schedule's own."""
