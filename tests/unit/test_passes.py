"""A pass over a small fleet: which sites get which plan, and where it stops. Plans are real ones;
the sites are a table, and a run of one moves its line."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from threading import Condition
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.builders import NOW, desired, managed, observed, version
from tests.unit.planning.test_findings import HOLE, known
from wpstate.adapters.database import SqliteDatabase
from wpstate.adapters.interrupts import SignalInterrupts
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.model.desired import DesiredState, Fleet, Managed, Policy
from wpstate.model.facts import NOTHING_KNOWN
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Plan
from wpstate.model.problem import Refused
from wpstate.model.run import Outcome, Run
from wpstate.model.site import Host, SiteId
from wpstate.model.state import Address, State
from wpstate.model.updates import Ring, Updates, Window
from wpstate.planning.approved import Approvals
from wpstate.planning.build import build
from wpstate.planning.rollout import waiting
from wpstate.reaching import Unwatched
from wpstate.workflows.apply_plan import Several, address_of, apply_plan
from wpstate.workflows.plan import chosen
from wpstate.workflows.reconcile import Healed, reconcile
from wpstate.workflows.tools import Tools

OLD, NEW = version("1.0"), version("1.1")
X, Y = Address("plugins.x"), Address("plugins.y")
# NOW is a Sunday at nine.
NIGHTS = Window(frozenset({1}), time(2), time(5), "UTC", "tue 02:00-05:00 UTC")
RINGS = (Ring("canary"), Ring("rest"))


def site(name: str, *asked: Managed, ring: str = "rest", **policy: object) -> DesiredState:
    ours = Policy(applies=True, updates=Updates(ring=ring))
    state = desired(*asked or (managed(X, NEW),), policy=replace(ours, **policy))  # type: ignore[arg-type]
    return replace(state, site=replace(state.site, id=SiteId(name)))


@dataclass
class Sites:
    """Sites with both plugins at the old version; `ill` ones do not bear a new one."""

    fleet: Fleet
    folder: Path
    ill: frozenset[str] = frozenset()
    dirty: bool = False
    with_hole: bool = False
    ran: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Which site was given which changes."""
    _has: dict[str, dict[str, State]] = field(default_factory=dict)
    _away: dict[str, dict[str, State]] = field(default_factory=dict)

    def now(self) -> datetime:
        return NOW + len(self.ran) * timedelta(minutes=10)

    def monotonic_s(self) -> float:
        return 0.0

    def plan(self, names: tuple[str, ...], *, only: tuple[str, ...] = (), healed: Healed) -> Plan:
        every = [(each, self._seen(each.site.id)) for each in self.fleet.sites]
        asked = {each.site.id for each in chosen(self.fleet, names)}
        return build(
            "p", "f", [pair for pair in every if pair[0].site.id in asked],
            revision=None, dirty=self.dirty, now=self.now(), only=only, healed=healed,
            waiting=waiting(self.fleet.rings, every, self.now()),
            known=known(HOLE) if self.with_hole else NOTHING_KNOWN,
        )  # fmt: skip

    def run(self, plan: Plan, fleet: Fleet) -> Run:
        (planned,), name = plan.sites, plan.sites[0].site
        outcome, changes = Outcome.APPLIED, {str(c.address): c.after for c in planned.changes}
        if planned.refusals:
            outcome, changes = Outcome.REFUSED, {}
        elif name in self.ill:
            self._away[name], outcome = changes, Outcome.ROLLED_BACK
        else:
            self._has[name] = self._has.get(name, {}) | changes
        if not planned.refusals:
            self.ran.append((name, tuple(changes)))
        return Run("r", name, plan.id, outcome, NOW, 1.0, None, (), planned.changes, (), ())

    def interrupt(self) -> None:
        raise AssertionError("nobody interrupts")

    def passed(
        self, approvals: Approvals | None = None, *, dry_run: bool = False
    ) -> list[tuple[str, str]]:
        done = reconcile(
            self.fleet, (), self.plan, self._tools(), approvals=approvals,
            dry_run=dry_run, told=lambda _: None, several=Several(self, 4),
        )  # fmt: skip
        return [
            (each.site, (each.run.outcome if each.run else each.standing).value)
            for each in done.sites
        ]

    def apply(self, **words: Any) -> list[tuple[str, str]]:
        """What `wpstate apply` does with all sites, one after another if not told."""
        plan = self.plan((), healed={})
        done = apply_plan(
            plan, self.fleet, self._tools(), allow_dirty=False, told=lambda _: None, **words
        )
        return [(run.site, run.outcome.value) for run in done]

    def _seen(self, name: str) -> ObservedState:
        has = {"plugins.x": OLD, "plugins.y": OLD} | self._has.get(name, {})
        return replace(observed(has, quarantined=self._away.get(name)), site=SiteId(name))

    def _tools(self) -> Tools:
        """What a pass itself needs; runs are elsewhere."""
        needed = SimpleNamespace(
            clock=self,
            interrupts=SignalInterrupts(),
            ledger=DatabaseLedger(SqliteDatabase(self.folder / "ledger")),
            progress=Unwatched(),
        )
        return cast("Tools", needed)


