"""Desired against observed state of one site, by the three-state rule.

Ordering is left to order, refusing to gates.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Final

from wpstate.model.change import Action, Cause, Change
from wpstate.model.desired import DesiredState, Managed
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Noted
from wpstate.model.state import ABSENT, Address, State, kind_of, short
from wpstate.resources import versions
from wpstate.resources.registry import KIND

NOTHING_WAITS: Mapping[Address, str] = MappingProxyType({})
_DRIFTED = "adopt, revert or exempt it"
_AGAIN = "was put back before and moved again: adopt, revert or exempt it"
_PATCHED = "an urgent patch went past git: merge its follow-up, or undo it with --only"


@dataclass(frozen=True, slots=True)
class Comparison:
    changes: tuple[Change, ...]
    noted: tuple[Noted, ...]


NOTHING: Final = Comparison((), ())


def compare(
    desired: DesiredState,
    observed: ObservedState,
    *,
    only: tuple[str, ...] = (),
    heal_all: bool = False,
    waiting: Mapping[Address, str] = NOTHING_WAITS,
    healed: frozenset[Address] = frozenset(),
) -> Comparison:
    """The changes that desired state asks for, and all that is shown and left alone.

    `only` holds addresses or globs: nothing else becomes a change, and drift, a conflict or a
    quarantined change that it names becomes one, because a person has decided. `waiting`: what
    git asks for and other sites must prove first, with why. `healed`: what was put back before
    and is not put back again by itself. What is exempt is put back where `only` names it alone.
    """
    changes: list[Change] = []
    noted: list[Noted] = []
    states, applied = dict(observed.resources), dict(observed.applied.values)
    details = dict(observed.details)
    for managed in desired.managed:
        if only and not _named(managed.address, only):
            continue
        if managed.part_of is not None and not states.get(managed.part_of, ABSENT).present:
            continue
        seen = states.get(managed.address, ABSENT)
        if seen.satisfies(managed.want):
            noted.extend(_in_place(managed, seen, applied.get(managed.address)))
            continue
        if has_floated(managed, seen):
            told = f"updated itself past {short(managed.want)}, as it may"
            noted.append(Noted(managed.address, seen, told, "updated_itself"))
            continue
        kind = KIND[kind_of(managed.address)]
        before = None if kind.is_ours(managed, seen) else applied.get(managed.address)
        cause = cause_of(managed.want, seen, before)
        decided = bool(only)
        going = kind.under_way(managed, seen, observed)
        if going is not None and not decided:
            noted.append(Noted(managed.address, seen, going, "in_background"))
            continue
        lines = details.get(managed.address, ())
        beyond = kind.out_of_reach(managed, desired, observed)
        if beyond is not None:
            noted.append(Noted(managed.address, seen, beyond, "out_of_reach", managed.want, lines))
            continue
        if not kind.can_change(managed, seen):
            told = _told(managed)
            noted.append(Noted(managed.address, seen, told, "drift", managed.want, lines))
            continue
        if not decided and (managed.address, managed.want) in observed.applied.quarantined:
            noted.append(Noted(managed.address, seen, _quarantined(managed.want), "quarantined"))
        elif not decided and (managed.address, managed.want) in observed.applied.patched:
            noted.append(Noted(managed.address, seen, _PATCHED, "patched", managed.want))
        elif cause is Cause.PENDING and not decided and managed.address in waiting:
            told = waiting[managed.address]
            noted.append(Noted(managed.address, seen, told, "waits", managed.want))
        elif cause is Cause.CONFLICT and not decided:
            noted.append(
                Noted(
                    managed.address,
                    seen,
                    "git and the site both moved: you decide",
                    "conflict",
                    managed.want,
                    lines,
                )
            )
        elif (
            cause is Cause.DRIFT
            and not decided
            and (
                desired.policy.rules.exemption(managed.address)
                or (not heal_all and (managed.address in healed or not _heals(managed, desired)))
            )
        ):
            told = _AGAIN if managed.address in healed else _DRIFTED
            noted.append(Noted(managed.address, seen, told, "drift", managed.want, lines))
        else:
            changes.append(_change(managed, seen, cause, observed))
    noted.extend(_left_alone(desired, observed))
    return Comparison(tuple(changes), tuple(sorted(noted, key=lambda n: (n.sort, n.address))))


def has_floated(managed: Managed, seen: State) -> bool:
    """Whether all that differs is a newer version that git lets it give itself."""
    want = managed.want
    if not managed.floats or not (want.present and seen.present):
        return False
    if want.active not in (None, seen.active):
        return False
    if isinstance(want.value, int) and isinstance(seen.value, int):
        return seen.value > want.value
    if want.version is None or seen.version is None:
        return False
    newer = versions.compare(seen.version, want.version) > 0
    return newer and (managed.floats == "on" or _branch(seen.version) == _branch(want.version))


def _branch(version: str) -> list[str]:
    """`6.8` of `6.8.7`: WordPress's minor releases stay within it."""
    return version.split(".")[:2]


