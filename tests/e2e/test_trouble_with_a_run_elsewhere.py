"""A run that a worker carries out, while the database of all machines restarts in its frozen
minutes, and one that is stopped by Ctrl-C where it is waited for: it ends, its site is whole."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.machines import Machine, machine, runs_in_turn
from tests.postgres import Postgres, running_postgres

pytestmark = pytest.mark.xdist_group("getenv")


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """One of this test's own: it is stopped."""
    with running_postgres() as started:
        yield started


@pytest.fixture
def worker(fleet: Fleet, postgres: Postgres, tmp_path: Path) -> Iterator[Machine]:
    fleet.pin("getenv", "lab-guestbook", "1.1")
    made = machine("m0", fleet, postgres.new(), tmp_path)
    yield made
    made.end()


def _last_run(fleet: Fleet, url: str) -> Any:
    words = ("runs", "getenv", "--limit", "1", "--format", "json")
    return fleet.wpstate(*words, WPSTATE_DATABASE=url).json[0]


def test_a_database_that_restarts_while_visitors_wait(
    take: Take, fleet: Fleet, worker: Machine, postgres: Postgres
) -> None:
    (site,) = take("getenv")
    before = site.whole()
    restarted = threading.Event()

    def restart(line: str) -> None:
        if "getenv: apply …" in line and not restarted.is_set():
            postgres.stop()
            time.sleep(2)
            postgres.resume()
            restarted.set()

    worker.told = restart
    worker.start()
    words = ("apply", "getenv", "--yes", "--format", "json")
    passing = fleet.start(*words, WPSTATE_DATABASE=worker.url)
    out, err = passing.communicate(timeout=300)
    said = "\n".join((err, *worker.lines))
    assert restarted.is_set(), said
    (run,) = json.loads(out)
    assert run["outcome"] in ("applied", "rolled_back"), (run, said)
    assert not (site.state / "lock").exists()
    if run["outcome"] == "applied":
        assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
    else:
        site.assert_as(before)
    site.assert_open()
    runs_in_turn(site.state)
    assert _last_run(fleet, worker.url)["outcome"] == run["outcome"]
    assert worker.drain() == 0


def test_ctrl_c_where_it_is_waited_for_stops_the_run_where_it_is(
    take: Take, fleet: Fleet, worker: Machine
) -> None:
    (site,) = take("getenv")
    before = site.whole()
    staging = threading.Event()
    worker.told = lambda line: staging.set() if "getenv: stage …" in line else None
    worker.start()
    passing = fleet.start("apply", "getenv", "--yes", WPSTATE_DATABASE=worker.url)
    assert staging.wait(180), worker.lines
    passing.send_signal(signal.SIGINT)
    out, err = passing.communicate(timeout=300)
    said = "\n".join((out, err, *worker.lines))
    assert passing.returncode == 130, said
    run = _last_run(fleet, worker.url)
    assert run["outcome"] in ("failed", "rolled_back"), (run, said)
    assert "run.interrupted" in {reason["slug"] for reason in run["reasons"]}, run
    assert not (site.state / "lock").exists()
    site.assert_as(before)
    site.assert_open()
    # The worker goes on: what was stopped was the run alone.
    words = ("apply", "getenv", "--yes", "--format", "json")
    (again,) = fleet.wpstate(*words, WPSTATE_DATABASE=worker.url).json
    assert again["outcome"] == "applied", (again, worker.lines)
    assert worker.drain() == 0
