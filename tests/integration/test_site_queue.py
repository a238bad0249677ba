"""Jobs of sites on a real PostgreSQL: one for the same work, few on one host, and no word of a
worker counts once the job is another's."""

import asyncio
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Job, Status
from procrastinate.schema import SchemaManager

from tests.builders import NOW, desired, managed, observed, version
from tests.postgres import Postgres
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.database import open_database
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.adapters.postgres import PostgresDatabase
from wpstate.adapters.queued_runs import QueuedRuns
from wpstate.adapters.site_queue import Held, HostBusy, Overtaken, SiteQueue
from wpstate.adapters.worker import _FencedJobs
from wpstate.model.desired import Fleet
from wpstate.model.plan import Plan
from wpstate.model.problem import Failed, Refused
from wpstate.model.run import Outcome
from wpstate.model.secret import Secret
from wpstate.model.site import SiteId
from wpstate.planning.build import build
from wpstate.reaching import Unwatched
from wpstate.report.record import plan_from_text


def _plan(name: str, wanted: str = "1.1", site: str = "shop") -> tuple[Plan, Fleet]:
    asked = desired(managed("plugins.x", version(wanted)))
    asked = replace(asked, site=replace(asked.site, id=SiteId(site)))
    seen = replace(observed({"plugins.x": version("1.0")}), site=SiteId(site))
    plan = build(name, "f", [(asked, seen)], revision=None, dirty=False, now=NOW)
    (one,) = plan.sites
    return replace(plan, sites=(replace(one, refusals=()),)), Fleet("f", "", "", (asked,))


@pytest.fixture
def database(postgres: Postgres) -> PostgresDatabase:
    opened = open_database(Secret(postgres.new()), Path("/nonexistent"))
    assert isinstance(opened, PostgresDatabase)
    return opened


@pytest.fixture
def queue(database: PostgresDatabase) -> SiteQueue:
    return SiteQueue(database, "f")


def _fetch(
    queue: SiteQueue, database: PostgresDatabase, *, beat_s_ago: int = 0
) -> tuple[Job, Held]:
    """As a new worker does."""

    async def fetch() -> Job:
        app = App(connector=PsycopgConnector(kwargs=database.parts, min_size=1))
        async with app.open_async():
            worker = await app.job_manager.register_worker()
            job = await app.job_manager.fetch_job([queue.name], worker)
        assert job is not None
        return job

    job = asyncio.run(fetch())
    with database.writing() as rows:
        rows.run(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => ?)"
            " WHERE id = ?",
            (beat_s_ago, job.worker_id),
        )
    assert job.id
    assert job.worker_id
    return job, Held(job.id, job.worker_id, job.attempts)


def _finish(database: PostgresDatabase, job: Job) -> None:
    async def finish() -> None:
        app = App(connector=PsycopgConnector(kwargs=database.parts, min_size=1))
        async with app.open_async():
            await _FencedJobs(app.connector).finish_job(job, Status.SUCCEEDED, False)

    asyncio.run(finish())


def test_the_same_work_is_one_job_whoever_wants_it(queue: SiteQueue) -> None:
    job = queue.hand_over(_plan("p-1")[0])
    assert job is not None
    assert queue.hand_over(_plan("p-2")[0]) == job
    assert queue.hand_over(_plan("p-3", "1.2")[0]) is None
    other = queue.hand_over(_plan("p-4", site="blog")[0])
    assert other not in (None, job)


