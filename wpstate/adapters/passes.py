"""Keeps the last passes over fleets.

What of them counts is left to planning.figures, where rows lie to database.
"""

from datetime import UTC, datetime, timedelta

import msgspec

from wpstate.adapters.database import Database, Rows
from wpstate.model.passes import FailedPass, KeptPass
from wpstate.model.site import SiteId

_TABLES = (
    """CREATE TABLE IF NOT EXISTS pass (
    fleet TEXT NOT NULL,
    started_at TEXT NOT NULL,
    asked TEXT NOT NULL,
    sites INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (fleet, started_at)
)""",
    """CREATE TABLE IF NOT EXISTS failed_pass (
    fleet TEXT PRIMARY KEY,
    failed_at TEXT NOT NULL,
    found TEXT NOT NULL
)""",
)
_WRITE = (
    "INSERT INTO pass VALUES (?, ?, ?, ?, ?) ON CONFLICT (fleet, started_at) DO UPDATE SET"
    " asked = excluded.asked, sites = excluded.sites, record = excluded.record"
)
_WRITE_FAILURE = (
    "INSERT INTO failed_pass VALUES (?, ?, ?) ON CONFLICT (fleet) DO UPDATE SET"
    " failed_at = excluded.failed_at, found = excluded.found"
)
MOST_PASSES = 1000
MOST_SITES = 200_000
"""Lines of sites in all passes of a fleet: those of large fleets are fewer."""
_CLOCKS_DIFFER = timedelta(hours=1)


class DatabasePasses:
    def __init__(self, database: Database) -> None:
        self._database = database
        database.needs(*_TABLES)

    def add(self, done: KeptPass) -> None:
        """Write it, and forget what is too old. Raises Failed (`database.unusable`)."""
        record = msgspec.json.encode(done).decode()
        row = (done.fleet, _moment(done.started_at), _asked(done.asked), len(done.sites), record)
        with self._database.writing() as rows:
            # By a clock that was set back since: they would be the latest for as long as it was
            # ahead. A pass beside this one may have begun before our end, on a clock a bit fast.
            ahead = done.started_at + timedelta(seconds=done.took_s) + _CLOCKS_DIFFER
            rows.run(
                "DELETE FROM pass WHERE fleet = ? AND started_at > ?", (done.fleet, _moment(ahead))
            )
            rows.run(_WRITE, row)
            _forget_old(rows, done.fleet)

    def latest(self, fleet: str | None = None) -> tuple[KeptPass, ...]:
        """Of each fleet, or of this one, the last pass over all sites and all since then, newest
        first."""
        where, values = ("WHERE fleet = ?", (fleet,)) if fleet is not None else ("", ())
        query = (
            f"SELECT record FROM pass {where} {'AND' if where else 'WHERE'} started_at >= COALESCE("  # noqa: S608
            "(SELECT MAX(whole.started_at) FROM pass AS whole"
            " WHERE whole.fleet = pass.fleet AND whole.asked = ''), '') ORDER BY started_at DESC"
        )
        rows = self._database.rows(query, values)
        return tuple(msgspec.json.decode(record, type=KeptPass) for (record,) in rows)

    def add_failure(self, failed: FailedPass) -> None:
        with self._database.writing() as rows:
            rows.run(_WRITE_FAILURE, (failed.fleet, _moment(failed.at), failed.found))

    def failures(self) -> tuple[FailedPass, ...]:
        rows = self._database.rows("SELECT fleet, failed_at, found FROM failed_pass ORDER BY fleet")
        return tuple(FailedPass(fleet, datetime.fromisoformat(at), f) for fleet, at, f in rows)

    def forget(self, fleet: str) -> bool:
        with self._database.writing() as rows:
            known = rows.run(
                "SELECT fleet FROM pass WHERE fleet = ?"
                " UNION SELECT fleet FROM failed_pass WHERE fleet = ?",
                (fleet, fleet),
            )
            rows.run("DELETE FROM pass WHERE fleet = ?", (fleet,))
            rows.run("DELETE FROM failed_pass WHERE fleet = ?", (fleet,))
        return bool(known)

    def last_began(self, fleet: str, asked: tuple[SiteId, ...]) -> datetime | None:
        ((last,),) = self._database.rows(
            "SELECT MAX(started_at) FROM pass WHERE fleet = ? AND asked = ?", (fleet, _asked(asked))
        )
        return None if last is None else datetime.fromisoformat(last)


def _forget_old(rows: Rows, fleet: str) -> None:
    """What `latest` needs of a fleet stays, however long ago all of its sites were looked at."""
    passes, sites, oldest = 0, 0, ""
    for began, lines in rows.run(
        "SELECT started_at, sites FROM pass WHERE fleet = ? ORDER BY started_at DESC", (fleet,)
    ):
        passes, sites = passes + 1, sites + lines
        if passes > 1 and (passes > MOST_PASSES or sites > MOST_SITES):
            break
        oldest = began
    rows.run(
        "DELETE FROM pass WHERE fleet = ? AND started_at < ? AND started_at <> COALESCE("
        "(SELECT MAX(whole.started_at) FROM pass AS whole WHERE whole.fleet = ?"
        " AND whole.asked = ''), '')",
        (fleet, oldest, fleet),
    )


def _asked(sites: tuple[SiteId, ...]) -> str:
    return " ".join(sorted(sites))


def _moment(at: datetime) -> str:
    """Texts of times that sort as they came."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
