"""A worker lets nothing begin that its own files, looks and feeds hold back, whatever the plan that
it was handed says of itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from tests.builders import NOW, desired, managed, observed, version
from tests.unit.planning.test_findings import HOLE, known
from tests.unit.planning.test_rollout import RINGS, site
from wpstate.model.desired import DesiredState, Fleet, Policy
from wpstate.model.facts import Known, Part
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Plan
from wpstate.model.site import SiteId
from wpstate.model.updates import Updates, Window
from wpstate.planning.build import build
from wpstate.planning.rollout import Pair
from wpstate.workflows.judged_anew import SEEN_FOR_S, EarlierRings, held_back

OLD, NEW = version("1.0"), version("1.1")
# NOW is a Sunday at nine.
NIGHTS = Window(frozenset({1}), time(2), time(5), "UTC", "tue 02:00-05:00 UTC")
MORNINGS = Window(frozenset({6}), time(8), time(10), "UTC", "sun 08:00-10:00 UTC")


@dataclass
class Here:
    """What a worker sees of the fleet's sites and feeds."""

    pairs: Sequence[Pair]
    facts: Known | None = None
    at: datetime = NOW
    looked_at: list[str] = field(default_factory=list)

    def observe(self, several: Sequence[DesiredState]) -> Mapping[SiteId, ObservedState]:
        self.looked_at += [each.site.id for each in several]
        seen = {each.site.id: one for each, one in self.pairs}
        return {each.site.id: seen[each.site.id] for each in several}

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return (self.at - NOW).total_seconds()

    def pause(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def known(self, parts: Collection[Part], at: datetime) -> Known:
        assert self.facts
        return self.facts

    def want(self, parts: Collection[Part], at: datetime) -> None:
        """They are known."""

    def held_back(self, plan: Plan, earlier: EarlierRings, *, rings: bool = False) -> list[str]:
        sites = tuple(each for each, _ in self.pairs)
        fleet = Fleet("f", "http://a", "http://d", sites, rings=RINGS if rings else ())
        own = next(each for each, _ in self.pairs if each.site.id == plan.sites[0].site)
        told = held_back(
            plan, own, fleet, earlier,
            observer=self, clock=self, facts=self if self.facts else None,
        )  # fmt: skip
        return [problem.slug for problem in told]


def handed_over(pair: Pair, *, only: tuple[str, ...] = (), facts: Known | None = None) -> Plan:
    """As whoever can write into the database writes it: nothing refuses, nothing waits."""
    facts = facts or Known()
    plan = build("p", "f", [pair], revision=None, dirty=False, now=NOW, only=only, known=facts)
    (part,) = plan.sites
    return replace(plan, sites=(replace(part, refusals=(), opening=None),))


def in_window(*windows: Window, at_once: bool = False) -> Pair:
    updates = Updates(windows, security_within_s=0 if at_once else None)
    asked = desired(managed("plugins.x", NEW), policy=Policy(updates=updates))
    return asked, observed({"plugins.x": OLD})


def test_a_closed_window_is_closed_though_the_plan_says_nothing_of_it() -> None:
    shut, opened = in_window(NIGHTS), in_window(MORNINGS)
    assert Here([shut]).held_back(handed_over(shut), EarlierRings()) == ["plan.window"]
    assert Here([opened]).held_back(handed_over(opened), EarlierRings()) == []


def test_what_mends_a_vulnerability_is_urgent_only_where_this_machine_knows_of_it() -> None:
    pair, hole = in_window(NIGHTS, at_once=True), known(HOLE)
    plan = handed_over(pair, facts=hole)
    assert plan.sites[0].urgent, "the case says nothing"
    assert Here([pair], hole).held_back(plan, EarlierRings()) == []
    assert Here([pair], Known(at=NOW)).held_back(plan, EarlierRings()) == ["plan.window"]
    assert Here([pair]).held_back(plan, EarlierRings()) == ["plan.window"]


def test_a_ring_waits_for_the_earlier_ones_though_the_plan_says_that_a_person_decided() -> None:
    first, second = site("a", "canary", OLD), site("b", "rest", OLD)
    here = Here([first, second])
    for only in ((), ("plugins.x",)):
        plan = handed_over(second, only=only)
        assert here.held_back(plan, EarlierRings(), rings=True) == ["plan.waits"]
    assert here.held_back(handed_over(first), EarlierRings(), rings=True) == []
    proved = site("a", "canary", NEW, since=NOW - timedelta(days=3))
    assert Here([proved, second]).held_back(handed_over(second), EarlierRings(), rings=True) == []


def test_earlier_rings_are_looked_at_once_a_minute_for_all_jobs() -> None:
    second, third = site("b", "rest", OLD), site("c", "rest", OLD)
    here, earlier = Here([site("a", "canary", OLD), second, third]), EarlierRings()
    for pair in (second, third):
        here.held_back(handed_over(pair), earlier, rings=True)
    assert here.looked_at == ["b", "a", "c"]
    here.pairs = [site("a", "canary", NEW, since=NOW - timedelta(days=3)), second]
    here.pause(SEEN_FOR_S)
    assert here.held_back(handed_over(second), earlier, rings=True) == []


def test_a_version_that_became_known_to_be_vulnerable_is_refused() -> None:
    asked, seen = desired(managed("plugins.x", OLD)), observed({})
    plan = handed_over((asked, seen))
    assert Here([(asked, seen)], known(HOLE)).held_back(plan, EarlierRings()) == ["plan.vulnerable"]


def test_where_nothing_of_this_is_asked_no_look_is_taken() -> None:
    pair = desired(managed("plugins.x", NEW)), observed({"plugins.x": OLD})
    here = Here([pair])
    assert here.held_back(handed_over(pair), EarlierRings()) == []
    assert here.looked_at == []
