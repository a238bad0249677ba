"""Looks at sites and hands back what was seen. Deciding anything is left to planning."""

from collections.abc import Iterable

from wpstate.model.desired import Fleet
from wpstate.model.observed import ObservedState
from wpstate.planning.identity import with_strangers
from wpstate.ports import Observer
from wpstate.workflows.deep_look import LookDeep, with_deep
from wpstate.workflows.plan import chosen


def observe(
    fleet: Fleet, names: Iterable[str], observer: Observer, look_deep: LookDeep | None = None
) -> tuple[ObservedState, ...]:
    """The named sites, all of them where none is named, in the order asked. Read-only.

    A site that cannot be seen is among them, with its faults. Raises UsageError for unknown names.
    """
    several = chosen(fleet, names)
    seen = observer.observe(several)
    pairs = with_deep([(desired, seen[desired.site.id]) for desired in several], look_deep)
    return tuple(with_strangers(desired, observed) for desired, observed in pairs)
