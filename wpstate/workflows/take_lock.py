"""Locks a site for a run, ending first what an earlier controller left on it.

Ending it is left to recover.
"""

from collections.abc import Callable

from wpstate.model.observed import ObservedState
from wpstate.model.problem import NeedsAttention, Refused, WpstateError
from wpstate.model.run import Outcome
from wpstate.planning.copies import copy_problem
from wpstate.ports import SafetyNet
from wpstate.workflows.attempt import Attempt
from wpstate.workflows.recover import Recovery, locked, recover_site


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
        return locked(attempt, seen), seen
    except Refused as refused:
        if refused.problems[0].slug != "run.locked":
            raise
        recovery = recover_site(desired, tools, instead=instead)
        if recovery is not None and not recovery.settled:
            raise _unrecovered(refused, recovery) from None
    seen = attempt.observe()
    check(seen)
    return locked(attempt, seen), seen


def _refuse_copy(attempt: Attempt, seen: ObservedState) -> None:
    """Before anything that an earlier run left here is believed: it may be another site's."""
    problem = copy_problem(attempt.desired, seen)
    if problem is not None and not attempt.claims:
        raise Refused([problem])


def _unrecovered(refused: Refused, recovery: Recovery) -> WpstateError:
    match recovery.run.outcome:
        case Outcome.NEEDS_ATTENTION:
            return NeedsAttention(recovery.run.reasons)
        case Outcome.REFUSED:
            return Refused(recovery.run.reasons)
        case _:
            return refused
