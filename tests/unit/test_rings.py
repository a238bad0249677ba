"""Whole passes over fleets of any shape, in any order, with any site failing: what no later ring
may be given is never written there. Plans and passes are real; the sites are rows of a table."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from math import ceil
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest

from tests.builders import SITE, desired, managed, version
from tests.table_sites import (
    BEARS,
    FAILS,
    LEFT_OPEN,
    LOST,
    ROLLS_BACK,
    Row,
    TableClock,
    TableSites,
)
from wpstate.adapters.database import SqliteDatabase
from wpstate.adapters.interrupts import SignalInterrupts
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.model.desired import DesiredState, Fleet, Policy
from wpstate.model.reconciled import Pass, Standing
from wpstate.model.run import Outcome, Run
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.model.state import Address, State
from wpstate.model.updates import Closure, Ring, Updates, Window
from wpstate.planning.rollout import ring_of
from wpstate.reaching import Unwatched
from wpstate.workflows.apply_plan import Several
from wpstate.workflows.plan import make_plan
from wpstate.workflows.reconcile import reconcile
from wpstate.workflows.tools import Tools

ORDERS = 50
OLD, NEW = version("1.0"), version("1.1")
X, Y, Z = (Address(f"plugins.{name}") for name in "xyz")
ILL = (ROLLS_BACK, FAILS, LEFT_OPEN, LOST)
FAILED = (Outcome.ROLLED_BACK, Outcome.FAILED, Outcome.NEEDS_ATTENTION)
NIGHTS = Window(frozenset(range(7)), time(20), time(6), "Europe/Paris", "nights")
MORNINGS = Window(frozenset(range(5)), time(6), time(12), "UTC", "mornings")
CLOSED = Closure(date(2026, 11, 23), date(2026, 11, 24), "UTC", "a fair")


@dataclass
class World:
    fleet: Fleet
    sites: TableSites
    folder: Path
    at_once: int

    def passed(self, *, dry_run: bool = False) -> tuple[Pass, list[Run]]:
        """And its runs in the order in which they ended."""
        ended: list[Run] = []
        clock = self.sites.clock
        plan = partial(make_plan, self.fleet, observer=self.sites, revisions=_Clean(), clock=clock)
        needed = SimpleNamespace(
            clock=clock,
            interrupts=SignalInterrupts(),
            ledger=DatabaseLedger(SqliteDatabase(self.folder / "ledger")),
            progress=Unwatched(),
            open_leftovers=lambda _: SimpleNamespace(holder=lambda: None),
        )
        done = reconcile(
            self.fleet, (), plan, cast("Tools", needed),
            dry_run=dry_run, told=ended.append, several=Several(self.sites, self.at_once),
        )  # fmt: skip
        return done, ended

    def ring(self, name: str) -> int:
        return ring_of(self.desired(name), self.fleet.rings)

    def desired(self, name: str) -> DesiredState:
        return next(each for each in self.fleet.sites if each.site.id == name)

    def asks(self, name: str, address: Address) -> State | None:
        wants = {each.address: each.want for each in self.desired(name).managed}
        return wants.get(address)


class _Clean:
    def current(self) -> tuple[str | None, bool]:
        return "4f2a9c1", False


def _site(dice: Random, number: int, ring: str | None, *, everybody: bool) -> DesiredState:
    asked = [X] if everybody else dice.sample((X, Y, Z), dice.randint(1, 2))
    web = dice.randrange(3)
    account = Account(f"web{web}", 22, f"c{number}")
    host = Host(account, f"/home/c{number}/www", runs_at_once=web + 1)
    updates = Updates(ring=ring)
    if not everybody and dice.random() < 0.4:
        windows = dice.sample((NIGHTS, MORNINGS), dice.randint(0, 2))
        updates = replace(updates, windows=tuple(windows), closed=(CLOSED,))
    policy = Policy(applies=everybody or dice.random() < 0.9, updates=updates)
    state = desired(*(managed(address, NEW) for address in asked), policy=policy)
    return replace(state, site=Site(SiteId(f"s{number}"), host, SITE.url))


def _world(seed: int, folder: Path, *, everybody: bool) -> World:
    """`everybody` asks for the same and has it not yet, and has no window."""
    dice = Random(seed)
    after = (0, 3600, 86_400)
    rings = tuple(
        Ring(f"ring{place}", 0 if everybody else dice.choice(after), share=0.3 if place == 0 else 0)
        for place in range(dice.randint(2, 4))
    )
    count = dice.randint(4, 12)
    first = [ring.name for ring in rings] if everybody else []
    places = [*first, *(dice.choice((*(r.name for r in rings), None)) for _ in range(count))]
    dice.shuffle(places)
    states = [_site(dice, number, ring, everybody=everybody) for number, ring in enumerate(places)]
    rows = {
        each.site.id: Row(
            {
                address: NEW if not everybody and dice.random() < 0.15 else OLD
                for address in (X, Y, Z)
            },
            ill=dice.choice(ILL) if dice.random() < 0.25 else BEARS,
            seen=everybody or dice.random() < 0.95,
        )
        for each in states
    }
    halts = dice.choice((1, 2, 3, 0.1, 0.5, 1.0))
    fleet = Fleet("f", "", "", tuple(states), rings=rings, halt_after=halts)
    return World(fleet, TableSites(rows, TableClock(), dice), folder, dice.randint(1, 4))


@pytest.mark.parametrize("seed", range(ORDERS))
def test_where_a_site_of_the_first_ring_fails_nothing_is_written_in_the_next(
    seed: int, tmp_path: Path
) -> None:
    world = _world(seed, tmp_path, everybody=True)
    dice, rows = Random(seed), world.sites.rows
    first = [name for name in rows if world.ring(name) == 0]
    rows[dice.choice(first)].ill = dice.choice(ILL)
    for _ in range(3):
        world.passed()
        assert {world.ring(write.site) for write in world.sites.writes} == {0}
        if dice.random() < 0.5:
            world.sites.hosts_notice()
        world.sites.clock.move(timedelta(hours=dice.randint(1, 40)))


@pytest.mark.parametrize("seed", range(ORDERS))
def test_no_write_comes_too_early_in_any_fleet(seed: int, tmp_path: Path) -> None:
    world = _world(1000 + seed, tmp_path, everybody=False)
    dice, sites = Random(seed), world.sites
    for _ in range(4):
        spoilt = {
            (address, state) for row in sites.rows.values() for address, state in row.away.items()
        }
        before = len(sites.writes)
        due = sum(each.standing is Standing.DUE for each in world.passed(dry_run=True)[0].sites)
        _, ended = world.passed()
        new = sites.writes[before:]
        for write in new:
            _may_be_written(world, write.site)
            assert (write.address, write.to) not in spoilt, write
            _is_open(world, write.site, write.at)
            _earlier_rings_hold(world, write.site, write.address, write.at)
        _stops_in_time(world, ended, due)
        assert all(most <= int(web[3:]) + 1 for web, most in sites.most_on_a_host.items())
        if dice.random() < 0.6:
            sites.hosts_notice()
        for row in sites.rows.values():
            if dice.random() < 0.3:
                row.ill = BEARS
        sites.clock.move(timedelta(minutes=dice.choice((5, 300, 900, 2000))))


def _may_be_written(world: World, name: str) -> None:
    assert world.desired(name).policy.applies
    assert world.sites.rows[name].seen


def _is_open(world: World, name: str, at: datetime) -> None:
    """Read off clocks on the wall."""
    updates = world.desired(name).policy.updates
    if updates.closed:
        assert at.date() not in (date(2026, 11, 23), date(2026, 11, 24))
    paris = (at + timedelta(hours=1)).time()
    night = paris >= time(20) or paris < time(6)
    morning = at.weekday() < 5 and time(6) <= at.time() < time(12)
    windows = updates.windows
    assert not windows or (NIGHTS in windows and night) or (MORNINGS in windows and morning)


def _earlier_rings_hold(world: World, name: str, address: Address, at: datetime) -> None:
    """Everyone of them that is asked for it has it, confirmed or from the start, long enough."""
    place = world.ring(name)
    for other, row in world.sites.rows.items():
        if world.ring(other) >= place or world.asks(other, address) is None:
            continue
        told = f"{name} got {address} before {other}, which is {row.ill}"
        assert row.seen, told
        assert row.has[address] == NEW, told
        assert not row.locked, told
        if address in row.since:
            held = at - row.since[address]
            assert held >= timedelta(seconds=world.fleet.rings[place].after_s), told


def _stops_in_time(world: World, ended: list[Run], due: int) -> None:
    """From the failure that reaches the limit on, no more than were under way."""
    limit = world.fleet.halt_after
    least = limit if isinstance(limit, int) else max(1, ceil(round(limit * due, 6)))
    failed = [place for place, run in enumerate(ended) if run.outcome in FAILED]
    if len(failed) >= least:
        assert len(ended) - 1 - failed[least - 1] < world.at_once
