"""The doors of hosts: how many new connections one gets, and which of them let nobody in any more.

Hosts ban who knocks too often, and a ban ends no sooner for being knocked at. Opening a connection
is left to adapters.ssh_connection.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from wpstate.adapters.known_hosts import host_name
from wpstate.model.problem import Failed, Problem
from wpstate.model.site import Account

OPENING_AT_ONCE = 8
"""sshd drops some at random where more than ten have not logged in yet (MaxStartups)."""
SHUT_AFTER = 2
"""So many times in a row nobody answered: one may be chance."""
AWAY_S = 600.0
"""What fail2ban bans for, and twice as long each time it is found shut again."""
AWAY_AT_MOST_S = 7200.0


class Doors:
    """Of all hosts, for all connections of a process. Safe for threads."""

    def __init__(
        self, monotonic_s: Callable[[], float] = time.monotonic, *, minute_s: float = 60.0
    ) -> None:
        self._monotonic_s = monotonic_s
        self._minute_s = minute_s
        self._doors: dict[str, _Door] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, account: Account, a_minute: int) -> "Iterator[Turn]":
        """Wait until this account's host may be knocked at, and hold one of its places meanwhile.

        Raises Failed (`host.banned`) at once where it is known to let nobody in.
        """
        with self._lock:
            door = self._doors.setdefault(place(account), _Door(self._monotonic_s, self._minute_s))
        since_s = door.wait(a_minute)
        try:
            yield Turn(door, account, since_s)
        finally:
            door.leave()


class Turn:
    """One knock. Say what came of it."""

    def __init__(self, door: "_Door", account: Account, since_s: float) -> None:
        self._door = door
        self._since_s = since_s
        self._account = account
        self._by_chance = False

    def answered(self) -> None:
        """An SSH server was there, whatever it said then."""
        self._door.answered(self._since_s)

    def unanswered(self, problem: Problem) -> Problem:
        """Nobody was there; the problem to tell, which is `problem` where it may be chance."""
        told = self._door.unanswered(self._account, problem)
        self._by_chance = told is problem
        return told

    @property
    def once_more(self) -> bool:
        """It may be chance, and others are or were at this door: sshd drops some of many."""
        return self._by_chance and self._door.has_others()


@dataclass(slots=True)
class _Door:
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

    def wait(self, a_minute: int) -> float:
        """Since when this is one's turn."""
        with self.changed:
            self.a_minute = min(a_minute, self.a_minute or a_minute)
            while True:
                now = self.monotonic_s()
                if self.shut is not None and now < self.shut_until:
                    raise Failed([self.shut])
                free_in_s = self._free_in_s(now, self.a_minute)
                if free_in_s <= 0 and self.opening < OPENING_AT_ONCE:
                    break
                self.changed.wait(free_in_s if free_in_s > 0 else None)
            self.opening += 1
            self.knocks.append(now)
            return now

    def leave(self) -> None:
        with self.changed:
            self.opening -= 1
            self.changed.notify_all()

    def answered(self, since_s: float) -> None:
        with self.changed:
            self.has_answered = True
            if self.shut is None or since_s >= self.shut_since:  # not let in before it was shut
                self.in_a_row, self.times_shut, self.shut = 0, 0, None

    def unanswered(self, account: Account, problem: Problem) -> Problem:
        with self.changed:
            self.in_a_row += 1
            if self.in_a_row < SHUT_AFTER:
                return problem
            now = self.monotonic_s()
            if now >= self.shut_until:
                away_s = min(AWAY_S * 2**self.times_shut, AWAY_AT_MOST_S)
                self.shut_since, self.shut_until = now, now + away_s
                self.times_shut += 1
                self.shut = _banned(account, problem.found, before=self.has_answered)
            self.changed.notify_all()
            return self.shut or problem

    def has_others(self) -> bool:
        with self.changed:
            return self.has_answered or self.opening > 1

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


def _banned(account: Account, found: str | None, *, before: bool) -> Problem:
    told = "it let us in before" if before else f"{SHUT_AFTER} times in a row"
    return Problem(
        "host.banned",
        "the host takes no connections from here",
        key=place(account),
        found=f"{place(account)}: {found}, {told}" if found else f"{place(account)}: {told}",
        why="it is down, or it bans us for connecting too often; being asked again makes no ban "
        "shorter, so it is left alone for a while",
        mend="ask the hoster whether this machine's address is banned (fail2ban-client status "
        "sshd); `connections_per_minute:` in hosts.yml makes us knock less often",
    )


DOORS = Doors()
"""Of this process: whoever looks again in it knows who let us in before."""
