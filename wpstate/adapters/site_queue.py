"""Sites' runs as jobs in PostgreSQL (Procrastinate): one at a time per site, few on one host, over
all machines. Plans go in as JSON and nothing else: who can write there runs no code here.

The engine keeps jobs, their locks and who is at work; beside it we note which run was made of a
job. A job is its worker's only as long as the engine names that worker, so that one that slept
changes nothing. What a worker does with a job is left to workflows.handed_over, working jobs off
to worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException

from wpstate.adapters.database import Rows
from wpstate.adapters.postgres import PostgresDatabase
from wpstate.adapters.queue_schema import QueueSchema
from wpstate.model.plan import Plan
from wpstate.planning.digest import digest
from wpstate.report.record import plan_to_text

TASK = "wpstate_site_run"
HEARD_OF_S = 60
_TABLE = """CREATE TABLE IF NOT EXISTS site_job (
    job INTEGER PRIMARY KEY,
    host TEXT NOT NULL,
    run TEXT NOT NULL,
    ended INTEGER NOT NULL
)"""
_STOPS = """CREATE TABLE IF NOT EXISTS site_job_stop (
    job INTEGER PRIMARY KEY,
    times INTEGER NOT NULL
)"""
_WORKER = """CREATE TABLE IF NOT EXISTS site_worker (
    name TEXT PRIMARY KEY,
    queue TEXT NOT NULL,
    seen_s INTEGER NOT NULL
)"""
_EVENTS = """CREATE TABLE IF NOT EXISTS site_job_event (
    job INTEGER NOT NULL,
    number INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (job, number)
)"""
_TELL = (
    "INSERT INTO site_job_event SELECT CAST(? AS BIGINT), COALESCE(MAX(number), 0) + 1, ?"
    " FROM site_job_event WHERE job = ?"
)
_HEAR = (
    "SELECT number, event FROM site_job_event WHERE job = ? AND number > ? ORDER BY number LIMIT ?"
)
_NOW_S = "CAST(extract(epoch FROM now()) AS BIGINT)"
_HERE = (
    f"INSERT INTO site_worker VALUES (?, ?, {_NOW_S})"  # noqa: S608
    " ON CONFLICT (name) DO UPDATE SET seen_s = excluded.seen_s"
)
_MINE = (
    "SELECT 1 FROM procrastinate_jobs WHERE id = ? AND worker_id = ? AND attempts = ?"
    " AND status = 'doing'"
)
_BUSY = (
    "SELECT count(*) FROM site_job JOIN procrastinate_jobs ON id = job"
    " WHERE host = ? AND job <> ? AND status IN ('todo', 'doing')"
)
_NOTE = (
    "INSERT INTO site_job VALUES (?, ?, ?, 0)"
    " ON CONFLICT (job) DO UPDATE SET run = excluded.run, ended = 0"
)
_BEAT = (
    "UPDATE procrastinate_workers SET last_heartbeat = now() FROM procrastinate_jobs job"
    " WHERE procrastinate_workers.id = job.worker_id AND job.id = ? AND job.worker_id = ?"
    " AND job.attempts = ? AND job.status = 'doing'"
)
_OPEN = (
    "SELECT id, args ->> 'work' FROM procrastinate_jobs"
    " WHERE lock = ? AND status IN ('todo', 'doing') ORDER BY id"
)
_STOP = (
    "INSERT INTO site_job_stop VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET times = excluded.times"
)
_LOST = """
SELECT procrastinate_retry_job_v2(job.id, now(), NULL, NULL, NULL)
FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND job.queue_name = ?
    AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => ?))
"""


_WORKERS = f"SELECT count(*) FROM site_worker WHERE queue = ? AND seen_s > {_NOW_S} - ?"  # noqa: S608
_FORGET = """
DELETE FROM procrastinate_jobs
WHERE queue_name = ? AND status NOT IN ('todo', 'doing') AND NOT EXISTS (
    SELECT 1 FROM procrastinate_events
    WHERE job_id = procrastinate_jobs.id AND at > now() - make_interval(days => 7))
"""
_TAKE_BACK = (
    "SELECT procrastinate_cancel_job_v1(?, false, false)"
    " WHERE NOT EXISTS (SELECT 1 FROM site_job WHERE job = ?)"
)
_FORGET_NOTES = (
    "DELETE FROM site_job WHERE job NOT IN (SELECT id FROM procrastinate_jobs)",
    "DELETE FROM site_job_stop WHERE job NOT IN (SELECT id FROM procrastinate_jobs)",
    "DELETE FROM site_job_event WHERE job NOT IN (SELECT id FROM procrastinate_jobs)",
    f"DELETE FROM site_worker WHERE seen_s < {_NOW_S} - 86400",  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Held:
    """A job as the engine gave it to one of its workers."""

    job: int
    worker: int
    attempts: int


class HostBusy(Exception):
    """As many runs as may be are at work on that host."""


class Overtaken(Exception):
    """The job is another worker's by now."""


