"""Applies one site's part of a saved plan: changed as planned and proven, or put back.

Making ready is left to staging, the frozen minutes to frozen, undoing to put_back.
"""

from contextlib import ExitStack

from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Refused
from wpstate.model.run import Outcome, Phase, Run
from wpstate.planning import looks
from wpstate.planning.unasked import unasked
from wpstate.planning.verify import site_problems
from wpstate.ports import SafetyNet
from wpstate.workflows.attempt import Attempt, giving_back, telling_of_the_lock
from wpstate.workflows.frozen import change_frozen
from wpstate.workflows.large_tables import copy_large_tables
from wpstate.workflows.looking import refuse_if_sick
from wpstate.workflows.proving import proving_host
from wpstate.workflows.purging import require_secrets
from wpstate.workflows.recording import Ending, recorded
from wpstate.workflows.staging import prove_origin, stage
from wpstate.workflows.take_lock import take_lock
from wpstate.workflows.tools import Tools


def apply_site(
    plan: Plan,
    site_plan: SitePlan,
    desired: DesiredState,
    tools: Tools,
    *,
    run_id: str | None = None,
    foreign: bool = False,
) -> Run:
    """Execute the plan for one site and return its record, already in the ledger. `foreign`: it
    came from another machine, and no change is made but what our own files ask for.

    Never raises for the site's or the host's trouble: that is an outcome. KeyboardInterrupt
    comes through once the site is whole again.
    """
    return recorded(plan, desired, site_plan, tools, _decide, run_id=run_id, foreign=foreign)


def _decide(attempt: Attempt) -> Ending:
    if attempt.planned.refusals:
        return Outcome.REFUSED, attempt.planned.refusals
    if not attempt.planned.changes:
        return Outcome.IN_SYNC, ()
    return _locked(attempt)


def _locked(attempt: Attempt) -> Ending:
    """Hold the site's lock for the run and give it back whatever happens."""
    with attempt.log.phase(Phase.LOCK):
        net, _ = take_lock(attempt, lambda seen: _refuse_unseen(attempt, seen))
    with giving_back(net.release), telling_of_the_lock(net):
        _verify(attempt, net)
        return _staged(attempt, net)


def _refuse_unseen(attempt: Attempt, seen: ObservedState) -> None:
    if seen.paths is None:
        raise Refused(site_problems(attempt.plan, attempt.planned, attempt.desired, seen))


def _verify(attempt: Attempt, net: SafetyNet) -> None:
    """Is the plan still true, the site healthy, its address its own? Raises Refused."""
    desired = attempt.desired
    with attempt.log.phase(Phase.VERIFY):
        seen = attempt.observe()
        stale = site_problems(attempt.plan, attempt.planned, desired, seen)
        if attempt.foreign and not stale:
            stale = unasked(attempt.plan, attempt.planned, desired, seen)
        if stale:
            raise Refused(stale)
        attempt.seen = seen
        require_secrets(attempt)
        with proving_host(attempt):
            requests = looks.before_anonymous(desired, attempt.admin_url)
            attempt.before = attempt.look(requests, with_token=False)
            refuse_if_sick(attempt)
            prove_origin(attempt, net)


def _staged(attempt: Attempt, net: SafetyNet) -> Ending:
    with ExitStack() as ending:
        with attempt.log.phase(Phase.STAGE):
            waiting = stage(attempt, net)
            ending.enter_context(giving_back(waiting.cancel))
            copy_large_tables(attempt, net)
        return change_frozen(attempt, net, waiting)
