"""Desired state with what rules ask of things that nobody named: known once a site was seen."""

from dataclasses import replace

from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.resources.registry import KINDS


def with_rules(desired: DesiredState, observed: ObservedState) -> DesiredState:
    """The same where no rule decides about anything. May be repeated."""
    named = {managed.address for managed in desired.managed}
    decided = {
        managed.address: managed
        for kind in KINDS
        for managed in kind.decided(desired, observed)
        if kind.decides_own or managed.address not in named
    }
    if not decided:
        return desired
    others = (managed for managed in desired.managed if managed.address not in decided)
    managed = sorted((*others, *decided.values()), key=lambda each: each.address)
    return replace(desired, managed=tuple(managed))


def decides(desired: DesiredState) -> bool:
    """Whether a rule may decide about anything, before the site was seen."""
    by_kind = any(kind.decides_own and kind.name in desired.questions for kind in KINDS)
    return by_kind or desired.policy.rules.unlisted != "report"
