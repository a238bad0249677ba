"""A run in a process of its own hears whoever wants it to stop, however early and in whatever job,
and does nothing once its command is gone."""

import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW, desired, managed, observed, version
from tests.postgres import Postgres
from wpstate.adapters.database import open_database
from wpstate.adapters.fork_server import Forked
from wpstate.adapters.interrupts import deaf_at_first
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.adapters.run_server import RunServer
from wpstate.adapters.site_processes import SiteProcesses
from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.plan import Plan
from wpstate.model.problem import Failed
from wpstate.model.progress import ProgressEvent, RunEnded
from wpstate.model.run import Outcome
from wpstate.model.secret import Secret
from wpstate.planning.build import build


@pytest.fixture
def nothing_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, Fleet]:
    """A run that is over at once, and touches no host."""
    monkeypatch.setenv("WPSTATE_HOME", str(tmp_path / "home"))
    asked: DesiredState = desired(managed("plugins.x", version("1.0")))
    seen = observed({"plugins.x": version("1.0")})
    plan = build("p-1", "f", [(asked, seen)], revision=None, dirty=False, now=NOW)
    return plan, Fleet("f", "", "", (asked,))


@pytest.fixture
def born_in_the_background() -> Iterator[None]:
    """As a shell without job control begins what ends in `&`: Ctrl-C is not for it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


class _Told:
    """Progress that is remembered."""

    def __init__(self) -> None:
        self.events: list[ProgressEvent] = []

    def tell(self, event: ProgressEvent) -> None:
        self.events.append(event)


@pytest.fixture
def server() -> Iterator[RunServer]:
    server = RunServer()
    yield server
    server.close()


Processes = Callable[..., SiteProcesses]


@pytest.fixture
def processes(server: RunServer, tmp_path: Path) -> Processes:
    def of_a_command(told: _Told | None = None) -> SiteProcesses:
        return SiteProcesses(str(tmp_path), told or _Told(), server, attended=False)

    return of_a_command


def test_its_run_comes_back(nothing_to_do: tuple[Plan, Fleet], processes: Processes) -> None:
    told = _Told()
    run = processes(told).run(*nothing_to_do)
    assert run.outcome is Outcome.IN_SYNC
    # and what it told meanwhile
    (ended,) = told.events
    assert isinstance(ended, RunEnded)
    assert (ended.site, ended.run, ended.outcome) == (run.site, run.id, run.outcome)


def test_a_run_that_dies_leaves_its_last_words(
    nothing_to_do: tuple[Plan, Fleet], processes: Processes
) -> None:
    plan, fleet = nothing_to_do
    with pytest.raises(Failed) as failed:
        processes().run(plan, replace(fleet, sites=()))
    (problem,) = failed.value.problems
    assert problem.slug == "run.process"
    assert problem.found is not None
    assert problem.found.startswith("exit code 1, ValueError: not enough values")
    # And is nobody else's trouble.
    assert processes().run(plan, fleet).outcome is Outcome.IN_SYNC


def test_an_interrupt_before_it_listens_is_heard(
    nothing_to_do: tuple[Plan, Fleet], processes: Processes
) -> None:
    stopped = processes()
    stopped.interrupt()
    run = stopped.run(*nothing_to_do)
    assert (run.outcome, run.phases) == (Outcome.FAILED, ())
    assert [problem.slug for problem in run.reasons] == ["run.interrupted"]
    # Another's runs hear nothing of it.
    assert processes().run(*nothing_to_do).outcome is Outcome.IN_SYNC


def test_what_a_run_said_counts_though_its_server_was_stopped(
    nothing_to_do: tuple[Plan, Fleet],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: RunServer,
) -> None:
    monkeypatch.setattr("wpstate.adapters.site_processes._REAPED_WITHIN_S", 0.2)

    class Stopped(RunServer):
        """Where somebody stops it as soon as it forked."""

        def begin(self, words: Any, **ends: Any) -> Forked:
            child = server.begin(words, **ends)
            (number,) = (each.pid for each in server._begun if "wpstate.cli.site_run" in each.args)
            while not Path(f"/proc/{number}/task/{number}/children").read_text():
                time.sleep(0.01)
            os.kill(number, signal.SIGSTOP)
            return child

    run = SiteProcesses(str(tmp_path), _Told(), Stopped(), attended=False).run(*nothing_to_do)
    for each in server._begun:
        each.send_signal(signal.SIGCONT)
    assert run.outcome is Outcome.IN_SYNC


@pytest.mark.usefixtures("born_in_the_background")
def test_a_job_in_the_background_is_stopped_too(
    nothing_to_do: tuple[Plan, Fleet], processes: Processes
) -> None:
    stopped = processes()
    stopped.interrupt()
    assert stopped.run(*nothing_to_do).outcome is Outcome.FAILED


def test_its_record_goes_where_its_command_keeps_runs(
    nothing_to_do: tuple[Plan, Fleet], tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.new()
    server = RunServer({"WPSTATE_DATABASE": url})
    run = SiteProcesses(str(tmp_path), _Told(), server, attended=False).run(*nothing_to_do)
    server.close()
    ledger = DatabaseLedger(open_database(Secret(url), tmp_path / "unused"))
    assert ledger.runs() == (run,)
    assert not (tmp_path / "home" / "ledger.sqlite3").exists()


def _below(parent: int) -> list[int]:
    """Processes that this one began, by itself or by one that it began."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            status = (folder / "status").read_text()
            if f"PPid:\t{parent}\n" in status and "State:\tZ" not in status:
                found += [int(folder.name), *_below(int(folder.name))]
    return found


