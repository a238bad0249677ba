"""Works sites' runs off the queue (Procrastinate's worker), each in a process of its own.

Jobs of workers that fell silent wait again, for whoever is there. What a worker does with a job is
told from outside; what jobs are is left to site_queue.
"""

import asyncio
import logging
import signal
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock
from typing import Any, LiteralString

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from wpstate.adapters.postgres import PostgresDatabase
from wpstate.adapters.site_processes import SiteProcesses
from wpstate.adapters.site_queue import TASK, Held, HostBusy, Overtaken, SiteQueue
from wpstate.model.problem import Failed, WpstateError
from wpstate.model.progress import ProgressEvent
from wpstate.model.run import Run
from wpstate.model.site import Host
from wpstate.ports import Progress
from wpstate.report.progress_record import event_to_text

_AWAY = ("database.unusable", "ledger.unwritable")
_BEAT_S = 5.0
_LOST_AFTER_S = 20
_LOOK_S = 2.0
_STOPS_S = 1.0
_TELL_S = 0.5
_MOST_WAITING = 10_000
"""Events that the database does not take; older ones are lost."""
_HOUR_S = 3600.0
_DAY_S = 86400.0

CarryOut = Callable[[str, str | None, Callable[[str, Host | None], None], SiteProcesses], Run]
"""A plan as text, the run that was made of it before, who is told of the next one, and where it
runs: workflows.handed_over."""


class Worker:
    """Runs until it is asked to stop: once, and it takes nothing more and ends what it has; twice,
    and its runs are stopped as Ctrl-C stops one."""

    def __init__(
        self,
        database: PostgresDatabase,
        queue: SiteQueue,
        carry_out: CarryOut,
        processes: Callable[[Progress], SiteProcesses],
        *,
        at_once: int,
        told: Callable[[Run], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """`processes`: of a job's run, of which that progress hears."""
        self._events: deque[tuple[Held, str]] = deque(maxlen=_MOST_WAITING)
        self._database = database
        self._queue = queue
        self._carry_out = carry_out
        self._processes = processes
        self._at_once = at_once
        self._told = told
        self._failed = failed
        self._at_work: dict[int, SiteProcesses] = {}
        self._held: set[Held] = set()
        self._stopped: dict[int, int] = {}
        self._asked = 0
        self._working: asyncio.Task[None] | None = None
        self._name = uuid.uuid4().hex
        self._passing_on = Lock()

    def work(self) -> None:
        """Raises Failed (`database.unusable`) where the database cannot be reached at first; later
        it is waited for."""
        for name in ("procrastinate", "psycopg"):
            # They would print jobs whole, plans and all.
            logging.getLogger(name).addHandler(logging.NullHandler())
            logging.getLogger(name).propagate = False
        self._queue.prepare()
        asyncio.run(self._work())

    async def _work(self) -> None:
        app = App(connector=PsycopgConnector(kwargs=self._database.parts, min_size=1))
        app.job_manager = _FencedJobs(app.connector)
        retry = RetryStrategy(wait=int(_LOOK_S), retry_exceptions=[HostBusy, _Away])
        app.task(name=TASK, pass_context=True, retry=retry)(self._job)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._hear)
        self._pool = ThreadPoolExecutor(self._at_once, "job")
        async with app.open_async():
            beside = [
                asyncio.create_task(self._each(_BEAT_S, self._give_on)),
                asyncio.create_task(self._each(_STOPS_S, self._pass_on_stops)),
                asyncio.create_task(self._each(_TELL_S, self._tell)),
                asyncio.create_task(self._each(_HOUR_S, self._queue.forget_old)),
            ]
            while not self._asked:
                self._working = asyncio.create_task(
                    app.run_worker_async(
                        queues=[self._queue.name],
                        concurrency=self._at_once,
                        install_signal_handlers=False,
                        fetch_job_polling_interval=_LOOK_S,
                        update_heartbeat_interval=_BEAT_S,
                        stalled_worker_timeout=_DAY_S,
                    )
                )
                try:
                    await self._working
                except asyncio.CancelledError:
                    me = asyncio.current_task()
                    if not self._asked and me is not None and me.cancelling():
                        raise
                except Exception as error:  # noqa: BLE001  the database was away: it may come back
                    self._failed(self._database.told(error))
                if not self._asked:
                    await asyncio.sleep(_LOOK_S)
            for task in beside:
                task.cancel()
            with suppress(WpstateError):
                await asyncio.to_thread(self._queue.beat, self._name, (), takes_more=False)

    def _hear(self) -> None:
        self._asked += 1
        if self._asked == 1 and self._working is not None:
            self._working.cancel()
        elif self._asked > 1:
            for processes in tuple(self._at_work.values()):
                processes.interrupt()

    async def _job(self, context: JobContext, /, plan: str, **_: Any) -> None:
        job = context.job
        assert job.id is not None
        assert job.worker_id is not None
        held = Held(job.id, job.worker_id, job.attempts)
        processes = self._processes(_Telling(held, self._events))
        self._at_work[held.job] = processes
        self._held.add(held)
        try:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._pool, self._run, held, plan, processes)
        except (HostBusy, Overtaken, _Away):
            raise
        except Exception as error:
            self._failed(error)
            raise
        finally:
            self._held.discard(held)
            if self._at_work.get(held.job) is processes:
                del self._at_work[held.job]
                self._stopped.pop(held.job, None)

    def _run(self, held: Held, plan: str, processes: SiteProcesses) -> None:
        def noted(run: str, host: Host | None) -> None:
            where, at_most = (host.account.address, host.runs_at_once) if host else ("", 1)
            self._queue.begin(held, where, run, at_most=at_most)

        try:
            run = self._carry_out(plan, self._queue.began(held.job), noted, processes)
            with suppress(WpstateError):
                self._tell()  # before anybody hears that it ended
            self._queue.end(held, run.id)
        except Failed as failed:
            if not any(problem.slug in _AWAY for problem in failed.problems):
                raise
            self._failed(failed)
            raise _Away from None
        self._told(run)

    async def _each(self, seconds: float, what: Callable[[], None]) -> None:
        while True:
            # Without the database nothing can be done, and its return is waited for elsewhere.
            with suppress(WpstateError):
                await asyncio.to_thread(what)
            await asyncio.sleep(seconds)

    def _give_on(self) -> None:
        self._queue.beat(self._name, tuple(self._held), takes_more=not self._asked)
        self._queue.give_on_lost(_LOST_AFTER_S)

    def _tell(self) -> None:
        """Out of a run's way: it waits for no database. In their order, whoever passes them on."""
        events = []
        with self._passing_on:
            with suppress(IndexError):
                while True:
                    events.append(self._events.popleft())
            if events:
                self._queue.tell(events)

    def _pass_on_stops(self) -> None:
        mine = tuple(self._at_work)
        for job, times in self._queue.stops(mine).items():
            processes = self._at_work.get(job)
            for _ in range(times - self._stopped.get(job, 0) if processes else 0):
                assert processes is not None
                processes.interrupt()
            self._stopped[job] = times


