"""The record of one execution for one site."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from wpstate.model.authority import Authority
from wpstate.model.cache import Purged
from wpstate.model.change import Change
from wpstate.model.look import CheckResult
from wpstate.model.problem import Problem
from wpstate.model.site import SiteId
from wpstate.model.state import Address


class Phase(Enum):
    LOCK = "lock"
    VERIFY = "verify"
    STAGE = "stage"
    FREEZE = "freeze"
    DRAIN = "drain"
    SNAPSHOT = "snapshot"
    APPLY = "apply"
    OBSERVE = "observe"
    POST_CHECK = "post-check"
    ROLLBACK = "rollback"
    THAW = "thaw"
    DONE = "done"


class Outcome(Enum):
    IN_SYNC = "in_sync"
    APPLIED = "applied"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"
    NEEDS_ATTENTION = "needs_attention"
    FAILED = "failed"


class Tier(Enum):
    """How far a rollback went back."""

    WHOLE = "whole"
    """Files and all tables: nobody else wrote meanwhile, or a person accepted the loss."""
    TABLES = "tables"
    """Files, and of the tables only what loses no row of anybody else's."""
    PART = "part"
    """One plugin, theme or file alone."""
    HOST = "host"
    """The host put the site back by itself, whole or by tables as the freeze held."""


BY_HAND = "by-hand"
"""In place of a plan's id: a person asked for a rollback."""


@dataclass(frozen=True, slots=True)
class PhaseTime:
    phase: Phase
    started_at: datetime
    took_s: float
    ok: bool


@dataclass(frozen=True, slots=True)
class Run:
    id: str
    site: SiteId
    plan: str | None
    outcome: Outcome
    started_at: datetime
    took_s: float
    frozen_s: float | None
    phases: tuple[PhaseTime, ...]
    changes: tuple[Change, ...]
    checks: tuple[CheckResult, ...]
    reasons: tuple[Problem, ...]
    revision: str | None = None
    in_background: tuple[Address, ...] = ()
    """Left open: what the site goes on with by itself. Whether it came to its end, the next
    observation tells."""
    caches: tuple[Purged, ...] = ()
    """What was emptied last, after the changes or after the rollback."""
    tier: Tier | None = None
    """How it was put back; None where it was not."""
    authority: Authority | None = None
    """On whose word it ran; None where nobody could tell."""


def end_of_run(
    run_id: str,
    site: SiteId,
    plan: str,
    outcome: Outcome,
    at: datetime,
    reasons: tuple[Problem, ...],
    *,
    revision: str | None,
    changes: tuple[Change, ...] = (),
) -> Run:
    """The record of a run that nobody watched, or that never began: only its end is known."""
    return Run(
        id=run_id,
        site=site,
        plan=plan,
        outcome=outcome,
        started_at=at,
        took_s=0.0,
        frozen_s=None,
        phases=(),
        changes=changes,
        checks=(),
        reasons=reasons,
        revision=revision,
    )
