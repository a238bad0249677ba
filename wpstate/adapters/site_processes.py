"""Runs on several sites at once, each in a process of its own: an interrupt, a hanging library or
a crash of one is nobody else's.

What a run does is left to workflows.apply, which the process calls (cli.site_run). The job goes
over a pipe to ourselves alone; the run comes back as the ledger holds it, and what it tells while
it is under way through adapters.event_pipe.
"""

import os
import pickle
import signal
from contextlib import suppress
from threading import Lock
from typing import BinaryIO

import msgspec

from wpstate.adapters.event_pipe import Heard
from wpstate.adapters.fork_server import Forked
from wpstate.adapters.interrupts import deaf_at_first
from wpstate.adapters.run_server import RunServer
from wpstate.model.desired import Fleet
from wpstate.model.plan import Plan
from wpstate.model.problem import Failed, Problem
from wpstate.model.run import Run
from wpstate.ports import Progress
from wpstate.report.record import run_from_text

_REAPED_WITHIN_S = 10.0
"""After its end, by the server that forked it."""


class SiteProcesses:
    """Of one command, whose progress hears of them."""

    def __init__(
        self,
        fleet_folder: str,
        progress: Progress,
        server: RunServer,
        *,
        attended: bool,
    ) -> None:
        self._server = server
        self._words = {"fleet": fleet_folder, "attended": attended}
        self._progress = progress
        self._living: set[Forked] = set()
        self._interrupted = False
        self._lock = Lock()

    def run(
        self, plan: Plan, fleet: Fleet, *, run_id: str | None = None, foreign: bool = False
    ) -> Run:
        """Apply a plan of one site, `fleet` being that site's part, and wait for its end.
        `run_id`, `foreign`: of workflows.apply.

        Raises Failed (`run.process`) where the process ended without a word of the run.
        """
        heard = Heard(plan.sites[0].site, self._progress)
        (asks, given), (said, says) = (os.pipe2(os.O_CLOEXEC) for _ in range(2))
        with open(given, "wb") as job, open(said, "rb") as answer:
            try:
                with deaf_at_first(), heard.pipes() as (events, words):
                    child = self._server.begin(
                        self._words, stdin=asks, stdout=says, stderr=words, fds=(events,)
                    )
            finally:
                os.close(asks)
                os.close(says)
            answered = self._answer(
                child, job, answer, pickle.dumps((plan, fleet, run_id, foreign))
            )
        last_words = heard.wait()
        try:
            return run_from_text(answered)
        except msgspec.DecodeError:  # nothing, or half of it
            raise Failed([_lost(plan, child.returncode, last_words)]) from None

    def _answer(self, child: Forked, job: BinaryIO, answer: BinaryIO, asked: bytes) -> bytes:
        with self._lock:
            self._living.add(child)
            if self._interrupted:
                _stop(child)
        try:
            with suppress(BrokenPipeError), job:  # it reads all before it says a word
                job.write(asked)
            said = answer.read()
            with suppress(TimeoutError):  # what it said counts, even if its server is stopped
                child.wait(_REAPED_WITHIN_S)
            return said
        finally:
            with self._lock:
                self._living.discard(child)

    def interrupt(self) -> None:
        """Ask all runs to stop as Ctrl-C asks one: finish or undo the step; asked twice: leave it
        to the host. A run that is only about to begin hears of it too."""
        with self._lock:
            self._interrupted = True
            for child in self._living:
                _stop(child)


def _stop(child: Forked) -> None:
    """Not by SIGINT, which jobs in the background of a script are born to ignore."""
    child.send_signal(signal.SIGTERM)


def _lost(plan: Plan, code: int | None, last_words: str) -> Problem:
    site = plan.sites[0].site
    return Problem(
        "run.process",
        "the process of this run ended without saying how the run did",
        key=site,
        found=("no exit code" if code is None else f"exit code {code}")
        + (f", {last_words}" if last_words else ""),
        why="it was killed, or this machine had no memory left; the host ends the run by itself",
        mend=f"wpstate recover {site}",
    )
