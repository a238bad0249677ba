"""What a pass over a fleet may rely on of sites, of whatever they are made: rows of a table, or
WordPress on a host. Each test tier that has sites runs all of it on them."""

from dataclasses import dataclass, replace
from typing import Protocol

from wpstate.model.desired import Fleet
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Problem
from wpstate.model.run import Outcome
from wpstate.model.state import Address, State
from wpstate.ports import Clock, Observer, SiteRuns


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan of one site that changes one thing."""

    plan: Plan
    fleet: Fleet

    @property
    def site(self) -> SitePlan:
        return self.plan.sites[0]

    @property
    def address(self) -> Address:
        return self.site.changes[0].address

    @property
    def want(self) -> State:
        return self.site.changes[0].after


class Place(Protocol):
    """One site that has a plugin at an old version."""

    observer: Observer
    runs: SiteRuns
    clock: Clock

    def good(self) -> Asked:
        """A newer version, which the site bears."""

    def bad(self) -> Asked:
        """One that it does not bear."""


def keeps_the_contract(place: Place) -> None:
    """In one go: what a site is given follows on what it was given before."""
    _what_is_refused_is_not_touched(place)
    _what_is_not_borne_is_put_back_and_remembered(place)
    _what_is_applied_is_seen_since_then(place)


def _what_is_refused_is_not_touched(place: Place) -> None:
    asked, before = place.good(), _seen(place, place.good())
    closed = Problem("plan.window", "the site may not be changed now", key=asked.site.site)
    refused = replace(asked.plan, sites=(replace(asked.site, refusals=(closed,)),))
    run = place.runs.run(refused, asked.fleet)
    assert run.outcome is Outcome.REFUSED
    assert _what_counts(_seen(place, asked)) == _what_counts(before)


def _what_is_not_borne_is_put_back_and_remembered(place: Place) -> None:
    asked = place.bad()
    before = _seen(place, asked)
    run = place.runs.run(asked.plan, asked.fleet)
    assert run.outcome is Outcome.ROLLED_BACK
    after = _seen(place, asked)
    assert after.state(asked.address) == before.state(asked.address)
    assert (asked.address, asked.want) in after.applied.quarantined
    assert dict(after.applied.since).get(asked.address) == dict(before.applied.since).get(
        asked.address
    )
    assert not after.applied.locked


def _what_is_applied_is_seen_since_then(place: Place) -> None:
    asked, began = place.good(), place.clock.now()
    run = place.runs.run(asked.plan, asked.fleet)
    assert run.outcome is Outcome.APPLIED
    assert [change.address for change in run.changes] == [asked.address]
    after = _seen(place, asked)
    assert after.state(asked.address).satisfies(asked.want)
    assert dict(after.applied.values)[asked.address].satisfies(asked.want)
    # A record of a run holds whole seconds.
    assert dict(after.applied.since)[asked.address] >= began.replace(microsecond=0)
    assert not after.applied.locked


def _seen(place: Place, asked: Asked) -> ObservedState:
    (desired,) = asked.fleet.sites
    return place.observer.observe([desired])[desired.site.id]


def _what_counts(seen: ObservedState) -> object:
    return seen.resources, seen.applied.values, seen.applied.since, seen.applied.quarantined
