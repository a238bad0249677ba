"""A worker that drains, and one whose database is away, on a real PostgreSQL."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import NOW
from tests.integration.test_site_queue import _plan
from tests.postgres import Postgres
from wpstate.adapters.database import open_database
from wpstate.adapters.postgres import PostgresDatabase
from wpstate.adapters.run_server import RunServer
from wpstate.adapters.site_processes import SiteProcesses
from wpstate.adapters.site_queue import SiteQueue
from wpstate.adapters.worker import CarryOut, Worker
from wpstate.model.problem import Failed, Problem
from wpstate.model.run import Outcome, Run
from wpstate.model.secret import Secret
from wpstate.model.site import Host, SiteId
from wpstate.ports import Progress

Noted = Callable[[str, Host | None], None]


@pytest.fixture
def database(postgres: Postgres) -> PostgresDatabase:
    opened = open_database(Secret(postgres.new()), Path("/nonexistent"))
    assert isinstance(opened, PostgresDatabase)
    return opened


def _work(database: PostgresDatabase, carry_out: CarryOut) -> tuple[str, str | None]:
    """One job, worked off by a worker that `carry_out` asks to stop; how it stands then."""
    queue = SiteQueue(database, "f")
    job = queue.hand_over(_plan("p-1")[0])
    assert job is not None

    def processes(progress: Progress) -> SiteProcesses:
        return SiteProcesses("/nonexistent", progress, RunServer(), attended=False)

    Worker(
        database, queue, carry_out, processes, at_once=1,
        told=lambda _: None, failed=lambda _: None,
    ).work()  # fmt: skip
    return queue.state(job)


def _run(run_id: str) -> Run:
    return Run(run_id, SiteId("shop"), "p-1", Outcome.APPLIED, NOW, 0.0, None, (), (), (), ())


def _asked_to_stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_one_that_drains_is_heard_of_until_its_run_has_ended(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its job would be given on while the run is under way."""
    monkeypatch.setattr("wpstate.adapters.worker._BEAT_S", 0.1)

    def last_beat() -> object:
        ((at,),) = database.rows("SELECT last_heartbeat FROM procrastinate_workers")
        return at

    def carry_out(_: str, began: str | None, noted: Noted, __: SiteProcesses) -> Run:
        assert began is None
        noted("r1", None)
        _asked_to_stop()
        time.sleep(1)  # the engine's own beats end with this
        before, give_up_at = last_beat(), time.monotonic() + 60
        while last_beat() == before:
            assert time.monotonic() < give_up_at, "silent"
            time.sleep(0.05)
        return _run("r1")

    assert _work(database, carry_out) == ("succeeded", "r1")


def test_a_job_whose_end_could_not_be_told_is_asked_about_again(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wpstate.adapters.worker._LOOK_S", 0.1)
    begun: list[str | None] = []

    def carry_out(_: str, began: str | None, noted: Noted, __: SiteProcesses) -> Run:
        begun.append(began)
        if began is None:
            noted("r1", None)
            raise Failed([Problem("ledger.unwritable", "the database was away")])
        _asked_to_stop()
        return _run(began)

    assert _work(database, carry_out) == ("succeeded", "r1")
    assert begun == [None, "r1"]
