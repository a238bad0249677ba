"""The shortest site file with which nothing is to do on a living site, proven by a plan.

Which lines there could be is left to the kinds, writing the file to the command.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wpstate.desired.written import site_text
from wpstate.model.desired import DesiredState
from wpstate.model.imported import Written
from wpstate.model.observed import ObservedState
from wpstate.model.problem import InvalidDesiredState
from wpstate.model.state import Address, kind_of
from wpstate.planning.build import build_site

_ROUNDS = 4
"""Lines that do not read back as what was seen are left out, and the rest is tried again."""
Composed = Callable[[str], DesiredState]
Looked = Callable[[DesiredState], ObservedState]


@dataclass(frozen=True, slots=True)
class SiteFile:
    text: str
    profiles: tuple[str, ...]
    lines: tuple[Written, ...]
    asked: frozenset[Address]
    """What it asks for, profiles included."""


def shortest(
    url: str,
    profiles: Sequence[str],
    lines: Sequence[Written],
    composed: Composed,
    looked: Looked,
) -> SiteFile | tuple[Address, ...]:
    """With the profile of which most is so already. Without any where that one asks for something
    that is otherwise here and that no site can take back. Else what stood in the way."""
    off: tuple[Address, ...] = ()
    for chosen in dict.fromkeys((tuple(profiles), ())):
        found = _below(url, chosen, lines, composed, looked)
        if isinstance(found, SiteFile):
            return found
        off = off or found
    return off


def fitting(
    names: Sequence[str], composed: Callable[[Sequence[str]], DesiredState], observed: ObservedState
) -> tuple[str, ...]:
    """The profile of which most is so already and least is not; none where none is worth it."""
    best: tuple[int, str] = (0, "")
    for name in names:
        managed = composed((name,)).managed
        fits = sum(observed.state(m.address).satisfies(m.want) for m in managed)
        best = max(best, (fits - (len(managed) - fits), name))
    return (best[1],) if best[0] > 0 else ()


def _below(
    url: str,
    profiles: tuple[str, ...],
    lines: Sequence[Written],
    composed: Composed,
    looked: Looked,
) -> SiteFile | tuple[Address, ...]:
    bare = composed(site_text(url, profiles, (), ()))
    by_profile = {managed.address: managed.want for managed in bare.managed}
    seen = looked(bare)
    needed = [
        line
        for line in lines
        if any(
            address not in by_profile or not seen.state(address).satisfies(by_profile[address])
            for address in line.about
        )
    ]
    off: set[Address] = set()
    for _ in range(_ROUNDS):
        text = site_text(url, profiles, needed, ())
        try:
            desired = composed(text)
        except InvalidDesiredState:
            if not off:
                raise
            break  # A profile's value that its kind knows no word to take back.
        off = _off(desired, looked(desired))
        if not off:
            asked = frozenset(managed.address for managed in desired.managed)
            return SiteFile(text, profiles, tuple(needed), asked)
        needed = _without(needed, off)
        needed += [_unmanaged(address) for address in sorted(off) if address in by_profile]
    return tuple(sorted(off))


def _off(desired: DesiredState, seen: ObservedState) -> set[Address]:
    plan = build_site(desired, seen)
    off = {change.address for change in plan.changes}
    return off | {n.address for n in plan.noted if n.sort in ("drift", "conflict", "out_of_reach")}


def _without(lines: Sequence[Written], off: set[Address]) -> list[Written]:
    """What no line is about follows from its kind's other lines: then none of them can stay."""
    named = {address for line in lines for address in line.about}
    kinds = {kind_of(address) for address in off - named}
    return [
        line
        for line in lines
        if off.isdisjoint(line.about) and kinds.isdisjoint(map(kind_of, line.about))
    ]


def _unmanaged(address: Address) -> Written:
    kind, _, name = address.partition(".")
    return Written((kind, name), "unmanaged", (address,), "the profile asks otherwise: decide")


def unapplied(seen: ObservedState) -> ObservedState:
    """Another fleet may have left its own last-applied values here: they are not this file's."""
    return replace(seen, applied=replace(seen.applied, values=(), quarantined=()))
