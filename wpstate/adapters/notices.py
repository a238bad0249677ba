"""What people were told and what they acknowledged, in the controller's database."""

from datetime import UTC

import msgspec

from wpstate.adapters.database import Database
from wpstate.model.telling import Acknowledgement, Told

_TABLES = (
    "CREATE TABLE IF NOT EXISTS told (fleet TEXT PRIMARY KEY, record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS acknowledgement ("
    "fleet TEXT NOT NULL, named TEXT NOT NULL, until_at TEXT NOT NULL, record TEXT NOT NULL, "
    "PRIMARY KEY (fleet, named))",
)


class DatabaseNotices:
    def __init__(self, database: Database) -> None:
        self._database = database
        database.needs(*_TABLES)

    def told(self, fleet: str) -> Told | None:
        rows = self._database.rows("SELECT record FROM told WHERE fleet = ?", (fleet,))
        return msgspec.json.decode(rows[0][0], type=Told) if rows else None

    def keep(self, fleet: str, told: Told) -> None:
        with self._database.writing() as rows:
            rows.run(
                "INSERT INTO told (fleet, record) VALUES (?, ?) "
                "ON CONFLICT (fleet) DO UPDATE SET record = excluded.record",
                (fleet, msgspec.json.encode(told).decode()),
            )

    def acknowledged(self, fleet: str) -> tuple[Acknowledgement, ...]:
        rows = self._database.rows(
            "SELECT record FROM acknowledgement WHERE fleet = ? ORDER BY named", (fleet,)
        )
        return tuple(msgspec.json.decode(record, type=Acknowledgement) for (record,) in rows)

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
