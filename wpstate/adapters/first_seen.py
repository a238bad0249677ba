"""When this controller first heard of a version: some sources tell no day, and some a later one."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from wpstate.adapters.database import Database
from wpstate.model.bump import Name

_TABLE = """CREATE TABLE IF NOT EXISTS version_seen (
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    version TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (kind, slug, version)
)"""
_WRITE = "INSERT INTO version_seen VALUES (?, ?, ?, ?) ON CONFLICT (kind, slug, version) DO NOTHING"


class DatabaseFirstSeen:
    """Fulfils ports.FirstSeen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.needs(_TABLE)

    def noted(
        self, versions: Mapping[Name, Collection[str]], now: datetime
    ) -> Mapping[tuple[Name, str], datetime]:
        at = now.astimezone(UTC).isoformat()
        with self._database.writing() as rows:
            known = {
                (kind, slug, version): moment
                for kind, slug, version, moment in rows.run(
                    "SELECT kind, slug, version, at FROM version_seen"
                )
            }
            for name, several in versions.items():
                for version in several:
                    if (*name, version) not in known:
                        rows.run(_WRITE, (*name, version, at))
        return {
            (name, version): datetime.fromisoformat(known.get((*name, version), at))
            for name, several in versions.items()
            for version in several
        }
