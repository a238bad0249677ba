"""What the controller knows of backups, drills and attempts (ports.BackupHistory)."""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

import msgspec

from wpstate.adapters.database import Database
from wpstate.model.backup import Attempted, Backup, BackupsSeen, Drill
from wpstate.model.site import SiteId

_TABLES = (
    "CREATE TABLE IF NOT EXISTS backup (id TEXT PRIMARY KEY, site TEXT NOT NULL, at TEXT NOT NULL,"
    " record TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS backup_by_site ON backup (site, at)",
    "CREATE TABLE IF NOT EXISTS backup_attempt (site TEXT PRIMARY KEY, record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS backup_drill (site TEXT NOT NULL, at TEXT NOT NULL,"
    " record TEXT NOT NULL, PRIMARY KEY (site, at))",
)
_SITES_IN_A_QUERY = 500
_T = TypeVar("_T", Backup, Drill)


class DatabaseBackupHistory:
    def __init__(self, database: Database) -> None:
        self._database = database
        database.needs(*_TABLES)

    def add(self, backup: Backup) -> None:
        with self._database.writing() as rows:
            values = (backup.id, backup.site, backup.at.isoformat(), _written(backup))
            rows.run("INSERT INTO backup VALUES (?, ?, ?, ?)", values)

    def attempted(self, attempt: Attempted) -> None:
        statement = (
            "INSERT INTO backup_attempt VALUES (?, ?)"
            " ON CONFLICT (site) DO UPDATE SET record = excluded.record"
        )
        with self._database.writing() as rows:
            rows.run(statement, (attempt.site, _written(attempt)))

    def drilled(self, drill: Drill) -> None:
        statement = (
            "INSERT INTO backup_drill VALUES (?, ?, ?)"
            " ON CONFLICT (site, at) DO UPDATE SET record = excluded.record"
        )
        with self._database.writing() as rows:
            rows.run(statement, (drill.site, drill.at.isoformat(), _written(drill)))

    def of(self, site: SiteId) -> tuple[Backup, ...]:
        query = "SELECT record FROM backup WHERE site = ? ORDER BY at DESC, id DESC"
        found = self._database.rows(query, (site,))
        return tuple(msgspec.json.decode(record, type=Backup) for (record,) in found)

    def drills(self, site: SiteId) -> tuple[Drill, ...]:
        query = "SELECT record FROM backup_drill WHERE site = ? ORDER BY at DESC"
        found = self._database.rows(query, (site,))
        return tuple(msgspec.json.decode(record, type=Drill) for (record,) in found)

    def seen(self, sites: Collection[SiteId]) -> Mapping[SiteId, BackupsSeen]:
        found = dict[SiteId, BackupsSeen]()
        for some in _portions(sorted(sites)):
            marks = ", ".join("?" * len(some))
            counts = self._database.rows(
                f"SELECT site, COUNT(*) FROM backup WHERE site IN ({marks}) GROUP BY site",  # noqa: S608
                some,
            )
            last = self._newest("backup", marks, some, Backup)
            drills = self._newest("backup_drill", marks, some, Drill)
            query = f"SELECT record FROM backup_attempt WHERE site IN ({marks})"  # noqa: S608
            attempts = {
                one.site: one
                for (record,) in self._database.rows(query, some)
                for one in (msgspec.json.decode(record, type=Attempted),)
            }
            count_of = {SiteId(site): int(count) for site, count in counts}
            for site in {*count_of, *drills, *attempts}:
                found[site] = BackupsSeen(
                    last.get(site), attempts.get(site), drills.get(site), count_of.get(site, 0)
                )
        return found

    def forget(self, backups: Collection[str]) -> None:
        with self._database.writing() as rows:
            for one in backups:
                rows.run("DELETE FROM backup WHERE id = ?", (one,))

    def owned(self, owner: str) -> tuple[Backup, ...]:
        records = self._database.rows("SELECT record FROM backup ORDER BY at DESC, id DESC", ())
        found = (msgspec.json.decode(record, type=Backup) for (record,) in records)
        return tuple(one for one in found if one.owner == owner)

    def forget_site(self, site: SiteId) -> None:
        with self._database.writing() as rows:
            rows.run("DELETE FROM backup_attempt WHERE site = ?", (site,))
            rows.run("DELETE FROM backup_drill WHERE site = ?", (site,))

    def _newest(
        self, table: str, marks: str, sites: list[SiteId], sort: type[_T]
    ) -> Mapping[SiteId, _T]:
        query = (
            f"SELECT a.record FROM {table} a JOIN (SELECT site, MAX(at) AS newest FROM {table}"  # noqa: S608
            f" WHERE site IN ({marks}) GROUP BY site) b ON a.site = b.site AND a.at = b.newest"
        )
        records = self._database.rows(query, sites)
        return {
            one.site: one
            for (record,) in records
            for one in (msgspec.json.decode(record, type=sort),)
        }


def _portions(sites: list[SiteId]) -> Iterator[list[SiteId]]:
    for at in range(0, len(sites), _SITES_IN_A_QUERY):
        yield sites[at : at + _SITES_IN_A_QUERY]


def _written(record: Backup | Attempted | Drill) -> str:
    return msgspec.json.encode(record).decode()
