"""What sites are fit for, proved by doing each thing once on their hosts. Leaves nothing there.

Judging is left to planning.fitness.
"""

import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.fitness import Fit, Fitness, Gap, Tried
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem, WpstateError
from wpstate.planning.fitness import fitness, room, web_tried
from wpstate.planning.privacy import is_inside, private_tried, program_look
from wpstate.ports import Placed, Trial
from wpstate.workflows.attempt import giving_back
from wpstate.workflows.hiding import prove_hidden
from wpstate.workflows.plan import chosen
from wpstate.workflows.tools import Tools

_SITES_AT_ONCE = 8


def doctor(fleet: Fleet, names: Iterable[str], tools: Tools) -> tuple[Fitness, ...]:
    """The named sites, all where none is named, in the order asked.

    A host's trouble is a gap in its answer. Raises UsageError for unknown names.
    """
    several = chosen(fleet, names)
    seen = tools.observer.observe(several)
    with ThreadPoolExecutor(_SITES_AT_ONCE, "doctor") as pool:
        found = pool.map(lambda d: _examine(d, seen[d.site.id], tools), several)
        return tuple(found)


def _examine(desired: DesiredState, seen: ObservedState, tools: Tools) -> Fitness:
    began_s = tools.clock.monotonic_s()
    tried: tuple[Tried, ...] = ()
    broke: tuple[Problem, ...] = ()
    if seen.paths is not None:
        try:
            tried = _hidden(desired, seen, tools)
            if all(one.ok for one in tried):
                tried = (*_try(desired, seen, tools), *tried)
        except WpstateError as error:
            broke = error.problems
    found = fitness(desired, seen, tried, tools.clock.monotonic_s() - began_s)
    if not broke:
        return found
    gaps = (*(Gap(problem, Fit.OBSERVE) for problem in broke), *found.gaps)
    worst = Fit.NONE if found.fit is Fit.NONE else Fit.OBSERVE
    return Fitness(found.site, worst, found.tried, gaps, found.took_s)


def _hidden(desired: DesiredState, seen: ObservedState, tools: Tools) -> tuple[Tried, ...]:
    def look(asked: tuple[LookRequest, ...]) -> tuple[LookSeen, ...]:
        return tools.visitor.look(asked, token=None, timeout_s=desired.policy.look_timeout_s)

    tried = prove_hidden(desired, seen, tools, look)
    return () if tried is None else (tried,)


def _try(desired: DesiredState, seen: ObservedState, tools: Tools) -> tuple[Tried, ...]:
    trial: Trial = tools.open_trial(desired.site, seen)
    token = secrets.token_hex(32)
    with ExitStack() as ending:
        if seen.paths is not None and is_inside(seen.paths):
            ending.enter_context(giving_back(tools.open_hideaway(desired.site, seen).leave))
        ending.enter_context(giving_back(trial.end))
        placed = trial.begin(room(seen, core=True), token)
        timeout_s = desired.policy.look_timeout_s
        url = f"{desired.site.url}/{placed.beacon}"
        answer = tools.visitor.ask(url, token=token, ask="who", timeout_s=timeout_s)
        if answer is None:
            direct = tools.visitor_at(desired.site.host.account.address)
            answer = direct.ask(url, token=token, ask="who", timeout_s=timeout_s)
        private = _private(desired, seen, placed, tools)
        return (*trial.tried(), *web_tried(seen, answer), *private)


def _private(
    desired: DesiredState, seen: ObservedState, placed: Placed, tools: Tools
) -> Iterable[Tried]:
    assert seen.paths is not None
    if placed.program is None:
        return
    asked = program_look(desired.site.url, seen.paths.wp, placed.program)
    if asked is not None:
        timeout_s = desired.policy.look_timeout_s
        (answered,) = tools.visitor.look((asked,), token=None, timeout_s=timeout_s)
        yield private_tried(answered)
