"""Ends what an earlier controller left on a site: finished or undone, then looked at.

The ending itself is the host's work (safetynet/recover.sh); giving a site free by hand is left to
unlock.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from wpstate.model.cache import Purged
from wpstate.model.desired import DesiredState
from wpstate.model.look import CheckResult
from wpstate.model.observed import ObservedState
from wpstate.model.problem import NeedsAttention, Problem, Refused, WpstateError
from wpstate.model.run import Outcome, Phase, Run
from wpstate.planning.build import build
from wpstate.planning.copies import copy_problem
from wpstate.ports import Ended, Holder, SafetyNet
from wpstate.workflows.attempt import Attempt, giving_back
from wpstate.workflows.hiding import hide_state
from wpstate.workflows.looking import failures, look_thawed, said
from wpstate.workflows.phases import PhaseLog
from wpstate.workflows.purging import flush, flush_in_front
from wpstate.workflows.recording import kept
from wpstate.workflows.records import new_run_id
from wpstate.workflows.staging import prove_origin
from wpstate.workflows.tools import Tools

_SITES_AT_ONCE = 16
_OUTCOMES = {
    Ended.UNTOUCHED: Outcome.FAILED,
    Ended.ROLLED_BACK: Outcome.ROLLED_BACK,
    Ended.CONFIRMED: Outcome.APPLIED,
}
_FOUND = {
    Ended.UNTOUCHED: "nothing was changed yet; the site is free again",
    Ended.ROLLED_BACK: "the site was put back as before that run",
    Ended.CONFIRMED: "the run was confirmed already; visitors have the site again",
}


@dataclass(frozen=True, slots=True)
class Recovery:
    run: Run
    """The abandoned run, with its outcome now known."""
    settled: bool
    """The site is free, and as before that run or as that run confirmed it."""


def recover_site(
    desired: DesiredState, tools: Tools, *, kill: bool = False, instead: str | None = None
) -> Recovery | None:
    """End the run that was left on this site, and record it; None where nobody holds the site.

    Never raises for the site's or the host's trouble: that is an outcome. A run that somebody is
    behind is `refused`. `kill`: processes that the run left on the host do not count as somebody.
    `instead`: the run whose snapshot goes back where the abandoned run's own is damaged.
    """
    site = desired.site
    log = PhaseLog(site.id, tools.clock, tools.progress)
    began_s = tools.clock.monotonic_s()
    holder: Holder | None = None
    checks: tuple[CheckResult, ...] = ()
    purged: tuple[Purged, ...] = ()
    reasons: tuple[Problem, ...]
    settled = False
    try:
        leftovers = tools.open_leftovers(site)
        holder = leftovers.holder()
        if holder is None:
            return None
        if not holder.abandoned and not kill:
            raise Refused([at_work(desired, holder)])
        copied = copy_problem(desired, tools.observer.observe([desired])[site.id])
        if copied is not None:
            raise Refused([_copied_lock(copied, holder)])
        with log.phase(Phase.ROLLBACK, f"recover run {holder.run}"):
            ended = leftovers.recover(holder, kill=kill, instead=instead)
        if ended is Ended.FREE:
            return None
        outcome, reasons = _OUTCOMES[ended], (_abandoned(desired, holder, ended),)
        if ended is Ended.ROLLED_BACK:
            checks, purged = _prove(desired, tools, log)
        settled = True
    except Refused as error:
        outcome, reasons = Outcome.REFUSED, error.problems
    except NeedsAttention as error:
        outcome, reasons = Outcome.NEEDS_ATTENTION, error.problems
    except WpstateError as error:
        outcome, reasons = Outcome.FAILED, error.problems
    now = tools.clock.now()
    run = Run(
        id=holder.run if holder else new_run_id(now),
        site=site.id,
        plan=None,
        outcome=outcome,
        started_at=datetime.fromtimestamp(holder.since_s, UTC) if holder else now,
        took_s=round(tools.clock.monotonic_s() - began_s, 3),
        frozen_s=None,
        phases=log.times,
        changes=(),
        checks=checks,
        reasons=reasons,
        caches=purged,
    )
    if settled or outcome is Outcome.NEEDS_ATTENTION:
        known = tools.ledger.run(run.id)
        if known is not None:
            run = replace(known, outcome=outcome, reasons=reasons, caches=purged)
        run = kept(run, tools)
    return Recovery(run, settled)


def recover_first(several: Sequence[DesiredState], tools: Tools) -> None:
    """End the abandoned runs of these sites before they are planned, so that no plan is made from
    a site half changed. What cannot be ended is left to the plan to see."""

    def left_behind(desired: DesiredState) -> bool:
        try:
            holder = tools.open_leftovers(desired.site).holder()
        except WpstateError:
            return False
        return holder is not None and holder.abandoned

    with ThreadPoolExecutor(_SITES_AT_ONCE, "look") as pool:
        found = tuple(pool.map(left_behind, several))
    for desired, abandoned in zip(several, found, strict=True):
        if abandoned:
            recover_site(desired, tools)


def take_lock(
    attempt: Attempt,
    check: Callable[[ObservedState], None] = lambda _: None,
    *,
    instead: str | None = None,
) -> tuple[SafetyNet, ObservedState]:
    """Observe the site and lock it, ending first what an earlier controller left on it.

    `instead` is for `recover_site`.

    `check` may refuse the site as it is seen, before the lock. Raises Refused (`run.locked`)
    where another run holds the site and somebody is behind it.
    """
    desired, tools = attempt.desired, attempt.tools
    seen = attempt.observe()
    _refuse_copy(attempt, seen)
    if seen.faults:
        # Half changed, perhaps; the lock may know of it.
        recovery = recover_site(desired, tools, instead=instead)
        if recovery is not None and recovery.settled:
            seen = attempt.observe()
    check(seen)
    try:
        return _locked(attempt, seen), seen
    except Refused as refused:
        if refused.problems[0].slug != "run.locked":
            raise
        recovery = recover_site(desired, tools, instead=instead)
        if recovery is not None and not recovery.settled:
            raise _unrecovered(refused, recovery) from None
    seen = attempt.observe()
    check(seen)
    return _locked(attempt, seen), seen


def _refuse_copy(attempt: Attempt, seen: ObservedState) -> None:
    """Before anything that an earlier run left here is believed: it may be another site's."""
    problem = copy_problem(attempt.desired, seen)
    if problem is not None and not attempt.adopts:
        raise Refused([problem])