def test_all_at_once_make_one_job_and_the_tables_too(postgres: Postgres) -> None:
    url, jobs = postgres.new(), list[int | None]()

    def hand_over(number: int) -> None:
        database = open_database(Secret(url), Path("/nonexistent"))
        assert isinstance(database, PostgresDatabase)
        jobs.append(SiteQueue(database, "f").hand_over(_plan(f"p-{number}")[0]))

    threads = [threading.Thread(target=hand_over, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(jobs) == 5
    assert len(set(jobs)) == 1


def test_what_lies_in_the_database_is_json_and_a_plan(
    queue: SiteQueue, database: PostgresDatabase
) -> None:
    plan, _ = _plan("p-1")
    queue.hand_over(plan)
    ((text,),) = database.rows("SELECT args ->> 'plan' FROM procrastinate_jobs")
    assert plan_from_text(text, "") == plan


def test_few_on_one_host_over_all_workers(queue: SiteQueue, database: PostgresDatabase) -> None:
    for site in ("a", "b", "c"):
        queue.hand_over(_plan(f"p-{site}", site=site)[0])
    (job, one), (_, two), (_, three) = (_fetch(queue, database) for _ in range(3))
    queue.begin(one, "h", "r1", at_most=2)
    queue.begin(two, "h", "r2", at_most=2)
    with pytest.raises(HostBusy):
        queue.begin(three, "h", "r3", at_most=2)
    queue.begin(three, "elsewhere", "r3", at_most=2)
    queue.end(one, "r1")
    _finish(database, job)
    assert queue.state(one.job) == ("succeeded", "r1")
    queue.begin(three, "h", "r3", at_most=2)


def test_a_lost_workers_job_waits_again_and_is_its_own_no_more(
    queue: SiteQueue, database: PostgresDatabase
) -> None:
    number = queue.hand_over(_plan("p-1")[0])
    queue.hand_over(_plan("p-2", "1.2")[0])
    slept_job, slept = _fetch(queue, database, beat_s_ago=30)
    queue.begin(slept, "h", "r1", at_most=2)
    queue.give_on_lost(20)
    _, heir = _fetch(queue, database)
    assert heir.job == number
    assert queue.began(heir.job) == "r1"
    # It wakes.
    for late in (lambda: queue.begin(slept, "h", "r9", at_most=2), lambda: queue.end(slept, "r1")):
        with pytest.raises(Overtaken):
            late()
    _finish(database, slept_job)
    assert queue.state(heir.job) == ("doing", None)
    queue.give_on_lost(20)
    assert queue.state(heir.job) == ("doing", None), "taken from one that is awake"


def test_other_work_never_keeps_a_lost_job_from_waiting_again(
    queue: SiteQueue, database: PostgresDatabase
) -> None:
    """The engine lets one job wait per site: one handed over now would be in the way."""
    number = queue.hand_over(_plan("p-1")[0])
    _fetch(queue, database, beat_s_ago=30)
    assert queue.hand_over(_plan("p-2", "1.2")[0]) is None
    assert queue.hand_over(_plan("p-3")[0]) == number
    queue.give_on_lost(20)
    _, heir = _fetch(queue, database)
    assert heir.job == number


def test_a_run_that_was_begun_and_lost_is_not_taken_back(
    queue: SiteQueue, database: PostgresDatabase
) -> None:
    """Its site may be between states: a worker must bring it to its end."""
    queue.hand_over(_plan("p-1")[0])
    _, held = _fetch(queue, database, beat_s_ago=30)
    queue.begin(held, "h", "r1", at_most=2)
    queue.give_on_lost(20)
    queue.stop(held.job, 1)
    assert queue.state(held.job)[0] == "todo"
    _, heir = _fetch(queue, database)
    assert (queue.began(heir.job), queue.stops([heir.job])) == ("r1", {held.job: 1})


def test_who_is_at_work_keeps_its_job_however_the_engine_fell_silent(
    queue: SiteQueue, database: PostgresDatabase
) -> None:
    queue.hand_over(_plan("p-1")[0])
    _, held = _fetch(queue, database, beat_s_ago=30)
    queue.beat("w1", [held], takes_more=True)
    queue.give_on_lost(20)
    queue.begin(held, "h", "r1", at_most=2)
    with database.writing() as rows:
        rows.run("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '30 s'")
    queue.give_on_lost(20)
    queue.beat("w1", [held], takes_more=True)  # too late: it is nobody's word any more
    with pytest.raises(Overtaken):
        queue.end(held, "r1")


def test_a_person_takes_back_what_waits_and_is_heard_of_what_runs(
    queue: SiteQueue, database: PostgresDatabase
) -> None:
    plan, fleet = _plan("p-1")
    ledger = DatabaseLedger(database)
    runs = QueuedRuns(queue, ledger, SystemClock(), Unwatched())
    runs.interrupt()
    run = runs.run(plan, fleet)
    assert (run.outcome, [p.slug for p in run.reasons]) == (Outcome.FAILED, ["run.interrupted"])
    assert ledger.run(run.id) == run

    number = queue.hand_over(plan)
    assert number is not None
    _fetch(queue, database)
    queue.stop(number, 2)
    assert queue.state(number)[0] == "doing"
    assert queue.stops([number, 77]) == {number: 2}


def test_other_work_for_the_same_site_is_refused(
    queue: SiteQueue, database: PostgresDatabase
) -> None:
    queue.hand_over(_plan("p-1")[0])
    runs = QueuedRuns(queue, DatabaseLedger(database), SystemClock(), Unwatched())
    run = runs.run(*_plan("p-2", "1.2"))
    assert (run.outcome, [p.slug for p in run.reasons]) == (Outcome.REFUSED, ["run.queued"])


def test_without_any_worker_it_is_taken_back(
    queue: SiteQueue, database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wpstate.adapters.queued_runs.HEARD_OF_S", 1)
    runs = QueuedRuns(queue, DatabaseLedger(database), SystemClock(), Unwatched())
    run = runs.run(*_plan("p-1"))
    assert (run.outcome, [p.slug for p in run.reasons]) == (Outcome.FAILED, ["run.no_worker"])


def test_what_ended_long_ago_is_forgotten(queue: SiteQueue, database: PostgresDatabase) -> None:
    for site in ("a", "b"):
        queue.hand_over(_plan(f"p-{site}", site=site)[0])
    job, held = _fetch(queue, database)
    queue.begin(held, "h", "r1", at_most=2)
    queue.end(held, "r1")
    _finish(database, job)
    queue.forget_old()
    assert queue.state(held.job) == ("succeeded", "r1")
    with database.writing() as rows:
        rows.run("UPDATE procrastinate_events SET at = now() - make_interval(days => 8)")
    queue.forget_old()
    assert queue.state(held.job) == ("gone", None)
    assert database.rows("SELECT count(*) FROM procrastinate_jobs") == [(1,)]


def test_workers_of_other_fleets_are_nobodys_hope(postgres: Postgres) -> None:
    database = open_database(Secret(postgres.new()), Path("/nonexistent"))
    assert isinstance(database, PostgresDatabase)
    ours, theirs = SiteQueue(database, "ours"), SiteQueue(database, "theirs")
    theirs.beat("w1", (), takes_more=True)
    assert (ours.workers(), theirs.workers()) == (0, 1)
    ours.beat("w2", (), takes_more=True)
    ours.beat("w2", (), takes_more=True)
    assert ours.workers() == 1
    ours.beat("w2", (), takes_more=False)
    assert ours.workers() == 0


def test_tables_of_another_version_are_refused_and_brought_up_by_name(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the engine's own files, and then one more, as its next version has."""

    def queue() -> SiteQueue:
        database = open_database(Secret(url), Path("/nonexistent"))
        assert isinstance(database, PostgresDatabase)
        return SiteQueue(database, "f")

    url = postgres.new()
    queue().prepare()
    assert queue().migrate() == ()
    own = Path(SchemaManager.get_migrations_path())
    for file in own.glob("*.sql"):
        shutil.copy(file, tmp_path)
    more = "98.00.00_01_pre_x", "98.00.00_50_post_x"
    (tmp_path / f"{more[0]}.sql").write_text("CREATE TABLE upgraded_by_test (percent text);")
    (tmp_path / f"{more[1]}.sql").write_text("SELECT no_such_thing();")
    monkeypatch.setattr(SchemaManager, "get_migrations_path", lambda: str(tmp_path))
    for refused in (queue().prepare, lambda: queue().hand_over(_plan("p-1")[0])):
        with pytest.raises(Refused) as told:
            refused()
        (problem,) = told.value.problems
        assert problem.slug == "queue.schema"
        assert "wpstate worker --migrate" in (problem.mend or "")
    # What fails in the middle is gone on with.
    with pytest.raises(Failed):
        queue().migrate()
    (tmp_path / f"{more[1]}.sql").write_text("SELECT '100%' FROM upgraded_by_test;")
    assert queue().migrate() == more[1:]
    queue().prepare()
    assert queue().hand_over(_plan("p-1")[0]) is not None

    monkeypatch.setattr(SchemaManager, "get_migrations_path", lambda: str(own))
    for refused in (queue().prepare, queue().migrate):
        with pytest.raises(Refused) as told:
            refused()
        assert "install here" in (told.value.problems[0].mend or "")
