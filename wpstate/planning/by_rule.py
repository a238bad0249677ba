"""Desired state with what rules ask of things that nobody named: known once a site was seen."""

from dataclasses import replace

from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.resources.registry import KINDS


def with_rules(desired: DesiredState, observed: ObservedState) -> DesiredState:
    """The same where no rule decides about anything. May be repeated."""
    named = {managed.address for managed in desired.managed}
    decided = [
        managed
        for kind in KINDS
        for managed in kind.decided(desired, observed)
        if managed.address not in named
    ]
    if not decided:
        return desired
    managed = sorted((*desired.managed, *decided), key=lambda each: each.address)
    return replace(desired, managed=tuple(managed))