class SiteQueue:
    """Of one fleet. May be shared by threads. Raises Failed (`database.unusable`)."""

    def __init__(self, database: PostgresDatabase, fleet: str) -> None:
        self._database = database
        self.name = f"wpstate {fleet}"[:128]
        self._fleet = fleet
        self._schema = QueueSchema(database)
        database.needs(_TABLE, _STOPS, _WORKER, _EVENTS)

    def hand_over(self, plan: Plan) -> int | None:
        """The number of the job; that of one that is under way already where it is the same work,
        whoever handed it over. None where other work waits for this site, or is under way: the
        engine keeps one that waits per site, so that one under way could not wait again."""
        site = f"{self._fleet}/{plan.sites[0].site}"
        work = _work(plan)
        self.prepare()
        app = self._app()
        # One at a time over all machines, or two could each find nothing under way.
        with self._database.writing() as rows:
            open_jobs = rows.run(_OPEN, (site,))
            if open_jobs:
                return next((int(job) for job, its_work in open_jobs if its_work == work), None)
            try:
                with app.open():
                    task = app.configure_task(TASK, queue=self.name, lock=site, queueing_lock=site)
                    return int(task.defer(plan=plan_to_text(plan), work=work))
            except (ConnectorException, psycopg.Error) as error:
                raise self._database.told(error) from None

    def state(self, job: int) -> tuple[str, str | None]:
        """How the job stands (`todo`, `doing`, `succeeded`, `failed`, `cancelled`), and the run
        that became of it once it ended."""
        status = self._database.rows(
            "SELECT CAST(status AS text) FROM procrastinate_jobs WHERE id = ?", (job,)
        )
        ended = self._database.rows("SELECT run FROM site_job WHERE job = ? AND ended = 1", (job,))
        return (status[0][0] if status else "gone"), (ended[0][0] if ended else None)

    def stop(self, job: int, times: int) -> None:
        """Ask the job's worker to stop its run, or once more; a job that waits is taken back, but
        not one whose worker was lost: somebody must bring its run to an end."""
        with self._database.writing() as rows:
            rows.run(_STOP, (job, times))
            rows.run(_TAKE_BACK, (job, job))

    def stops(self, jobs: Sequence[int]) -> dict[int, int]:
        """How often each of these jobs was asked to stop."""
        if not jobs:
            return {}
        asked = ", ".join("?" for _ in jobs)
        query = f"SELECT job, times FROM site_job_stop WHERE job IN ({asked})"  # noqa: S608
        return {int(job): int(times) for job, times in self._database.rows(query, jobs)}

    def began(self, job: int) -> str | None:
        """The run that somebody made of this job."""
        found = self._database.rows("SELECT run FROM site_job WHERE job = ?", (job,))
        return found[0][0] if found else None

    def begin(self, held: Held, host: str, run: str, *, at_most: int) -> None:
        """Note that this run is made of the job. Raises HostBusy, Overtaken."""
        with self._database.writing() as rows:
            _require(rows, held)
            ((busy,),) = rows.run(_BUSY, (host, held.job))
            if busy >= at_most:
                raise HostBusy
            rows.run(_NOTE, (held.job, host, run))

    def end(self, held: Held, run: str) -> None:
        """Note that this run is what became of the job. Raises Overtaken."""
        with self._database.writing() as rows:
            _require(rows, held)
            rows.run("UPDATE site_job SET ended = 1 WHERE job = ? AND run = ?", (held.job, run))

    def tell(self, events: Sequence[tuple[Held, str]]) -> None:
        """What happens in these jobs, for who waits for them. Not the word of one that slept."""
        with self._database.writing() as rows:
            for held, event in events:
                if rows.run(_MINE, (held.job, held.worker, held.attempts)):
                    rows.run(_TELL, (held.job, event, held.job))

    def told(self, job: int, after: int, at_most: int) -> list[tuple[int, str]]:
        """What was told of a job after that number. Anybody who can write here may have."""
        if at_most <= 0:
            return []
        rows = self._database.rows(_HEAR, (job, after, at_most))
        return [(int(number), str(event)) for number, event in rows]

    def beat(self, worker: str, several: Sequence[Held], *, takes_more: bool) -> None:
        """A worker lives, and so do those jobs: the engine says so no more once it was asked to
        stop. `takes_more`: it waits for others too."""
        with self._database.writing() as rows:
            if takes_more:
                rows.run(_HERE, (worker, self.name))
            else:
                rows.run("DELETE FROM site_worker WHERE name = ?", (worker,))
            for held in several:
                rows.run(_BEAT, (held.job, held.worker, held.attempts))

    def give_on_lost(self, silent_s: int) -> None:
        """Jobs of workers that were not heard of for so long wait for another worker again. One
        machine at a time, or a job could be taken from who just took it over."""
        with self._database.writing() as rows:
            rows.run(_LOST, (self.name, silent_s))

    def forget_old(self) -> None:
        """Jobs that ended a week ago; what became of them is in the ledger."""
        with self._database.writing() as rows:
            rows.run(_FORGET, (self.name,))
            for statement in _FORGET_NOTES:
                rows.run(statement)

    def workers(self) -> int:
        """How many of this fleet were heard of within a minute. The engine's own list knows no
        fleets."""
        return int(self._database.rows(_WORKERS, (self.name, HEARD_OF_S))[0][0])

    def prepare(self) -> None:
        """Raises Refused (`queue.schema`)."""
        self._schema.prepare()

    def migrate(self) -> tuple[str, ...]:
        """As QueueSchema.migrate."""
        return self._schema.migrate()

    def _app(self) -> App:
        return App(connector=SyncPsycopgConnector(kwargs=self._database.parts, min_size=1))


def _require(rows: Rows, held: Held) -> None:
    if not rows.run(_MINE, (held.job, held.worker, held.attempts)):
        raise Overtaken


def _work(plan: Plan) -> str:
    """The same for plans that do the same to a site, whoever made them."""
    (site,) = plan.sites
    return digest([site.digests, [[c.address, c.action, c.after] for c in site.changes]])
