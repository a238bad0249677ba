"""What people were told is remembered alike in an SQLite file and in PostgreSQL."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.postgres import Postgres
from wpstate.adapters.database import Database, open_database
from wpstate.adapters.notices import DatabaseNotices
from wpstate.model.secret import Secret
from wpstate.model.site import SiteId
from wpstate.model.telling import (
    Acknowledgement,
    Ended,
    Held,
    Lasting,
    Message,
    Sort,
    Told,
    Trouble,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TROUBLE = Trouble("site_down:x:é'?%", Sort.SITE_DOWN, "…", ((SiteId("a"), "found \\x00"),))
TOLD = Told(
    NOW,
    NOW,
    (Lasting(TROUBLE, NOW, NOW, (SiteId("a"),), True, NOW),),
    (Ended(TROUBLE, NOW, NOW + timedelta(hours=1)),),
    (Held(TROUBLE, NOW, None),),
    (Message("m", "agency", "t", "b\n", "info", NOW, True),),
)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    url = None
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = Secret(postgres.new())
    return open_database(url, tmp_path / "ledger.sqlite3")


@pytest.fixture
def notices(database: Database) -> DatabaseNotices:
    return DatabaseNotices(database)


def test_what_is_kept_is_read_by_fleet(notices: DatabaseNotices) -> None:
    assert notices.told("one") is None
    first = Told(NOW, NOW)
    assert notices.keep("one", first, instead_of=None)
    assert notices.keep("one", TOLD, instead_of=first)
    assert notices.told("one") == TOLD
    assert notices.told("other") is None


def test_acknowledgements_by_what_they_name(notices: DatabaseNotices) -> None:
    known = Acknowledgement("b", (("c", (SiteId("b"),)),), "anna", NOW, NOW, "why")
    later = Acknowledgement("b", (), "bob", NOW, NOW + timedelta(days=1), "because")
    other = Acknowledgement("a", (), "bob", NOW, NOW, "because")
    notices.acknowledge("one", known)
    notices.acknowledge("one", other)
    assert notices.acknowledged("one") == (other, known)
    notices.acknowledge("one", later)
    assert notices.acknowledged("one") == (other, later)
    assert notices.acknowledged("other") == ()
    assert not notices.forget("other", "b")
    assert notices.forget("one", "b")
    assert not notices.forget("one", "b")
    assert notices.acknowledged("one") == (other,)


def test_what_another_version_wrote_is_forgotten(
    notices: DatabaseNotices, database: Database
) -> None:
    notices.keep("one", TOLD, instead_of=None)
    notices.acknowledge("one", Acknowledgement("a", (), "anna", NOW, NOW, "why"))
    with database.writing() as rows:
        rows.run("UPDATE told SET record = ?", ("{}",))
        rows.run("UPDATE acknowledgement SET record = ?", ("[]",))
    assert notices.told("one") is None
    assert notices.acknowledged("one") == ()
    assert notices.keep("one", TOLD, instead_of=None)


def test_what_another_pass_kept_meanwhile_is_not_written_over(notices: DatabaseNotices) -> None:
    first, second = Told(NOW, NOW), Told(NOW, NOW + timedelta(hours=1))
    assert notices.keep("one", first, instead_of=None)
    assert not notices.keep("one", second, instead_of=None)
    assert notices.keep("one", second, instead_of=first)
    assert not notices.keep("one", TOLD, instead_of=first)
    assert notices.told("one") == second
