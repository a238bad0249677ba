"""Carries out a site's plan that another machine handed over: begun here, or, where the worker that
began it was lost, brought to its end.

Which job is whose is left to the queue (adapters.site_queue), what a run does to apply, how one
that was left is ended to recover.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.plan import Plan
from wpstate.model.problem import Failed, Problem, Refused, WpstateError
from wpstate.model.run import Outcome, Run, end_of_run
from wpstate.model.run_id import new_run_id
from wpstate.model.site import Host
from wpstate.planning.verify import plan_problems
from wpstate.workflows.recording import kept
from wpstate.workflows.recover import recover_site
from wpstate.workflows.tools import Tools

SILENT_S = 40
"""A run tells its host each half minute that somebody is behind it."""
_LOOK_EACH_S = 2.0
_UNREACHABLE_S = 120.0
_UNWRITTEN = "ledger.unwritable"

Begin = Callable[[Plan, Fleet, str], Run]
"""Runs it under this id, in a process of its own."""
Noted = Callable[[str, Host | None], None]
"""Hears of a run's id and its host before anything is begun, and raises where it may not begin."""


HeldBack = Callable[[Plan, DesiredState, Fleet], tuple[Problem, ...]]
"""Why it may not begin now, by this machine's own files (workflows.judged_anew)."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    plan: Plan
    """Of one site. Anybody who can write where jobs lie may have written it."""
    began: str | None
    """The run that a worker made of it, which then was lost."""


def carry_out(
    job: HandedOver,
    fleet: Fleet,
    tools: Tools,
    begin: Begin,
    noted: Noted,
    held_back: HeldBack,
) -> Run:
    """`fleet` is composed of this machine's own files.

    Never raises for the site's or the host's trouble: that is an outcome, in the ledger.
    """
    if len(job.plan.sites) != 1:
        raise Refused([_stale(job.plan, "a plan of one site, and no other, is handed over")])
    site = job.plan.sites[0].site
    desired = next((each for each in fleet.sites if each.site.id == site), None)
    if job.began is not None and desired is not None:
        ended = _ended(job.began, job.plan, desired, tools)
        if ended is not None:
            return ended
    now = tools.clock.now()
    run_id = new_run_id(now)
    problems = plan_problems(job.plan, fleet.name, now, allow_dirty=True)
    if desired is None:
        problems = (*problems, _stale(job.plan, f"no site {site} in this machine's fleet folder"))
    noted(run_id, desired.site.host if desired else None)
    if desired is not None and not problems:
        problems = held_back(job.plan, desired, fleet)
    if problems or desired is None:
        refused = end_of_run(
            run_id,
            site,
            job.plan.id,
            Outcome.REFUSED,
            now,
            problems,
            revision=job.plan.revision,
        )
        return kept(refused, tools)
    try:
        run = begin(job.plan, replace(fleet, sites=(desired,)), run_id)
    except Failed as failed:  # its process was killed
        ended = _ended(run_id, job.plan, desired, tools)
        if ended is not None:
            return ended
        outcome = Outcome.FAILED
        return kept(_record(run_id, job.plan, desired, tools, outcome, failed.problems), tools)
    if tools.ledger.run(run.id) is None:  # its process could not write it
        reasons = tuple(problem for problem in run.reasons if problem.slug != _UNWRITTEN)
        run = tools.ledger.add(replace(run, reasons=reasons))
    return run


def _ended(run_id: str, plan: Plan, desired: DesiredState, tools: Tools) -> Run | None:
    """What became of a run whose worker is gone, waiting for its end or making one. None where it
    had not begun on the site: then it is as if it never was."""
    give_up_at = tools.clock.monotonic_s() + _UNREACHABLE_S
    while True:
        known = tools.ledger.run(run_id)
        if known is not None:
            return known
        try:
            ended = _end_on_host(run_id, plan, desired, tools)
        except WpstateError as error:
            # The host may come back; what it holds is the truth, and nobody else knows it.
            if tools.clock.monotonic_s() >= give_up_at:
                return kept(_unknown(run_id, plan, desired, tools, error), tools)
        else:
            if not isinstance(ended, _Waits):
                return ended
        tools.clock.pause(_LOOK_EACH_S)


@dataclass(frozen=True, slots=True)
class _Waits:
    """Somebody is behind it still: its own process, or the host's watchdog."""


def _end_on_host(
    run_id: str, plan: Plan, desired: DesiredState, tools: Tools
) -> Run | _Waits | None:
    holder = tools.open_leftovers(desired.site).holder()
    if holder is not None and holder.run == run_id:
        if not holder.dead and holder.heartbeat_age_s < SILENT_S:
            return _Waits()
        recovery = recover_site(desired, tools, gone=run_id)
        if recovery is not None and recovery.run.id == run_id:
            if recovery.settled or recovery.run.outcome is Outcome.NEEDS_ATTENTION:
                return recovery.run
            raise Refused(recovery.run.reasons)
    # It holds the site no more. Its record may have come in between.
    known = tools.ledger.run(run_id)
    if known is not None:
        return known
    seen = tools.observer.observe([desired])[desired.site.id]
    if seen.faults:
        raise Refused([Problem(f"observe.{fault.code}", fault.detail) for fault in seen.faults])
    if seen.applied.run == run_id:
        return kept(_silent(run_id, plan, desired, tools, Outcome.APPLIED), tools, settled=True)
    if plan.id in seen.applied.used_plans:
        outcome = Outcome.ROLLED_BACK
        return kept(_silent(run_id, plan, desired, tools, outcome), tools, settled=True)
    return None


def _silent(run_id: str, plan: Plan, desired: DesiredState, tools: Tools, outcome: Outcome) -> Run:
    """Of a run that came to its end on the site, and whose worker was lost before it said so."""
    problem = Problem(
        "run.worker_lost",
        "the worker of this run was lost before it could say how the run ended",
        key=desired.site.id,
        found=f"the host's own record: {outcome.value}",
        why="what the host holds decides",
        mend=f"wpstate plan {desired.site.id}",
    )
    return _record(run_id, plan, desired, tools, outcome, (problem,))


def _unknown(
    run_id: str, plan: Plan, desired: DesiredState, tools: Tools, error: WpstateError
) -> Run:
    problem = Problem(
        "run.worker_lost",
        "the worker of this run was lost, and its site cannot be asked what became of it",
        key=desired.site.id,
        found=f"run {run_id}",
        why="a run that nobody is behind is undone, or finished where it was confirmed",
        mend=f"wpstate recover {desired.site.id}",
    )
    reasons = (problem, *error.problems)
    return _record(run_id, plan, desired, tools, Outcome.NEEDS_ATTENTION, reasons)


def _record(
    run_id: str,
    plan: Plan,
    desired: DesiredState,
    tools: Tools,
    outcome: Outcome,
    reasons: tuple[Problem, ...],
) -> Run:
    return end_of_run(
        run_id,
        desired.site.id,
        plan.id,
        outcome,
        tools.clock.now(),
        reasons,
        revision=plan.revision,
        changes=plan.sites[0].changes if outcome is Outcome.APPLIED else (),
    )


def _stale(plan: Plan, found: str) -> Problem:
    return Problem(
        "plan.stale",
        "the plan does not fit this machine's fleet folder",
        key=plan.id,
        found=found,
        why="what is carried out is what both machines' files ask for",
        mend="bring the fleet folders of all machines to one revision, then plan again",
    )
