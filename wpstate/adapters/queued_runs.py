"""Runs on several sites at once, on whichever machines have a worker (ports.SiteRuns).

A run is waited for here, and goes on where this command ends first. What jobs are is left to
site_queue, working them off to worker.
"""

import time
from threading import Lock

from wpstate.adapters.event_pipe import MOST_EVENTS, event_of_run
from wpstate.adapters.site_queue import HEARD_OF_S, SiteQueue
from wpstate.model.desired import Fleet
from wpstate.model.plan import Plan
from wpstate.model.problem import Failed, Problem
from wpstate.model.progress import RunEnded
from wpstate.model.run import Outcome, Run, end_of_run
from wpstate.model.run_id import new_run_id
from wpstate.model.site import SiteId
from wpstate.ports import Clock, Ledger, Progress

_LOOK_EACH_S = 0.3
_UNDER_WAY = ("todo", "doing")


class QueuedRuns:
    """Of one command."""

    def __init__(self, queue: SiteQueue, ledger: Ledger, clock: Clock, progress: Progress) -> None:
        """`progress` hears what workers tell of the runs."""
        self._progress = progress
        self._queue = queue
        self._ledger = ledger
        self._clock = clock
        self._interrupts = 0
        self._lock = Lock()

    def run(self, plan: Plan, fleet: Fleet) -> Run:
        """Raises Failed (`run.process`, `database.unusable`)."""
        site = plan.sites[0]
        if site.refusals:
            return self._not_begun(plan, Outcome.REFUSED, *site.refusals)
        if not site.changes:
            return self._not_begun(plan, Outcome.IN_SYNC)
        job = self._queue.hand_over(plan)
        if job is None:
            return self._not_begun(plan, Outcome.REFUSED, _other_work(plan))
        heard = _Heard(self._queue, job, site.site, self._progress)
        status, ended = self._waited(job, heard)
        if status == "alone":
            return self._not_begun(plan, Outcome.FAILED, _no_worker(plan))
        if status == "cancelled":
            return self._not_begun(plan, Outcome.FAILED, _stopped(plan))
        run = self._ledger.run(ended) if ended is not None else None
        if run is None:
            raise Failed([_lost(plan, job, status)])
        if not heard.ended:
            self._tell_end(run)
        return run

    def interrupt(self) -> None:
        """Ask all runs to stop as Ctrl-C asks one, asked twice: to leave it to the host."""
        with self._lock:
            self._interrupts += 1

    def _waited(self, job: int, heard: "_Heard") -> tuple[str, str | None]:
        asked = 0
        alone_at = time.monotonic() + HEARD_OF_S
        while True:
            times = self._interrupts
            if times > asked:
                self._queue.stop(job, times)
                asked = times
            status, ended = self._queue.state(job)
            heard.pass_on()
            if status not in _UNDER_WAY:
                return status, ended
            if status == "todo" and time.monotonic() >= alone_at:
                if not self._queue.workers():
                    self._queue.stop(job, 1)
                    return ("alone" if self._queue.state(job)[0] == "cancelled" else "failed"), None
                alone_at = time.monotonic() + HEARD_OF_S
            time.sleep(_LOOK_EACH_S)

    def _not_begun(self, plan: Plan, outcome: Outcome, *reasons: Problem) -> Run:
        now = self._clock.now()
        site = plan.sites[0].site
        run = self._ledger.add(
            end_of_run(
                new_run_id(now), site, plan.id, outcome, now, reasons, revision=plan.revision
            )
        )
        self._tell_end(run)
        return run

    def _tell_end(self, run: Run) -> None:
        now = self._clock.now()
        self._progress.tell(RunEnded(now, run.site, run.id, run.outcome, run.took_s, run.frozen_s))


class _Heard:
    """What is told of one job, once and as it happens."""

    def __init__(self, queue: SiteQueue, job: int, site: SiteId, progress: Progress) -> None:
        self._queue, self._job, self._site, self._progress = queue, job, site, progress
        self._last = self._many = 0
        self.ended = False

    def pass_on(self) -> None:
        for number, text in self._queue.told(self._job, self._last, MOST_EVENTS - self._many):
            self._last, self._many = number, self._many + 1
            event = event_of_run(text.encode("utf-8", "replace"), self._site)
            if event is not None:
                self._progress.tell(event)
                self.ended = self.ended or isinstance(event, RunEnded)


def _other_work(plan: Plan) -> Problem:
    return Problem(
        "run.queued",
        "another plan waits for a worker to change this site, or is with one",
        key=plan.sites[0].site,
        why="what waits would be stale once this one was carried out, or the other way round",
        mend=f"wait until it ended, then: wpstate plan {plan.sites[0].site}",
    )


def _no_worker(plan: Plan) -> Problem:
    return Problem(
        "run.no_worker",
        "no worker took this run",
        key=plan.sites[0].site,
        found=f"none was heard of for {HEARD_OF_S} s",
        why="where WPSTATE_DATABASE is set, workers change sites; the run was taken back",
        mend="wpstate worker, on a machine that reaches the hosts",
    )


def _stopped(plan: Plan) -> Problem:
    return Problem(
        "run.interrupted",
        "the run was stopped",
        key=plan.sites[0].site,
        found="before a worker took it",
        why="a person, or whatever ended the command, asked for it",
        mend=f"wpstate plan {plan.sites[0].site}",
    )


def _lost(plan: Plan, job: int, status: str) -> Problem:
    site = plan.sites[0].site
    return Problem(
        "run.process",
        "the process of this run ended without saying how the run did",
        key=site,
        found=f"job {job} {status}",
        why="its worker could not carry it out, and says so where it runs",
        mend=f"wpstate recover {site}",
    )
