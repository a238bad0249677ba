"""What people were told and what they acknowledged, in the controller's database."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC
from typing import TypeVar

import msgspec

from wpstate.adapters.database import Database, Row
from wpstate.model.telling import Acknowledgement, Told

_Record = TypeVar("_Record", Told, Acknowledgement)
_TABLES = (
    "CREATE TABLE IF NOT EXISTS told (fleet TEXT PRIMARY KEY, record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS acknowledgement ("
    "fleet TEXT NOT NULL, named TEXT NOT NULL, until_at TEXT NOT NULL, record TEXT NOT NULL, "
    "PRIMARY KEY (fleet, named))",
)
_TOLD = "SELECT record FROM told WHERE fleet = ?"


class DatabaseNotices:
    def __init__(self, database: Database) -> None:
        self._database = database
        database.needs(*_TABLES)

    def told(self, fleet: str) -> Told | None:
        """None also where another version wrote it in another way: rather told twice than never."""
        return _told(self._database.rows(_TOLD, (fleet,)))

    def keep(self, fleet: str, told: Told, *, instead_of: Told | None) -> bool:
        with self._database.writing() as rows:
            if _told(rows.run(_TOLD, (fleet,))) != instead_of:
                return False
            rows.run(
                "INSERT INTO told (fleet, record) VALUES (?, ?) "
                "ON CONFLICT (fleet) DO UPDATE SET record = excluded.record",
                (fleet, msgspec.json.encode(told).decode()),
            )
            return True

    def acknowledged(self, fleet: str) -> tuple[Acknowledgement, ...]:
        rows = self._database.rows(
            "SELECT record FROM acknowledgement WHERE fleet = ? ORDER BY named", (fleet,)
        )
        return tuple(_read((record for (record,) in rows), Acknowledgement))

    def acknowledge(self, fleet: str, known: Acknowledgement) -> None:
        until = known.until.astimezone(UTC).isoformat()
        with self._database.writing() as rows:
            rows.run(
                "INSERT INTO acknowledgement (fleet, named, until_at, record) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (fleet, named) DO UPDATE SET "
                "until_at = excluded.until_at, record = excluded.record",
                (fleet, known.named, until, msgspec.json.encode(known).decode()),
            )

    def forget(self, fleet: str, named: str) -> bool:
        values = (fleet, named)
        with self._database.writing() as rows:
            found = rows.run(
                "SELECT named FROM acknowledgement WHERE fleet = ? AND named = ?", values
            )
            rows.run("DELETE FROM acknowledgement WHERE fleet = ? AND named = ?", values)
        return bool(found)


def _told(rows: Iterable[Row]) -> Told | None:
    return next(_read((record for (record,) in rows), Told), None)


def _read(records: Iterable[str], shape: type[_Record]) -> Iterator[_Record]:
    for record in records:
        with suppress(msgspec.DecodeError):
            yield msgspec.json.decode(record, type=shape)
