"""What changes bring about elsewhere on a site: shown below them, done and proven in one run."""

from collections.abc import Iterable
from dataclasses import replace

from wpstate.model.change import Change, Follow
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, State
from wpstate.resources.registry import KINDS


def with_follows(
    desired: DesiredState, observed: ObservedState, changes: Iterable[Change]
) -> tuple[Change, ...]:
    return tuple(
        replace(
            change,
            then=tuple(each for kind in KINDS for each in kind.follows(change, desired, observed)),
        )
        for change in changes
    )


def follows_of(changes: Iterable[Change]) -> tuple[Follow, ...]:
    """Each once, however many changes bring it about."""
    return tuple({one.address: one for change in changes for one in change.then}.values())


def takes_s(changes: Iterable[Change]) -> float:
    return sum(one.takes_s for one in follows_of(changes))


def brought_changes(changes: Iterable[Change], observed: ObservedState) -> tuple[Change, ...]:
    """What is brought about and is no change of the plan itself, as roles are told of changes."""
    several = tuple(changes)
    planned = {change.address for change in several}
    brought = {
        one.address: replace(
            change,
            address=one.address,
            before=observed.state(one.address),
            after=one.after,
            artifact=None,
            extra=(),
            besides=one.besides,
            then=(),
        )
        for change in several
        for one in change.then
        if one.address not in planned
    }
    return tuple(brought.values())


def expected(changes: Iterable[Change]) -> dict[Address, tuple[State, ...]]:
    """What a run must find afterwards, by address: one of these."""
    found: dict[Address, tuple[State, ...]] = {c.address: (c.after,) for c in changes}
    for one in follows_of(changes):
        enough = () if one.in_background is None else (one.in_background,)
        found[one.address] = (one.after, *enough)
    return found


def in_background(changes: Iterable[Change], observed: ObservedState) -> tuple[Address, ...]:
    """What the site was seen to go on with by itself after these changes."""
    return tuple(
        one.address
        for one in follows_of(changes)
        if one.in_background is not None
        and not observed.state(one.address).satisfies(one.after)
        and observed.state(one.address).satisfies(one.in_background)
    )
