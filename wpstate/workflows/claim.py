"""Makes a copied or moved site one of its own: what its state folder holds of another is forgotten.

Whether it is a copy is judged by planning.copies; nothing of the site itself is changed here.
"""

from wpstate.model.desired import DesiredState
from wpstate.model.problem import Problem
from wpstate.model.run_id import new_run_id
from wpstate.planning.build import build
from wpstate.planning.copies import copy_problem
from wpstate.workflows.attempt import Attempt, giving_back
from wpstate.workflows.phases import PhaseLog
from wpstate.workflows.records import claimed_record
from wpstate.workflows.take_lock import take_lock
from wpstate.workflows.tools import Tools


def claim_site(desired: DesiredState, tools: Tools) -> Problem | None:
    """Write this site's own fingerprint, without last-applied values or quarantine, under its
    lock; what spoke against it before, None where nothing did and nothing was written.

    Raises Refused (`run.locked`, `observe.*`).
    """
    now = tools.clock.now()
    plan = build("claim", "", [], revision=None, dirty=False, now=now)
    run = new_run_id(now)
    log = PhaseLog(desired.site.id, run, tools.clock, tools.progress)
    attempt = Attempt(plan, None, desired, tools, log, run, started_at=now, claims=True)
    net, _ = take_lock(attempt)
    with giving_back(net.release):
        attempt.seen = attempt.observe()
        told = copy_problem(desired, attempt.seen)
        if told is not None:
            net.record(claimed_record(attempt))
    return told
