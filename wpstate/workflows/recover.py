"""Ends what an earlier controller left on a site: finished or undone, then looked at.

The ending itself is the host's work (safetynet/recover.sh); giving a site free by hand is left to
unlock, doing this before a run of one's own to take_lock.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from wpstate.model.cache import Purged
from wpstate.model.desired import DesiredState
from wpstate.model.look import CheckResult
from wpstate.model.observed import ObservedState
from wpstate.model.problem import NeedsAttention, Problem, Refused, WpstateError
from wpstate.model.run import Outcome, Phase, Run, Tier
from wpstate.model.run_id import new_run_id
from wpstate.planning.build import build
from wpstate.planning.copies import copy_problem
from wpstate.ports import Ended, Holder, SafetyNet
from wpstate.workflows.attempt import Attempt, giving_back
from wpstate.workflows.hiding import hide_state
from wpstate.workflows.holders import abandoned_run, at_work, copied_lock
from wpstate.workflows.looking import failures, look_thawed, said
from wpstate.workflows.phases import PhaseLog
from wpstate.workflows.purging import flush, flush_in_front
from wpstate.workflows.recording import kept, tell_end
from wpstate.workflows.staging import prove_origin
from wpstate.workflows.tools import Tools

_SITES_AT_ONCE = 16
_OUTCOMES = {
    Ended.UNTOUCHED: Outcome.FAILED,
    Ended.ROLLED_BACK: Outcome.ROLLED_BACK,
    Ended.CONFIRMED: Outcome.APPLIED,
}


@dataclass(frozen=True, slots=True)
class Recovery:
    run: Run
    """The abandoned run, with its outcome now known."""
    settled: bool
    """The site is free, and as before that run or as that run confirmed it."""


def recover_site(
    desired: DesiredState,
    tools: Tools,
    *,
    kill: bool = False,
    instead: str | None = None,
    gone: str | None = None,
) -> Recovery | None:
    """End the run that was left on this site, and record it; None where nobody holds the site.

    Never raises for the site's or the host's trouble: that is an outcome. A run that somebody is
    behind is `refused`. `kill`: processes that the run left on the host do not count as somebody.
    `instead`: the run whose snapshot goes back where the abandoned run's own is damaged. `gone`: a
    run of which it is known that nobody is behind it.
    """
    site = desired.site
    log: PhaseLog | None = None
    began_s = tools.clock.monotonic_s()
    holder: Holder | None = None
    checks: tuple[CheckResult, ...] = ()
    purged: tuple[Purged, ...] = ()
    tier: Tier | None = None
    reasons: tuple[Problem, ...]
    settled = False
    try:
        leftovers = tools.open_leftovers(site)
        holder = leftovers.holder()
        if holder is None:
            return None
        known_gone = replace(holder, dead=True) if holder.run == gone else holder
        if not known_gone.abandoned and not kill:
            raise Refused([at_work(desired, holder)])
        copied = copy_problem(desired, tools.observer.observe([desired])[site.id])
        if copied is not None:
            raise Refused([copied_lock(copied, holder)])
        log = PhaseLog(site.id, holder.run, tools.clock, tools.progress)
        with log.phase(Phase.ROLLBACK, f"recover run {holder.run}"):
            ended = leftovers.recover(known_gone, kill=kill, instead=instead)
        if ended is Ended.FREE:
            return None
        outcome, reasons = _OUTCOMES[ended], (abandoned_run(desired, holder, ended),)
        if ended is Ended.ROLLED_BACK:
            tier = Tier.HOST
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
        phases=log.times if log else (),
        changes=(),
        checks=checks,
        reasons=reasons,
        caches=purged,
        tier=tier,
    )
    if settled or outcome is Outcome.NEEDS_ATTENTION:
        run = kept(run, tools, settled=settled)
    elif log is not None:
        tell_end(run, tools)
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


def locked(attempt: Attempt, seen: ObservedState) -> SafetyNet:
    """The safety net of a site that this run holds from now on. Raises Refused (`run.locked`)."""
    hide_state(attempt, seen)
    net = attempt.tools.open_net(attempt.desired.site, seen)
    net.acquire(attempt.run, attempt.tools.controller)
    return net


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
        net = locked(attempt, attempt.seen)
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
