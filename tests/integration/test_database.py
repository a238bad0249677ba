"""What the controller keeps behaves alike in an SQLite file and in PostgreSQL, when several write
at once, when one is stopped in the middle, and tells no password when it fails."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.postgres import Postgres, running_postgres
from wpstate.adapters.database import Database, open_database
from wpstate.model.problem import Failed, UsageError
from wpstate.model.secret import Secret
from wpstate.report.problems import problems_lines

_COUNTS = "CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, number INTEGER NOT NULL)"
_SET = "INSERT INTO counts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET number = excluded.number"
Open = Callable[[], Database]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new()


@pytest.fixture
def opened(url: str | None, tmp_path: Path) -> Open:
    """Another program's view of the same rows, each time."""

    def again() -> Database:
        database = open_database(Secret(url) if url else None, tmp_path / "home" / "kept.sqlite3")
        database.needs(_COUNTS)
        return database

    return again


def test_what_is_written_is_read_by_others(opened: Open) -> None:
    large = 1 << 40
    with opened().writing() as rows:
        rows.run(_SET, ("ä ? % '", large))
        rows.run(_SET, ("ä ? % '", large + 1))
    assert opened().rows("SELECT number FROM counts WHERE name = ?", ("ä ? % '",)) == [(large + 1,)]


def test_nothing_remains_of_what_raised(opened: Open) -> None:
    database = opened()

    def fail() -> None:
        with database.writing() as rows:
            rows.run(_SET, ("a", 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert database.rows("SELECT * FROM counts") == []


def test_texts_are_in_the_order_of_their_bytes(opened: Open) -> None:
    names = ["2026-11-28T10:00:00+00:00", "2026-11-28T10:00:00.5+00:00", "B", "_", "a", "ä"]
    database = opened()
    with database.writing() as rows:
        for name in reversed(names):
            rows.run(_SET, (name, 0))
    assert [name for (name,) in database.rows("SELECT name FROM counts ORDER BY name")] == names


def test_nobody_writes_between_what_is_read_and_what_is_written(opened: Open) -> None:
    def count() -> None:
        database = opened()
        for _ in range(20):
            with database.writing() as rows:
                found = rows.run("SELECT number FROM counts WHERE name = ?", ("n",))
                rows.run(_SET, ("n", found[0][0] + 1 if found else 1))

    # All at once also make the table.
    writers = [threading.Thread(target=count) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert opened().rows("SELECT number FROM counts") == [(120,)]


def test_it_may_be_shared_by_threads(opened: Open) -> None:
    database = opened()

    def count(name: str) -> None:
        for number in range(20):
            with database.writing() as rows:
                rows.run(_SET, (name, number))

    writers = [threading.Thread(target=count, args=(name,)) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(database.rows("SELECT * FROM counts WHERE number = 19")) == 4


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    database = open_database(None, tmp_path / "home" / "kept.sqlite3")
    database.needs(_COUNTS)
    with database.writing() as rows:
        rows.run(_SET, ("a", 1))
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    for file in (tmp_path / "home").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600


_HOLDS_THE_LOCK = """
import sys, time
from pathlib import Path
from wpstate.adapters.database import open_database
from wpstate.model.secret import Secret
with open_database(Secret(sys.argv[1]), Path("/nonexistent")).writing() as rows:
    print("inside", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holding(postgres: Postgres) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    url = postgres.new()
    argv = (sys.executable, "-c", _HOLDS_THE_LOCK, url)
    running = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert running.stdout
    assert running.stdout.readline() == "inside\n"
    yield url, running
    running.kill()
    running.wait()


def test_one_that_is_stopped_in_the_middle_holds_up_nobody_for_long(
    holding: tuple[str, "subprocess.Popen[str]"],
) -> None:
    url, running = holding
    os.kill(running.pid, signal.SIGSTOP)
    database = open_database(Secret(url), Path("/nonexistent"))
    database.needs(_COUNTS)
    with database.writing() as rows:
        rows.run(_SET, ("a", 1))
    assert database.rows("SELECT * FROM counts") == [("a", 1)]


def test_a_lost_connection_is_made_anew(postgres: Postgres) -> None:
    url = postgres.new()
    one, other = (open_database(Secret(url), Path("/nonexistent")) for _ in range(2))
    for database in (one, other):
        database.needs(_COUNTS)
        assert database.rows("SELECT * FROM counts") == []
    with one.writing() as rows:
        rows.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    assert other.rows("SELECT * FROM counts") == []


def test_a_server_that_restarts_is_waited_for() -> None:
    with running_postgres() as postgres:
        url = Secret(postgres.new())
        reader, fresh = (open_database(url, Path("/nonexistent")) for _ in range(2))
        for database in (reader, fresh):
            database.needs(_COUNTS)
        assert reader.rows("SELECT * FROM counts") == []
        postgres.stop()
        with pytest.raises(Failed):  # never reached: it may not be there at all
            fresh.rows("SELECT * FROM counts")

        def write() -> None:
            with fresh.writing() as rows:
                rows.run(_SET, ("a", 1))

        with ThreadPoolExecutor() as pool:
            asked = pool.submit(reader.rows, "SELECT * FROM counts")
            written = pool.submit(write)
            time.sleep(1)
            postgres.resume()
            assert asked.result() in ([], [("a", 1)])
            written.result()
        assert reader.rows("SELECT * FROM counts") == [("a", 1)]


def test_tables_that_could_not_be_made_are_made_later(postgres: Postgres) -> None:
    url = postgres.new()
    name = url.rpartition("/")[2]
    admin = open_database(Secret(postgres.url()), Path("/nonexistent"))
    admin.rows(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    database = open_database(Secret(url), Path("/nonexistent"))
    database.needs(_COUNTS)
    with pytest.raises(Failed):
        database.rows("SELECT * FROM counts")
    admin.rows(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    admin.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ?", (name,))
    assert database.rows("SELECT * FROM counts") == []


def test_no_password_is_told(postgres: Postgres) -> None:
    wrong = postgres.url().replace(postgres.password, "hunter2hunter2")
    for told in (wrong, wrong.replace("127.0.0.1", "127.0.0.1,nowhere.invalid"), wrong + "?no=1"):
        with pytest.raises((Failed, UsageError)) as failed:
            open_database(Secret(told), Path("/nonexistent")).rows("SELECT 1")
        text = repr(failed.value) + repr([*problems_lines(failed.value.problems)])
        assert "hunter2" not in text
        assert failed.value.__cause__ is None
    for told in ("mysql://a:hunter2@b/c", "hunter2", "postgresql://u:hunter2@[b/c"):
        with pytest.raises(UsageError) as refused:
            open_database(Secret(told), Path("/nonexistent"))
        assert "hunter2" not in repr(refused.value.problems)
        assert [problem.slug for problem in refused.value.problems] == ["database.address"]