@dataclass
class _Made:
    folder: Path

    def __call__(self, *sites: DesiredState, halt_after: float = 1, **more: object) -> Sites:
        fleet = Fleet("f", "", "", sites, rings=RINGS, halt_after=halt_after)
        return Sites(fleet, self.folder, **more)  # type: ignore[arg-type]


@pytest.fixture
def made(tmp_path: Path) -> _Made:
    return _Made(tmp_path)


FOUR = (site("a", ring="canary"), site("b", ring="canary"), site("c"), site("d"))


def test_what_the_first_ring_bears_goes_to_the_second_in_the_same_pass(made: _Made) -> None:
    sites = made(*FOUR)
    assert sites.passed() == [(name, "applied") for name in "abcd"]
    assert [name for name, _ in sites.ran[2:]] in (["c", "d"], ["d", "c"])
    assert sites.passed() == [(name, "in_sync") for name in "abcd"]


def test_a_pass_outlasts_a_plan_that_expires_soon(made: _Made) -> None:
    sites = made(*(replace(each, policy=replace(each.policy, plan_ttl_s=600)) for each in FOUR))
    assert sites.passed() == [(name, "applied") for name in "abcd"]


def test_what_one_of_the_first_ring_does_not_bear_reaches_no_other(made: _Made) -> None:
    sites = made(*FOUR, ill=frozenset("a"), halt_after=9)
    assert sites.passed()[2:] == [("c", "waits"), ("d", "waits")]
    assert {name for name, _ in sites.ran} == {"a", "b"}


def test_after_a_halt_no_other_site_is_changed_though_it_asks_for_something_else(
    made: _Made,
) -> None:
    others = (site("c", managed(Y, NEW)), site("d", managed(Y, NEW)))
    sites = made(*FOUR[:2], *others, ill=frozenset("a"))
    assert sites.passed()[2:] == [("c", "halted"), ("d", "halted")]
    assert {name for name, _ in sites.ran} == {"a", "b"}
    sites = made(*FOUR[:2], *others, ill=frozenset("a"), halt_after=2)
    assert sites.passed()[2:] == [("c", "applied"), ("d", "applied")]


def test_outside_its_window_a_site_gets_what_is_urgent_alone(made: _Made) -> None:
    both = (managed(X, NEW), managed(Y, NEW))
    closed = Updates((NIGHTS,), ring="canary")
    at_once = replace(closed, security_within_s=0)
    sites = made(
        *(site(name, *both, updates=at_once) for name in "ab"),
        *(site(name, *both, updates=closed) for name in "cd"),
        with_hole=True,
    )
    assert [word for _, word in sites.passed()] == ["applied", "applied", "waits", "waits"]
    assert sorted(sites.ran) == [("a", ("plugins.x",)), ("b", ("plugins.x",))]


def test_nothing_is_changed_without_a_word_of_git(made: _Made) -> None:
    sites = made(*(replace(each, policy=replace(each.policy, applies=False)) for each in FOUR[:2]))
    assert sites.passed() == [("a", "reported"), ("b", "reported")]
    sites = made(*FOUR[:2], dirty=True)
    with pytest.raises(Refused) as refused:
        sites.passed()
    assert refused.value.problems[0].slug == "plan.dirty"
    assert sites.ran == []


def test_a_plan_is_refused_at_each_site_whose_window_is_closed(made: _Made) -> None:
    closed = Updates((NIGHTS,), ring="canary")
    sites = made(*(site(name, updates=closed) for name in "ab"))
    assert sites.apply(several=Several(sites, 4)) == [("a", "refused"), ("b", "refused")]
    assert sites.apply() == [("a", "refused"), ("b", "refused")]
    assert sites.ran == []
    assert sites.apply(several=Several(sites, 4), outside_window=True) == [
        ("a", "applied"),
        ("b", "applied"),
    ]


def test_one_after_another_too_a_stop_is_a_stop(made: _Made) -> None:
    closed = Updates((NIGHTS,), ring="canary")
    sites = made(*(site(name, updates=closed) for name in "ab"))
    assert sites.apply(stop=bool) == [("a", "refused")]


@dataclass
class _Counted:
    """Runs that stay until two are under way, or a moment has passed."""

    sites: Sites
    most: int = 0
    _now: int = 0
    _moved: Condition = field(default_factory=Condition)

    def run(self, plan: Plan, fleet: Fleet) -> Run:
        with self._moved:
            self._now += 1
            self.most = max(self.most, self._now)
            self._moved.notify_all()
            self._moved.wait_for(lambda: self.most > 1, 0.2)
            self._now -= 1
            return self.sites.run(plan, fleet)

    def interrupt(self) -> None:
        raise AssertionError("nobody interrupts")


@pytest.mark.parametrize(("machine_of", "most"), [(address_of, 2), (lambda _: "here", 1)])
def test_hosts_of_one_machine_share_its_runs(
    made: _Made, machine_of: Callable[[Host], str], most: int
) -> None:
    def at(name: str) -> DesiredState:
        given = site(name)
        account = replace(given.site.host.account, address=f"{name}.example")
        host = replace(given.site.host, account=account, runs_at_once=1)
        return replace(given, site=replace(given.site, host=host))

    runs = _Counted(made(at("a"), at("b")))
    done = runs.sites.apply(several=Several(runs, 4, machine_of=machine_of))
    assert done == [("a", "applied"), ("b", "applied")]
    assert runs.most == most
