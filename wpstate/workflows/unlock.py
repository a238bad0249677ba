"""Frees a site by hand from a run that recover leaves alone, because it still lives on the host.

A site that such a run has changed and not settled is put back first, never just let go.
"""

from wpstate.model.desired import DesiredState
from wpstate.model.problem import Problem, Refused
from wpstate.ports import ABANDONED_AFTER_S, Holder
from wpstate.workflows.holders import at_work, facts
from wpstate.workflows.recover import Recovery, recover_site
from wpstate.workflows.tools import Tools


def unlock_site(desired: DesiredState, tools: Tools, nonce: str | None) -> Recovery | None:
    """End the run that holds this site under this very lock; None where nobody holds it.

    `nonce` proves that the person means this lock and no later one. Raises Refused
    (`unlock.id` with the holder's facts, `run.locked` while its controller is heard of).
    """
    holder = tools.open_leftovers(desired.site).holder()
    if holder is None:
        return None
    if nonce != holder.nonce:
        raise Refused([_other_lock(desired, holder, nonce)])
    if not holder.dead and holder.heartbeat_age_s < ABANDONED_AFTER_S:
        raise Refused([at_work(desired, holder)])
    return recover_site(desired, tools, kill=True)


def _other_lock(desired: DesiredState, holder: Holder, nonce: str | None) -> Problem:
    return Problem(
        "unlock.id",
        "this is not the id of the lock that holds the site"
        if nonce
        else "the lock's id is missing",
        key=desired.site.id,
        found=facts(holder),
        why="the lock may have passed to another run since you looked",
        mend=f"make sure that nobody is behind it, then: wpstate unlock {desired.site.id} "
        f"--id {holder.nonce}",
    )
