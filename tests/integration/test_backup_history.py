"""What is known of backups stays, in an SQLite file and in PostgreSQL."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.postgres import Postgres
from wpstate.adapters.backup_history import DatabaseBackupHistory
from wpstate.adapters.database import open_database
from wpstate.model.backup import ALL_PARTS, Attempted, Backup, Drill
from wpstate.model.secret import Secret
from wpstate.model.site import SiteId

AT = datetime(2026, 11, 22, 9, 31, tzinfo=UTC)
SHOP, BLOG, NEW = SiteId("shop"), SiteId("blog"), SiteId("new")


@pytest.fixture(params=["sqlite", "postgres"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseBackupHistory:
    url = None
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = Secret(postgres.new())
    return DatabaseBackupHistory(open_database(url, tmp_path / "kept.sqlite3"))


def _backup(name: str, site: SiteId, hours: int) -> Backup:
    at = AT + timedelta(hours=hours)
    return Backup(name, site, "here", "clients/agency", at, 3.5, ALL_PARTS, "aa", 12, "bb", 17)


def test_backups_come_newest_first_and_go_by_name(history: DatabaseBackupHistory) -> None:
    first, second = _backup("b1", SHOP, 0), _backup("b2", SHOP, 1)
    for one in (second, first, _backup("b3", BLOG, 2)):
        history.add(one)
    assert history.of(SHOP) == (second, first)
    assert history.of(NEW) == ()
    history.forget(["b2", "nosuch"])
    assert history.of(SHOP) == (first,)


def test_what_is_seen_of_each_site(history: DatabaseBackupHistory) -> None:
    for one in (_backup("b1", SHOP, 0), _backup("b2", SHOP, 1)):
        history.add(one)
    history.attempted(Attempted("b3", SHOP, AT, "backup.dump", "it broke off"))
    history.attempted(Attempted("b4", SHOP, AT, "backup.files", "no room"))
    history.attempted(Attempted("b5", NEW, AT, "host.timeout", "late"))
    for days, good in ((3, True), (2, False)):
        history.drilled(Drill("b1", SHOP, AT - timedelta(days=days), 9.0, good, ("17 tables",)))
    seen = history.seen([SHOP, BLOG, NEW])
    assert {*seen} == {SHOP, NEW}
    shop = seen[SHOP]
    assert shop.last
    assert shop.attempted
    assert shop.drill
    assert (shop.last.id, shop.count, shop.attempted.slug) == ("b2", 2, "backup.files")
    assert (shop.drill.good, shop.drill.found) == (False, ("17 tables",))
    assert (seen[NEW].last, seen[NEW].count) == (None, 0)
    assert [one.good for one in history.drills(SHOP)] == [False, True]