def test_what_runs_come_from_is_begun_again_where_it_was_lost(
    nothing_to_do: tuple[Plan, Fleet], processes: Processes
) -> None:
    others = set(_below(os.getpid()))  # what tests before began, such as a database
    assert processes().run(*nothing_to_do).outcome is Outcome.IN_SYNC
    for process in set(_below(os.getpid())) - others:
        os.kill(process, signal.SIGKILL)
    while set(_below(os.getpid())) - others:
        time.sleep(0.02)
    assert processes().run(*nothing_to_do).outcome is Outcome.IN_SYNC


def test_nothing_is_left_of_it_when_its_command_is_done(
    nothing_to_do: tuple[Plan, Fleet], server: RunServer, processes: Processes
) -> None:
    before = set(_below(os.getpid()))
    assert processes().run(*nothing_to_do).outcome is Outcome.IN_SYNC
    assert set(_below(os.getpid())) - before
    server.close()
    assert set(_below(os.getpid())) - before == set()


@pytest.mark.parametrize("who", ["the command", "what it came from"])
def test_a_run_whose_command_is_gone_stops_before_it_begins(
    nothing_to_do: tuple[Plan, Fleet], tmp_path: Path, who: str
) -> None:
    """The command's ends of the pipes are held open here, as if it had only just died."""
    server = RunServer()
    (stdin, job), (said, stdout) = os.pipe(), os.pipe()
    with deaf_at_first():
        begun = server.begin(
            {"fleet": str(tmp_path), "attended": False},
            stdin=stdin, stdout=stdout, stderr=stdout, fds=(stdout,),
        )  # fmt: skip
    os.close(stdin)
    os.close(stdout)
    before = set(_below(os.getpid()))
    if who == "the command":
        server.close()
    else:
        for process in before:
            if b"site_run" in Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(process, signal.SIGKILL)
                break
    assert begun.wait(30) is None
    with suppress(BrokenPipeError):
        os.write(job, pickle.dumps((*nothing_to_do, None, False)))
    os.close(job)
    with os.fdopen(said, "rb") as answer:
        words = answer.read()
    server.close()
    assert b"in_sync" not in words
    assert b"Traceback" not in words
