"""A worker on a real queue: it drains when asked to stop, hears who wants a run stopped, keeps to
the limits of a host, and tells what it could not carry out."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import NOW, desired
from tests.integration.test_site_queue import _plan
from tests.postgres import Postgres
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.database import open_database
from wpstate.adapters.event_pipe import MOST_EVENTS
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.adapters.postgres import PostgresDatabase
from wpstate.adapters.queued_runs import QueuedRuns, _Heard
from wpstate.adapters.site_processes import SiteProcesses
from wpstate.adapters.site_queue import Held, SiteQueue
from wpstate.adapters.worker import Worker
from wpstate.model.desired import Fleet
from wpstate.model.progress import Looked, PhaseBegan, ProgressEvent, RunEnded, SetOut
from wpstate.model.run import Outcome, Phase, Run
from wpstate.model.secret import Secret
from wpstate.model.site import Host, SiteId
from wpstate.ports import Progress
from wpstate.report.progress_record import event_to_text
from wpstate.report.record import plan_from_text

_HOST = desired().site.host
Noted = Callable[[str, Host | None], None]


class _Processes(SiteProcesses):
    """Of runs that are not begun here."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.interrupted = threading.Event()

    def interrupt(self) -> None:
        self.interrupted.set()


class _Work:
    """What a worker does with its jobs, on as many threads as it likes."""

    def __init__(self, does: Callable[[str, _Processes], None]) -> None:
        self._does = does
        self._lock = threading.Lock()
        self.now = self.most = 0

    def __call__(self, text: str, began: str | None, noted: Noted, processes: SiteProcesses) -> Run:
        site = plan_from_text(text, "").sites[0].site
        noted(f"r-{site}", _HOST)
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        assert isinstance(processes, _Processes)
        try:
            self._does(site, processes)
        finally:
            with self._lock:
                self.now -= 1
        return Run(f"r-{site}", SiteId(site), "p", Outcome.APPLIED, NOW, 1.0, None, (), (), (), ())


@pytest.fixture
def database(postgres: Postgres) -> PostgresDatabase:
    opened = open_database(Secret(postgres.new()), Path("/nonexistent"))
    assert isinstance(opened, PostgresDatabase)
    return opened


@pytest.fixture
def queue(database: PostgresDatabase) -> SiteQueue:
    return SiteQueue(database, "f")


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _work(
    database: PostgresDatabase, queue: SiteQueue, work: _Work, at_once: int = 1
) -> tuple[list[str], list[Exception]]:
    told, failed = list[str](), list[Exception]()
    worker = Worker(
        database,
        queue,
        work,
        _Processes,
        at_once=at_once,
        told=lambda run: told.append(run.id),
        failed=failed.append,
    )
    worker.work()
    return told, failed


def _hand_over(queue: SiteQueue, *sites: str) -> list[int]:
    jobs = [queue.hand_over(_plan(f"p-{site}", site=site)[0]) for site in sites]
    return [job for job in jobs if job is not None]


def test_asked_to_stop_it_ends_what_it_has_and_takes_nothing_more(
    database: PostgresDatabase, queue: SiteQueue
) -> None:
    first, second = _hand_over(queue, "a", "b")

    def does(_: str, processes: _Processes) -> None:
        _stop()
        assert not processes.interrupted.wait(1)

    assert _work(database, queue, _Work(does)) == (["r-a"], [])
    assert queue.state(first) == ("succeeded", "r-a")
    assert queue.state(second) == ("todo", None)


def test_asked_twice_it_has_its_runs_stop(database: PostgresDatabase, queue: SiteQueue) -> None:
    (job,) = _hand_over(queue, "a")

    def does(_: str, processes: _Processes) -> None:
        for _again in range(2):
            _stop()
            time.sleep(0.2)
        assert processes.interrupted.wait(10)

    assert _work(database, queue, _Work(does)) == (["r-a"], [])
    assert queue.state(job) == ("succeeded", "r-a")


def test_who_waits_for_a_run_may_have_it_stopped(
    database: PostgresDatabase, queue: SiteQueue
) -> None:
    (job,) = _hand_over(queue, "a")

    def does(_: str, processes: _Processes) -> None:
        queue.stop(job, 1)
        stopped = processes.interrupted.wait(20)
        _stop()
        assert stopped

    assert _work(database, queue, _Work(does)) == (["r-a"], [])


