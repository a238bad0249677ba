"""Sites as rows of a table, behind the ports that a pass works with: looked at as Observer, changed
as SiteRuns. What they promise is in tests/contract_of_sites.py, which real sites keep too.

Every write is noted the moment it begins, with the time by which it was allowed.
"""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from time import sleep

from tests.builders import NOW, observed
from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.observed import Fault, LastApplied, ObservedState
from wpstate.model.plan import Plan
from wpstate.model.problem import Failed, Problem
from wpstate.model.run import Outcome, Run
from wpstate.model.site import SiteId
from wpstate.model.state import Address, State
from wpstate.ports import Visitor

BEARS, ROLLS_BACK, FAILS, LEFT_OPEN, LOST = "bears", "rolls back", "fails", "left open", "lost"
"""What a site does with something new. `left open`: it has it, and nobody confirmed it. `lost`: the
run's process ends without a word, and the host takes the change back later."""


@dataclass(frozen=True, slots=True)
class Write:
    site: str
    address: Address
    to: State
    at: datetime
    """By the clock as the run's own thread last read it."""


@dataclass(slots=True)
class Row:
    has: dict[Address, State]
    ill: str = BEARS
    seen: bool = True
    applied: dict[Address, State] = field(default_factory=dict)
    since: dict[Address, datetime] = field(default_factory=dict)
    away: dict[Address, State] = field(default_factory=dict)
    locked: bool = False
    undone: dict[Address, State] | None = None
    """What the host puts back once it notices that nobody is behind the run any more."""


class TableClock:
    """Moves where a test moves it."""

    def __init__(self) -> None:
        self._at = NOW
        self._lock = threading.Lock()
        self._read = threading.local()

    def now(self) -> datetime:
        with self._lock:
            self._read.last = self._at
            return self._at

    def last_read(self) -> datetime:
        """As this thread last read it."""
        return getattr(self._read, "last", self._at)

    def move(self, by: timedelta) -> None:
        with self._lock:
            self._at += by

    def monotonic_s(self) -> float:
        return self._at.timestamp()

    def pause(self, seconds: float) -> None:
        self.move(timedelta(seconds=seconds))


class TableSites:
    def __init__(self, rows: Mapping[str, Row], clock: TableClock, dice: Random) -> None:
        self.rows, self.clock = rows, clock
        self.writes: list[Write] = []
        self.most_on_a_host: Counter[str] = Counter()
        self._dice = dice
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()

    def observe(
        self,
        several: Sequence[DesiredState],
        *,
        token: str | None = None,
        through: Visitor | None = None,
    ) -> Mapping[SiteId, ObservedState]:
        with self._lock:
            return {each.site.id: self._seen(each.site.id) for each in several}

    def run(self, plan: Plan, fleet: Fleet) -> Run:
        (planned,), (desired,) = plan.sites, fleet.sites
        host, row = desired.site.host.account.address, self.rows[planned.site]
        began = self.clock.last_read()
        with self._lock:
            self._under_way[host] += 1
            self.most_on_a_host[host] = max(self.most_on_a_host[host], self._under_way[host])
            longer = self._dice.random() / 200
            outcome = Outcome.REFUSED
            if not planned.refusals and planned.changes:
                for change in planned.changes:
                    self.writes.append(Write(planned.site, change.address, change.after, began))
                outcome = self._write(row, {c.address: c.after for c in planned.changes})
        sleep(longer)
        self.clock.move(timedelta(minutes=1 + 4000 * longer))
        with self._lock:
            self._under_way[host] -= 1
            lost = row.ill == LOST and outcome is Outcome.FAILED
        if lost:
            raise Failed([Problem("run.process", "it ended without a word", key=planned.site)])
        return Run(
            f"r{len(self.writes)}", planned.site, plan.id, outcome, began, 1.0, None, (),
            planned.changes if outcome is not Outcome.REFUSED else (), (), (),
        )  # fmt: skip

    def interrupt(self) -> None:
        raise AssertionError("nobody interrupts")

    def hosts_notice(self) -> None:
        """Every host ends what was left on it."""
        for row in self.rows.values():
            if row.undone is not None:
                row.has, row.undone, row.locked = row.undone, None, False

    def _write(self, row: Row, changes: dict[Address, State]) -> Outcome:
        match row.ill:
            case "bears":
                for address, state in changes.items():
                    row.has[address] = row.applied[address] = state
                    row.since[address] = self.clock.now()
                return Outcome.APPLIED
            case "rolls back":
                row.away = dict(changes)
                return Outcome.ROLLED_BACK
            case "left open":
                row.has, row.locked = row.has | changes, True
                return Outcome.NEEDS_ATTENTION
            case "lost":
                row.undone, row.has, row.locked = row.has, row.has | changes, True
                return Outcome.FAILED
            case _:
                return Outcome.FAILED

    def _seen(self, name: SiteId) -> ObservedState:
        row = self.rows[name]
        plain = observed({str(address): state for address, state in row.has.items()})
        told = LastApplied(
            run="r" if row.applied else None,
            values=tuple(sorted(row.applied.items())),
            quarantined=tuple(sorted(row.away.items())),
            locked=row.locked,
            since=tuple(sorted(row.since.items())),
        )
        faults = () if row.seen else (Fault("timeout", "no answer"),)
        return replace(plain, site=name, observed_at=self.clock.now(), applied=told, faults=faults)
