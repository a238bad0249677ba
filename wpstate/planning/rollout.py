"""Which changes must wait for other sites: rings in their order, and what was rolled back anywhere.

Pure: the other sites were looked at before. Windows are left to windows, the order of work to
whoever changes sites.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.site import SiteId
from wpstate.model.state import ABSENT, Address, State, short
from wpstate.model.updates import Ring

Pair: TypeAlias = tuple[DesiredState, ObservedState]
Asked: TypeAlias = tuple[Address, State]
Waiting: TypeAlias = Mapping[Address, str]
"""Why, for each resource that may not be changed yet."""


def ring_of(desired: DesiredState, rings: Sequence[Ring]) -> int:
    """The place of a site's ring among them. A site that names none falls into a share by its
    name, the same one each time; else into the last."""
    named = desired.policy.updates.ring
    for place, ring in enumerate(rings):
        if ring.name == named:
            return place
    digest = hashlib.sha256(desired.site.id.encode()).digest()
    drawn = int.from_bytes(digest[:4]) / (1 << 32)
    for place, ring in enumerate(rings):
        drawn -= ring.share
        if drawn < 0:
            return place
    return len(rings) - 1


def witnesses(
    rings: Sequence[Ring], fleet: Iterable[DesiredState], pairs: Sequence[Pair]
) -> tuple[DesiredState, ...]:
    """The sites of earlier rings that are asked for the same as these sites yet lack: looked at
    too, they say whether it has proved itself."""
    if len(rings) < 2 or not pairs:
        return ()
    lacking = {asked for pair in pairs for asked in _lacking(pair)}
    last = max(ring_of(desired, rings) for desired, _ in pairs)
    known = {desired.site.id for desired, _ in pairs}
    return tuple(
        each
        for each in fleet
        if each.site.id not in known
        and ring_of(each, rings) < last
        and any((m.address, m.want) in lacking for m in each.managed)
    )


def waiting(rings: Sequence[Ring], pairs: Sequence[Pair], now: datetime) -> dict[SiteId, Waiting]:
    """What each site may not be given yet, though git asks for it. `pairs` with the witnesses.
    Without rings: what was rolled back on another."""
    lacking = {pair[0].site.id: tuple(_lacking(pair)) for pair in pairs}
    wanted = {asked for each in lacking.values() for asked in each}
    company: defaultdict[Asked, list[Pair]] = defaultdict(list)
    for pair in pairs:
        for managed in pair[0].managed:
            if (managed.address, managed.want) in wanted:
                company[managed.address, managed.want].append(pair)
    spoilt = {
        asked: tuple(each.site.id for each, seen in of if asked in seen.applied.quarantined)
        for asked, of in company.items()
    }
    # Once for all sites of a ring: a fleet that is given the same is as long as its company.
    told = dict[tuple[Asked, int], str | None]()
    found = dict[SiteId, Waiting]()
    for desired, _ in pairs:
        own = ring_of(desired, rings)
        reasons = dict[Address, str]()
        for asked in lacking[desired.site.id]:
            if (asked, own) not in told:
                told[asked, own] = _unproven(asked, company[asked], own, rings, now)
            why = _spoilt(desired.site.id, asked, spoilt.get(asked, ())) or told[asked, own]
            if why:
                reasons[asked[0]] = why
        if reasons:
            found[desired.site.id] = reasons
    return found


def _lacking(pair: Pair) -> Iterator[Asked]:
    desired, observed = pair
    if observed.faults:
        return
    states = dict(observed.resources)
    for managed in desired.managed:
        if not states.get(managed.address, ABSENT).satisfies(managed.want):
            yield managed.address, managed.want


def _spoilt(site: SiteId, asked: Asked, where: Sequence[SiteId]) -> str | None:
    """On another site: what a site's own record says of itself is told elsewhere."""
    other = next((each for each in where if each != site), None)
    if other is None:
        return None
    address, want = asked
    return f"{short(want)} was rolled back on {other}: wpstate release {other} {address}"


def _unproven(
    asked: Asked, company: Sequence[Pair], own: int, rings: Sequence[Ring], now: datetime
) -> str | None:
    """Who of the earlier rings lacks it, or has not had it for long enough for ring `own`."""
    address, want = asked
    soaking: list[tuple[datetime, str]] = []
    for other, seen in company:
        place = ring_of(other, rings)
        if place >= own:
            continue
        told = f"{other.site.id} (ring {rings[place].name})"
        if seen.faults:
            return f"{told} could not be seen"
        if seen.applied.locked:  # whatever it has, no run has confirmed that
            return f"a run holds {told}"
        if not seen.state(address).satisfies(want):
            return f"{told} has it not yet"
        # What it came to by itself, or before wpstate did, is as old as anybody can tell.
        since = dict(seen.applied.since).get(address)
        until = since + timedelta(seconds=rings[own].after_s) if since else now
        if until > now:
            soaking.append((until, told))
    if not soaking:
        return None
    until, told = max(soaking)
    return f"proves itself on {told} until {until:%a %d %b %H:%M} UTC"
