"""The doors of hosts: how many new connections one gets, and which of them let nobody in any more.

Hosts ban who knocks too often, and a ban ends no sooner for being knocked at. Opening a connection
is left to adapters.ssh_connection.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from wpstate.adapters.known_hosts import host_name
from wpstate.adapters.shared_knocks import SharedKnocks
from wpstate.adapters.shut_hosts import Shut, ShutHosts
from wpstate.model.problem import Failed, Problem
from wpstate.model.site import CONNECTIONS_PER_MINUTE, Account

OPENING_AT_ONCE = 8
"""sshd drops some at random where more than ten have not logged in yet (MaxStartups)."""
SHUT_AFTER = 2
"""So many times in a row nobody answered: one may be chance."""
AWAY_S = 30.0
"""Two may still be chance (MaxStartups); twice as long each time it is found shut again, which
soon is longer than what fail2ban bans for."""
AWAY_AT_MOST_S = 3600.0


class Doors:
    """Of all hosts, for all connections of a process. Safe for threads."""

    def __init__(
        self, monotonic_s: Callable[[], float] = time.monotonic, *, minute_s: float = 60.0
    ) -> None:
        self._monotonic_s = monotonic_s
        self._minute_s = minute_s
        self._doors: dict[str, _Door] = {}
        self._lock = threading.Lock()
        self._memory: ShutHosts | None = None
        self._knocks: SharedKnocks | None = None
        self._known: Mapping[str, Shut] | None = None
        self._heeds = False

    def share(self, memory: ShutHosts, knocks: SharedKnocks, *, heeds: bool) -> None:
        """Know what other processes of this machine know, and let them know. A host that one of
        them found shut is left alone for as long (`heeds`), or tried once more: nobody's command
        is refused for what was so a while ago."""
        with self._lock:
            self._memory, self._knocks, self._heeds = memory, knocks, heeds

    @contextmanager
    def turn(self, account: Account, a_minute: int, *, again: bool = False) -> "Iterator[Turn]":
        """Wait until this account's host may be knocked at, and hold one of its places meanwhile.
        `again`: in the place of a connection that was lost, which is counted, and waits for
        nothing that is over in a minute: visitors may wait for it.

        Raises Failed (`host.banned`) at once where it is known to let nobody in.
        """
        with self._lock:
            door = self._doors.get(place(account)) or self._met(account)
        since_s = door.wait(a_minute, self._knocks, again=again)
        try:
            yield Turn(door, account, since_s, self._memory)
        finally:
            door.leave()

    def _met(self, account: Account) -> "_Door":
        """For the first time by this process."""
        here = place(account)
        door = self._doors[here] = _Door(here, self._monotonic_s, self._minute_s)
        if self._known is None:
            self._known = self._memory.known() if self._memory else {}
        known = self._known.get(here)
        if known is not None:
            # Nobody shuts one for longer: that is of a clock that was ahead, and would never end.
            heeded = self._heeds and known.left_s <= AWAY_AT_MOST_S
            door.know(known, _left_alone(account, known) if heeded else None)
        return door


class Turn:
    """One knock. Say what came of it."""

    def __init__(
        self, door: "_Door", account: Account, since_s: float, memory: ShutHosts | None
    ) -> None:
        self._door = door
        self._since_s = since_s
        self._account = account
        self._memory = memory
        self._by_chance = False

    def answered(self) -> None:
        """An SSH server was there, whatever it said then."""
        if self._door.answered(self._since_s) and self._memory is not None:
            self._memory.opened(self._door.place)

    def unanswered(self, problem: Problem) -> Problem:
        """Nobody was there; the problem to tell, which is `problem` where it may be chance."""
        told, shut = self._door.unanswered(self._account, problem)
        if shut is not None and self._memory is not None:
            self._memory.shut(self._door.place, shut)
        self._by_chance = told is problem
        return told

    @property
    def once_more(self) -> bool:
        """It may be chance, and others are or were at this door: sshd drops some of many."""
        return self._by_chance and self._door.has_others()


@dataclass(slots=True)
class _Door:
    place: str
    monotonic_s: Callable[[], float]
    minute_s: float
    changed: threading.Condition = field(default_factory=threading.Condition)
    knocks: deque[float] = field(default_factory=deque)
    a_minute: int | None = None
    """The least that any of its accounts was given."""
    opening: int = 0
    has_answered: bool = False
    in_a_row: int = 0
    times_shut: int = 0
    shut_since: float = 0.0
    shut_until: float = 0.0
    shut: Problem | None = None
    is_kept: bool = False
    """Other processes are told that it is shut."""

    def know(self, shut: Shut, left_alone: Problem | None) -> None:
        """What an earlier process found, for as long as a problem is told of it."""
        now = self.monotonic_s()
        self.in_a_row, self.times_shut, self.is_kept = SHUT_AFTER, shut.times, True
        if left_alone is not None:
            self.shut, self.shut_since = left_alone, now
            self.shut_until = now + min(shut.left_s, AWAY_AT_MOST_S)

    def wait(self, a_minute: int, shared: SharedKnocks | None, *, again: bool) -> float:
        """Since when this is one's turn."""
        with self.changed:
            self.a_minute = min(a_minute, self.a_minute or a_minute)
            while True:
                now = self.monotonic_s()
                if self.shut is not None and now < self.shut_until:
                    raise Failed([self.shut])
                free_in_s = 0.0 if again else self._free_in_s(now, self.a_minute)
                # Where nobody was met before, one finds out for all.
                at_once = 1 if self.in_a_row >= SHUT_AFTER else OPENING_AT_ONCE
                if free_in_s <= 0 and self.opening < at_once:
                    free_in_s = self._taken_of_all(shared, again=again)
                    if free_in_s <= 0:
                        break
                self.changed.wait(free_in_s if free_in_s > 0 else None)
            self.opening += 1
            self.knocks.append(now)
            return now

    def leave(self) -> None:
        with self.changed:
            self.opening -= 1
            self.changed.notify_all()

    def answered(self, since_s: float) -> bool:
        """Whether other processes must hear of it."""
        with self.changed:
            self.has_answered = True
            if self.shut is None or since_s >= self.shut_since:  # not let in before it was shut
                self.in_a_row, self.times_shut, self.shut = 0, 0, None
                self.changed.notify_all()
                was_kept, self.is_kept = self.is_kept, False
                return was_kept
            return False

    def unanswered(self, account: Account, problem: Problem) -> tuple[Problem, Shut | None]:
        """What is told of it, and what other processes must hear."""
        found: Shut | None = None
        with self.changed:
            self.in_a_row += 1
            if self.in_a_row < SHUT_AFTER:
                return problem, None
            now = self.monotonic_s()
            if now >= self.shut_until:
                away_s = min(AWAY_S * 2**self.times_shut, AWAY_AT_MOST_S)
                self.shut_since, self.shut_until = now, now + away_s
                self.times_shut += 1
                self.shut = _banned(account, problem.found, before=self.has_answered)
                until = datetime.now(UTC) + timedelta(seconds=away_s)
                found, self.is_kept = Shut(self.times_shut, until, problem.found or ""), True
            self.changed.notify_all()
            return self.shut or problem, found

    def has_others(self) -> bool:
        with self.changed:
            return self.has_answered or self.opening > 1

    def _taken_of_all(self, shared: SharedKnocks | None, *, again: bool) -> float:
        """Counted beside those of other processes, where somebody wrote that there may be few; else
        in how many seconds."""
        if shared is None or self.a_minute is None or self.a_minute >= CONNECTIONS_PER_MINUTE:
            return 0.0
        return shared.take(self.place, None if again else self.a_minute, self.minute_s)

    def _free_in_s(self, now: float, a_minute: int) -> float:
        while self.knocks and self.knocks[0] <= now - self.minute_s:
            self.knocks.popleft()
        if len(self.knocks) < a_minute:
            return 0.0
        return self.knocks[len(self.knocks) - a_minute] + self.minute_s - now


def place(account: Account) -> str:
    """What bans: a machine's sshd, not one of its accounts."""
    here = host_name(account)
    return here if account.jump is None else f"{here} through {place(account.jump)}"


def _left_alone(account: Account, known: Shut) -> Problem:
    """In the words of a door that was found shut before, and is not tried now."""
    told = _banned(account, known.found, before=False)
    return replace(told, found=f"{told.found}; left alone until {known.until:%d %b %H:%M} UTC")


def _banned(account: Account, found: str | None, *, before: bool) -> Problem:
    told = "it let us in before" if before else f"{SHUT_AFTER} times in a row"
    return Problem(
        "host.banned",
        "the host takes no connections from here",
        key=place(account),
        found=f"{place(account)}: {found}, {told}" if found else f"{place(account)}: {told}",
        why="it is down, or it bans us for connecting too often; being asked again makes no ban "
        "shorter, so it is left alone for a while, longer each time",
        mend="ask the hoster whether this machine's address is banned (fail2ban-client status "
        "sshd); `connections_per_minute:` in hosts.yml makes us knock less often",
    )


DOORS = Doors()
"""Of this process: whoever looks again in it knows who let us in before."""
