"""Turns what happens in a run into its record in the ledger. What is done is left to the caller."""

from collections.abc import Callable
from dataclasses import replace

from wpstate.model.desired import DesiredState
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Failed, NeedsAttention, Problem, Refused, WpstateError
from wpstate.model.progress import RunEnded
from wpstate.model.run import Outcome, Run
from wpstate.model.run_id import new_run_id
from wpstate.planning.authority import authority_of
from wpstate.workflows.attempt import Attempt
from wpstate.workflows.phases import PhaseLog
from wpstate.workflows.tools import Tools

Ending = tuple[Outcome, tuple[Problem, ...]]


def recorded(
    plan: Plan,
    desired: DesiredState,
    site_plan: SitePlan | None,
    tools: Tools,
    work: Callable[[Attempt], Ending],
    *,
    run_id: str | None = None,
    foreign: bool = False,
) -> Run:
    """Run `work` on one site and record how it ended, with phases and reasons. `run_id`: where
    somebody must know it before there is a record; `foreign`: of the attempt.

    wpstate's own errors become outcomes; KeyboardInterrupt comes through after the record.
    """
    started_at, began_s = tools.clock.now(), tools.clock.monotonic_s()
    run_id = run_id or new_run_id(started_at)
    log = PhaseLog(desired.site.id, run_id, tools.clock, tools.progress)
    attempt = Attempt(
        plan, site_plan, desired, tools, log, run_id, started_at=started_at, foreign=foreign
    )
    interrupt: KeyboardInterrupt | None = None
    reasons: tuple[Problem, ...] = ()
    try:
        if tools.interrupts.noted:
            raise KeyboardInterrupt  # heard before there was a run to stop
        outcome, reasons = work(attempt)
    except WpstateError as error:
        outcome, reasons = _outcome_of(attempt, error)
    except KeyboardInterrupt as stop:
        interrupt = stop
        told = attempt.interrupted_for or (_stopped(attempt),)
        outcome, reasons = attempt.settled or (attempt.interrupted_as, told)
    except OSError as error:
        # This machine's own trouble, such as a full disk; the site has been seen to by then.
        outcome, reasons = attempt.settled or (attempt.interrupted_as, attempt.interrupted_for)
        reasons = (*reasons, _own_trouble(attempt, error))
    run = Run(
        id=attempt.run,
        site=desired.site.id,
        plan=plan.id,
        outcome=outcome,
        started_at=started_at,
        took_s=round(tools.clock.monotonic_s() - began_s, 3),
        frozen_s=attempt.frozen_until_now_s,
        phases=log.times,
        changes=attempt.changes,
        checks=attempt.checks,
        reasons=reasons,
        revision=plan.revision,
        in_background=attempt.in_background if outcome is Outcome.APPLIED else (),
        caches=attempt.purged,
        tier=attempt.tier,
        authority=authority_of(plan, site_plan),
    )
    run = kept(run, tools)
    if interrupt is not None:
        raise interrupt
    if tools.interrupts.noted:
        raise KeyboardInterrupt
    return run


def _outcome_of(attempt: Attempt, error: WpstateError) -> Ending:
    if attempt.settled is not None:
        outcome, reasons = attempt.settled
        return outcome, (*reasons, *error.problems)
    match error:
        case Refused():
            return Outcome.REFUSED, error.problems
        case NeedsAttention():
            return Outcome.NEEDS_ATTENTION, error.problems
        case _:
            return Outcome.FAILED, error.problems


def kept(run: Run, tools: Tools, *, settled: bool = False) -> Run:
    """Write a run into the ledger, and tell its end; `settled`: as what became of a run that
    somebody else began. Returned is what the ledger holds. A ledger that cannot be written is one
    more thing to tell: what was done is done, and the host has its own record."""
    try:
        held = tools.ledger.settle(run) if settled else tools.ledger.add(run)
    except Failed as failed:
        held = replace(run, reasons=(*run.reasons, *failed.problems))
    tell_end(held, tools)
    return held


def tell_end(run: Run, tools: Tools) -> None:
    ended = RunEnded(tools.clock.now(), run.site, run.id, run.outcome, run.took_s, run.frozen_s)
    tools.progress.tell(ended)


def _stopped(attempt: Attempt) -> Problem:
    return attempt.problem(
        "run.interrupted",
        "the run was stopped",
        "by a person, or by whatever ended its process",
        "a run that is stopped puts its site back before it ends",
        f"wpstate plan {attempt.desired.site.id}",
    )


def _own_trouble(attempt: Attempt, error: OSError) -> Problem:
    return attempt.problem(
        "controller.write",
        "this machine could not read or write what the run needs",
        str(error),
        "the disk may be full, or a folder of WPSTATE_HOME or TMPDIR not yours",
        "make room, then plan again",
    )
