"""What a site would be after changes, by the plan's own words: the proof that a plan is whole.

Comparing again after simulating must give nothing to do, and undoing must give back what was seen.
"""

from collections.abc import Iterable
from dataclasses import replace

from wpstate.model.change import Change
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, State


def simulate(observed: ObservedState, changes: Iterable[Change]) -> ObservedState:
    """The observation as it would be had these changes been made, in their order."""
    return _with(observed, ((change.address, change.after) for change in changes))


def undo(observed: ObservedState, changes: Iterable[Change]) -> ObservedState:
    """The observation as it would be had these changes been taken back, the last one first."""
    backwards = reversed(tuple(changes))
    return _with(observed, ((change.address, change.before) for change in backwards))


def _with(observed: ObservedState, states: Iterable[tuple[Address, State]]) -> ObservedState:
    resources = dict(observed.resources)
    for address, state in states:
        resources.pop(address, None)
        if state.present:
            resources[address] = state
    return replace(observed, resources=tuple(sorted(resources.items())))