def _copied_lock(copied: Problem, holder: Holder) -> Problem:
    """Undoing that run here would put another site's snapshot into this one."""
    return replace(
        copied,
        found=f"{copied.found}; with it came the lock of run {holder.run}",
        mend="remove the folder `lock` from the site's state folder on the host, then adopt",
    )


def at_work(desired: DesiredState, holder: Holder) -> Problem:
    """The problem of a lock that somebody is behind, with all that a person needs to judge it."""
    return Problem(
        "run.locked",
        "another run holds this site",
        key=desired.site.id,
        found=facts(holder),
        why="two runs on one site would undo each other's work",
        mend="wait until it ends; an abandoned run is ended after ten minutes of silence",
    )


def facts(holder: Holder) -> str:
    since = datetime.fromtimestamp(holder.since_s, UTC)
    return (
        f"run {holder.run} of {holder.controller} since {since:%Y-%m-%d %H:%M:%S} UTC, heard of "
        f"{holder.heartbeat_age_s} s ago, {holder.living} at work on the host, id {holder.nonce}"
    )


def _locked(attempt: Attempt, seen: ObservedState) -> SafetyNet:
    hide_state(attempt, seen)
    net = attempt.tools.open_net(attempt.desired.site, seen)
    net.acquire(attempt.run, attempt.tools.controller)
    return net


def _unrecovered(refused: Refused, recovery: Recovery) -> WpstateError:
    match recovery.run.outcome:
        case Outcome.NEEDS_ATTENTION:
            return NeedsAttention(recovery.run.reasons)
        case Outcome.REFUSED:
            return Refused(recovery.run.reasons)
        case _:
            return refused


def _prove(
    desired: DesiredState, tools: Tools, log: PhaseLog
) -> tuple[tuple[CheckResult, ...], tuple[Purged, ...]]:
    """Empty the site's caches of the undone code, and look as a visitor.

    Raises NeedsAttention (`check.after_thaw`).
    """
    now = tools.clock.now()
    plan = build("recover", "", [], revision=None, dirty=False, now=now)
    attempt = Attempt(plan, None, desired, tools, log, new_run_id(now), started_at=now)
    with log.phase(Phase.POST_CHECK):
        attempt.seen = attempt.observe()
        net = _locked(attempt, attempt.seen)
        with giving_back(net.release):
            try:
                prove_origin(attempt, net)
                flush(attempt, net)
            except Refused:
                pass  # what a visitor sees is judged below, whoever answers
            finally:
                net.remove_beacon()
        flush_in_front(attempt)
        checks = look_thawed(attempt)
    ill = failures(checks)
    if ill:
        raise NeedsAttention(
            attempt.problem(
                "check.after_thaw",
                "the site does not answer visitors as before",
                said(check),
                "after the thaw one anonymous look must succeed",
                f"look at {desired.site.url}",
            )
            for check in ill
        )
    return checks, attempt.purged


def _abandoned(desired: DesiredState, holder: Holder, ended: Ended) -> Problem:
    how = "its process is gone" if holder.dead else f"silent for {holder.heartbeat_age_s} s"
    return Problem(
        "run.abandoned",
        "the controller of this run did not come back",
        key=desired.site.id,
        found=f"{_FOUND[ended]}; {holder.controller}: {how}",
        why="a run that nobody is behind is undone, or finished where it was confirmed",
        mend=f"wpstate plan {desired.site.id}",
    )