def cause_of(want: State, seen: State, applied: State | None) -> Cause:
    """Who moved: git (pending), the site (drift) or both (conflict).

    Where nothing was ever applied the difference is git's first word on it: pending.
    """
    if applied is None or _same(applied, seen, want):
        return Cause.PENDING
    if applied.satisfies(want):
        return Cause.DRIFT
    return Cause.CONFLICT


def action_of(before: State, after: State, *, ordered: bool = True) -> Action:
    """What a change does, told by its two ends. `ordered`: a smaller number is an older one."""
    if not before.present:
        return Action.CREATE
    if not after.present:
        return Action.DELETE
    if after.version is not None and after.version != before.version:
        newer = versions.compare(after.version, before.version or "") > 0
        return Action.UPDATE if newer else Action.DOWNGRADE
    if after.active is not None and after.active != before.active:
        return Action.ACTIVATE if after.active else Action.DEACTIVATE
    if ordered and isinstance(after.value, int) and isinstance(before.value, int):
        return Action.UPDATE if after.value > before.value else Action.DOWNGRADE
    return Action.UPDATE


def completed(want: State, seen: State) -> State:
    """`want`, with the fields it does not care about as they are now."""
    if not want.present or not seen.present:
        return want
    return replace(
        seen,
        version=seen.version if want.version is None else want.version,
        active=seen.active if want.active is None else want.active,
        value=seen.value if want.value is None else want.value,
    )


def _same(one: State, other: State, want: State) -> bool:
    """Whether two states agree in all that `want` asks about; where it asks for none, in all that
    the other tells."""
    if one.present != other.present or not one.present:
        return one.present == other.present
    fields = ("version", "active", "value")
    return all(
        getattr(one, name) == getattr(other, name)
        for name in fields
        if getattr(want if want.present else other, name) is not None
    )


def _change(managed: Managed, seen: State, cause: Cause, observed: ObservedState) -> Change:
    after = completed(managed.want, seen)
    kind = KIND[kind_of(managed.address)]
    change = Change(
        address=managed.address,
        action=action_of(seen, after, ordered=kind.orders_values),
        before=seen,
        after=after,
        cause=cause,
        source=managed.span,
        label=managed.label,
        why=managed.why,
        artifact=managed.artifact if _needs_bytes(seen, after) else None,
        purge_data=managed.purge_data,
        besides=managed.besides,
    )
    return replace(change, notes=(*change.notes, *kind.told_of(change, observed)))


def _needs_bytes(before: State, after: State) -> bool:
    """Of what is known by its version, or else by its value."""
    if after.version is None:
        return after.present and (not before.present or before.value != after.value)
    return after.present and before.version != after.version


def _in_place(managed: Managed, seen: State, applied: State | None) -> Iterable[Noted]:
    if applied is not None and not applied.satisfies(managed.want):
        yield Noted(managed.address, seen, "already as git asks, changed outside", "converged")
    elif managed.label == "pinned" and (managed.why or managed.pinned_until):
        until = f" until {managed.pinned_until}" if managed.pinned_until else ""
        why = f": {managed.why}" if managed.why else ""
        yield Noted(managed.address, seen, f"pinned{until}{why}", "pinned")


def _left_alone(desired: DesiredState, observed: ObservedState) -> Iterable[Noted]:
    named = {m.address for m in desired.managed}
    owners = {left.address: left.owner for left in desired.left_alone}
    for address, state in observed.resources:
        owner = owners.get(address)
        if owner == "client":
            yield Noted(address, state, "belongs to the client", "client")
        elif address not in named and KIND[kind_of(address)].lists_unmanaged:
            yield Noted(address, state, "not in desired state", "unmanaged")


def _heals(managed: Managed, desired: DesiredState) -> bool:
    return managed.heals or _named(managed.address, desired.policy.heal)


def _named(address: Address, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(address, pattern) for pattern in patterns)


def _told(managed: Managed) -> str:
    why = f": {managed.why}" if managed.why else ""
    return f"reported; adopt or exempt it, or put it back there{why}"


def _quarantined(want: State) -> str:
    return f"{short(want)} was rolled back here: not tried again until git asks for something else"
