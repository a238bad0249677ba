"""Hosts that let nobody in, as earlier processes of this machine found them: kept where the
controller keeps all else. When one is shut, and for how long, is left to adapters.ssh_doors.
"""

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from wpstate.adapters.database import Database
from wpstate.model.problem import WpstateError

_TABLE = """CREATE TABLE IF NOT EXISTS shut_host (
    machine TEXT NOT NULL,
    place TEXT NOT NULL,
    times INTEGER NOT NULL,
    until_at TEXT NOT NULL,
    found TEXT NOT NULL,
    PRIMARY KEY (machine, place)
)"""
_WRITE = (
    "INSERT INTO shut_host VALUES (?, ?, ?, ?, ?) ON CONFLICT (machine, place) DO UPDATE SET"
    " times = excluded.times, until_at = excluded.until_at, found = excluded.found"
)
_FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shut:
    times: int
    """How often it was found shut, with no answer in between."""
    until: datetime
    found: str

    @property
    def left_s(self) -> float:
        return max(0.0, (self.until - datetime.now(UTC)).total_seconds())


class ShutHosts(Protocol):
    """Never raises: it spares hosts some knocks, and nothing depends on it."""

    def known(self) -> Mapping[str, Shut]: ...

    def shut(self, place: str, shut: Shut) -> None: ...

    def opened(self, place: str) -> None: ...


class DatabaseShutHosts:
    """Of this machine: others connect from addresses of their own."""

    def __init__(self, database: Database, *, is_there: bool) -> None:
        """`is_there`: something is kept already. Else nothing is made to be asked."""
        self._database = database
        self._is_there = is_there
        self._machine = socket.gethostname()
        database.needs(_TABLE)

    def known(self) -> Mapping[str, Shut]:
        if not self._is_there:
            return {}
        since = _moment(datetime.now(UTC) - _FORGET_AFTER)
        with suppress(WpstateError):
            rows = self._database.rows(
                "SELECT place, times, until_at, found FROM shut_host"
                " WHERE machine = ? AND until_at > ?",
                (self._machine, since),
            )
            return {p: Shut(times, datetime.fromisoformat(at), f) for p, times, at, f in rows}
        return {}

    def shut(self, place: str, shut: Shut) -> None:
        row = (self._machine, place, shut.times, _moment(shut.until), shut.found)
        with suppress(WpstateError), self._database.writing() as rows:
            rows.run(_WRITE, row)
            old = _moment(datetime.now(UTC) - _FORGET_AFTER)
            rows.run("DELETE FROM shut_host WHERE until_at < ?", (old,))

    def opened(self, place: str) -> None:
        with suppress(WpstateError), self._database.writing() as rows:
            rows.run(
                "DELETE FROM shut_host WHERE machine = ? AND place = ?", (self._machine, place)
            )


def _moment(at: datetime) -> str:
    """Texts of times that sort as they came."""
    return at.isoformat(timespec="microseconds")