def test_what_finds_its_host_busy_comes_later(database: PostgresDatabase, queue: SiteQueue) -> None:
    jobs = _hand_over(queue, "a", "b", "c", "d")
    left = threading.Semaphore(len(jobs) - 1)

    def does(_: str, __: _Processes) -> None:
        time.sleep(0.5)
        if not left.acquire(blocking=False):
            _stop()

    work = _Work(does)
    told, failed = _work(database, queue, work, at_once=4)
    assert (sorted(told), failed) == (["r-a", "r-b", "r-c", "r-d"], [])
    assert work.most == _HOST.runs_at_once == 2


def test_what_it_could_not_carry_out_is_told_and_ends(
    database: PostgresDatabase, queue: SiteQueue
) -> None:
    (job,) = _hand_over(queue, "a")

    def does(_: str, __: _Processes) -> None:
        _stop()
        raise ZeroDivisionError

    told, failed = _work(database, queue, _Work(does))
    assert (told, [type(error) for error in failed]) == ([], [ZeroDivisionError])
    assert queue.state(job) == ("failed", None)


class _Watched:
    """Who waits for a run, on another machine."""

    def __init__(self) -> None:
        self.events: list[ProgressEvent] = []
        self.heard = threading.Event()

    def tell(self, event: ProgressEvent) -> None:
        self.events.append(event)
        if isinstance(event, PhaseBegan):
            self.heard.set()


def _waiting(
    database: PostgresDatabase, queue: SiteQueue, watched: _Watched, site: str
) -> tuple[threading.Thread, list[Run]]:
    """Hands a site's plan over and waits for its end, as a pass does."""
    runs: list[Run] = []
    plan, fleet = _plan(f"p-{site}", site=site)[0], Fleet("f", "http://a", "http://d", ())
    waits = QueuedRuns(queue, DatabaseLedger(database), SystemClock(), watched)
    thread = threading.Thread(target=lambda: runs.append(waits.run(plan, fleet)))
    return thread, runs


def test_who_waits_for_a_run_elsewhere_sees_it_move(
    database: PostgresDatabase, queue: SiteQueue
) -> None:
    watched, site = _Watched(), SiteId("a")
    waits, runs = _waiting(database, queue, watched, site)
    began = PhaseBegan(NOW, site, "r-a", Phase.APPLY, "")
    others = (
        replace(began, site=SiteId("b")),
        Looked(NOW, 1, 1, 1),
        SetOut(NOW, (site,)),
        replace(began, text="x" * 5000),
    )

    def does(_: str, processes: _Processes) -> None:
        ledger = DatabaseLedger(database)
        for event in (*others, began):
            processes.progress.tell(event)
        try:
            # While it is under way, not once it ended.
            assert watched.heard.wait(60)
        finally:
            _stop()
        ledger.add(Run("r-a", site, "p", Outcome.APPLIED, NOW, 1.0, None, (), (), (), ()))

    waits.start()
    assert _work(database, queue, _Work(does)) == (["r-a"], [])
    waits.join(60)
    assert [run.id for run in runs] == ["r-a"]
    assert watched.events[0] == began
    (end,) = watched.events[1:]
    assert isinstance(end, RunEnded)
    assert (end.run, end.outcome) == ("r-a", Outcome.APPLIED)


def test_what_somebody_floods_the_events_with_is_cut(
    database: PostgresDatabase, queue: SiteQueue
) -> None:
    watched, site = _Watched(), SiteId("a")
    job = queue.hand_over(_plan("p-a", site=site)[0])
    assert job is not None
    began = event_to_text(PhaseBegan(NOW, site, "r-a", Phase.APPLY, ""))
    with database.writing() as rows:
        for number in range(MOST_EVENTS + 100):
            text = began if number % 2 else "{"
            rows.run("INSERT INTO site_job_event VALUES (?, ?, ?)", (job, number, text))
    heard = _Heard(queue, job, site, watched)
    for _ in range(3):
        heard.pass_on()
    assert len(watched.events) <= MOST_EVENTS // 2
    assert len(watched.events) >= MOST_EVENTS // 2 - 1


def test_one_that_slept_tells_nothing_more(database: PostgresDatabase, queue: SiteQueue) -> None:
    (job,) = _hand_over(queue, "a")
    queue.tell([(Held(job, 1, 0), "of nobody's job")])
    assert queue.told(job, 0, 10) == []
