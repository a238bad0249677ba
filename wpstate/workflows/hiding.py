"""Proves that a state folder inside the web root gives nothing away, before anything lies in it.

Where it lies is the host's to know (safetynet/state_folder.sh), judging left to planning.privacy.
"""

from collections.abc import Callable

from wpstate.model.desired import DesiredState
from wpstate.model.fitness import Tried
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Refused
from wpstate.planning.fitness import trial_gaps
from wpstate.planning.privacy import hidden_tried, is_inside, planted_looks
from wpstate.workflows.attempt import Attempt, giving_back
from wpstate.workflows.tools import Tools

Looks = Callable[[tuple[LookRequest, ...]], tuple[LookSeen, ...]]


def hide_state(attempt: Attempt, seen: ObservedState) -> None:
    """Raises Refused (`host.state_public`) where visitors could fetch from the state folder."""
    desired, tools = attempt.desired, attempt.tools
    tried = prove_hidden(desired, seen, tools, lambda asked: attempt.look(asked, with_token=False))
    gaps = tuple(trial_gaps(desired, (tried,) if tried else ()))
    if gaps:
        raise Refused(gap.problem for gap in gaps)


def prove_hidden(
    desired: DesiredState, seen: ObservedState, tools: Tools, look: Looks
) -> Tried | None:
    """Plant files in the state folder and ask for them, at the site's address and at the host
    itself. None where the folder lies outside the web root."""
    if seen.paths is None or not is_inside(seen.paths):
        return None
    hideaway = tools.open_hideaway(desired.site, seen)
    private = False
    with giving_back(lambda: hideaway.settle(private=private)):
        planted = hideaway.plant()
        asked = planted_looks(desired.site.url, seen.paths.wp, planted)
        timeout_s = desired.policy.look_timeout_s
        direct = tools.visitor_at(desired.site.host.account.address)
        tried = hidden_tried(
            planted,
            look(asked),
            direct.look(asked, token=None, timeout_s=timeout_s),
        )
        private = tried.ok
    return tried
