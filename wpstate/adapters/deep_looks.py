"""The last deep look at each site, kept on the controller (ports.DeepLooks)."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from wpstate.adapters.database import Database
from wpstate.model.shipped import DeepLook
from wpstate.model.site import SiteId

_TABLE = """CREATE TABLE IF NOT EXISTS deep_look (
    site TEXT PRIMARY KEY,
    record TEXT NOT NULL
)"""
_WRITE = (
    "INSERT INTO deep_look VALUES (?, ?) ON CONFLICT (site) DO UPDATE SET record = excluded.record"
)
_SITES_IN_A_QUERY = 500


class DatabaseDeepLooks:
    def __init__(self, database: Database) -> None:
        self._database = database
        database.needs(_TABLE)

    def last(self, sites: Collection[SiteId]) -> Mapping[SiteId, DeepLook]:
        names, found = sorted(sites), dict[SiteId, DeepLook]()
        for at in range(0, len(names), _SITES_IN_A_QUERY):
            some = names[at : at + _SITES_IN_A_QUERY]
            marks = ", ".join("?" * len(some))
            query = f"SELECT record FROM deep_look WHERE site IN ({marks})"  # noqa: S608
            for (record,) in self._database.rows(query, some):
                look = msgspec.json.decode(record, type=DeepLook)
                found[look.site] = look
        return found

    def keep(self, looks: Iterable[DeepLook]) -> None:
        with self._database.writing() as rows:
            for look in looks:
                rows.run(_WRITE, (look.site, msgspec.json.encode(look).decode()))
