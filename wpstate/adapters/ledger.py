"""The ledger: every run in SQLite, on the controller. A copy that can be rebuilt from the hosts.

What a run means is left to model.run, how it reads to report.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wpstate.model.problem import Failed, Problem
from wpstate.model.run import Outcome, Run
from wpstate.model.site import SiteId
from wpstate.report.record import run_from_text, run_to_text

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    started_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS run_by_site ON run (site, started_at DESC);
"""


class SqliteLedger:
    """Runs by id and by site. Each write is one transaction, on disk before it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, run: Run) -> None:
        """Write a run; a second write of the same id replaces the first.

        Raises Failed (`ledger.unwritable`).
        """
        row = (run.id, run.site, run.started_at.isoformat(), run.outcome.value, run_to_text(run))
        try:
            with self._open() as database:
                database.execute("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?)", row)
        except (sqlite3.Error, OSError) as error:
            raise Failed([_unwritable(self._path, error)]) from error

    def runs(self, site: SiteId | None = None, limit: int = 50) -> tuple[Run, ...]:
        """Newest first."""
        where, values = ("WHERE site = ?", (site,)) if site is not None else ("", ())
        query = f"SELECT record FROM run {where} ORDER BY started_at DESC, id LIMIT ?"  # noqa: S608
        with self._open() as database:
            rows = database.execute(query, (*values, limit)).fetchall()
        return tuple(run_from_text(record) for (record,) in rows)

    def applied(self, site: SiteId) -> tuple[Run, ...]:
        """All that ended so."""
        query = "SELECT record FROM run WHERE site = ? AND outcome = ?"
        with self._open() as database:
            rows = database.execute(query, (site, Outcome.APPLIED.value)).fetchall()
        return tuple(run_from_text(record) for (record,) in rows)

    def run(self, run_id: str) -> Run | None:
        with self._open() as database:
            row = database.execute("SELECT record FROM run WHERE id = ?", (run_id,)).fetchone()
        return None if row is None else run_from_text(row[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = sqlite3.connect(self._path, timeout=30)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            database.executescript(_SCHEMA)
            with database:
                yield database
        finally:
            database.close()
        self._path.chmod(0o600)


def _unwritable(path: Path, error: Exception) -> Problem:
    return Problem(
        "ledger.unwritable",
        "the run could not be written into the ledger",
        key=str(path),
        found=str(error),
        why="the host keeps its own record, so nothing but this copy is lost",
        mend="make room on this machine, or name another WPSTATE_HOME",
    )