class _Telling:
    """Progress of one job, for who waits for it on another machine."""

    def __init__(self, held: Held, events: deque[tuple[Held, str]]) -> None:
        self._held = held
        self._events = events

    def tell(self, event: ProgressEvent) -> None:
        self._events.append((self._held, event_to_text(event)))


class _Away(Exception):
    """The database was, so that nobody could be told what became of a job: it is to be asked once
    more, of the ledger and of the host."""


class _FencedJobs(JobManager):
    """Ends a job only as long as it is this worker's: the engine itself would take the word of one
    that slept while another had taken over."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        await self._where_held(
            job,
            "procrastinate_finish_job_v1(id, %(status)s, %(delete)s)",
            status=status.value,
            delete=delete_job,
        )

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        await self._where_held(
            job,
            "procrastinate_retry_job_v2(id, %(at)s, %(priority)s, %(queue)s, %(lock)s)",
            at=retry_at or datetime.now(UTC),
            priority=priority,
            queue=queue,
            lock=lock,
        )

    async def _where_held(self, job: Job, done: LiteralString, **words: Any) -> None:
        # One statement: a process may be stopped between any two.
        await self.connector.execute_query_async(
            query="SELECT "  # noqa: S608
            + done
            + " FROM procrastinate_jobs WHERE id = %(job)s"
            " AND status = 'doing' AND worker_id = %(worker)s AND attempts = %(attempts)s",
            job=job.id,
            worker=job.worker_id,
            attempts=job.attempts,
            **words,
        )
