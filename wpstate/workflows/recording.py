"""Turns what happens in a run into its record in the ledger. What is done is left to the caller."""

from collections.abc import Callable

from wpstate.model.desired import DesiredState
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import NeedsAttention, Problem, Refused, WpstateError
from wpstate.model.run import Outcome, Run
from wpstate.workflows.attempt import Attempt
from wpstate.workflows.phases import PhaseLog
from wpstate.workflows.records import new_run_id
from wpstate.workflows.tools import Tools

Ending = tuple[Outcome, tuple[Problem, ...]]


def recorded(
    plan: Plan,
    desired: DesiredState,
    site_plan: SitePlan | None,
    tools: Tools,
    work: Callable[[Attempt], Ending],
) -> Run:
    """Run `work` on one site and record how it ended, with phases and reasons.

    wpstate's own errors become outcomes; KeyboardInterrupt comes through after the record.
    """
    started_at, began_s = tools.clock.now(), tools.clock.monotonic_s()
    log = PhaseLog(desired.site.id, tools.clock, tools.progress)
    attempt = Attempt(
        plan, site_plan, desired, tools, log, new_run_id(started_at), started_at=started_at
    )
    interrupted = False
    reasons: tuple[Problem, ...] = ()
    try:
        outcome, reasons = work(attempt)
    except Refused as error:
        outcome, reasons = Outcome.REFUSED, error.problems
    except NeedsAttention as error:
        outcome, reasons = Outcome.NEEDS_ATTENTION, error.problems
    except WpstateError as error:
        outcome, reasons = Outcome.FAILED, error.problems
    except KeyboardInterrupt:
        outcome, interrupted = attempt.interrupted_as, True
    run = Run(
        id=attempt.run,
        site=desired.site.id,
        plan=plan.id,
        outcome=outcome,
        started_at=started_at,
        took_s=round(tools.clock.monotonic_s() - began_s, 3),
        frozen_s=attempt.frozen_s,
        phases=log.times,
        changes=attempt.changes,
        checks=attempt.checks,
        reasons=reasons,
        revision=plan.revision,
    )
    tools.ledger.add(run)
    if interrupted:
        raise KeyboardInterrupt
    return run
