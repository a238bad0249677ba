"""A run in a process of its own hears whoever wants it to stop, however early and in whatever job,
and does nothing once its command is gone."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import NOW, desired, managed, observed, version
from tests.postgres import Postgres
from wpstate.adapters.database import open_database
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.adapters.site_processes import SiteProcesses
from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.plan import Plan
from wpstate.model.problem import Failed
from wpstate.model.progress import ProgressEvent, RunEnded
from wpstate.model.run import Outcome, Run
from wpstate.model.secret import Secret
from wpstate.planning.build import build
from wpstate.report.record import run_from_text


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


def _processes(folder: Path, told: _Told | None = None) -> SiteProcesses:
    return SiteProcesses(str(folder), told or _Told(), attended=False)


def test_its_run_comes_back(nothing_to_do: tuple[Plan, Fleet], tmp_path: Path) -> None:
    told = _Told()
    run = _processes(tmp_path, told).run(*nothing_to_do)
    assert run.outcome is Outcome.IN_SYNC
    # and what it told meanwhile
    (ended,) = told.events
    assert isinstance(ended, RunEnded)
    assert (ended.site, ended.run, ended.outcome) == (run.site, run.id, run.outcome)


def test_a_run_that_dies_leaves_its_last_words(
    nothing_to_do: tuple[Plan, Fleet], tmp_path: Path
) -> None:
    plan, fleet = nothing_to_do
    with pytest.raises(Failed) as failed:
        _processes(tmp_path).run(plan, replace(fleet, sites=()))
    (problem,) = failed.value.problems
    assert problem.slug == "run.process"
    assert problem.found is not None
    assert problem.found.startswith("exit code 1, ValueError: not enough values")


def test_an_interrupt_before_it_listens_is_heard(
    nothing_to_do: tuple[Plan, Fleet], tmp_path: Path
) -> None:
    processes = _processes(tmp_path)
    processes.interrupt()
    stopped = processes.run(*nothing_to_do)
    assert (stopped.outcome, stopped.phases) == (Outcome.FAILED, ())
    assert [problem.slug for problem in stopped.reasons] == ["run.interrupted"]


@pytest.mark.usefixtures("born_in_the_background")
def test_a_job_in_the_background_is_stopped_too(
    nothing_to_do: tuple[Plan, Fleet], tmp_path: Path
) -> None:
    processes = _processes(tmp_path)
    processes.interrupt()
    assert processes.run(*nothing_to_do).outcome is Outcome.FAILED


def test_its_record_goes_where_its_command_keeps_runs(
    nothing_to_do: tuple[Plan, Fleet], tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.new()
    withheld = {"WPSTATE_DATABASE": url}
    processes = SiteProcesses(str(tmp_path), _Told(), attended=False, withheld=withheld)
    run = processes.run(*nothing_to_do)
    ledger = DatabaseLedger(open_database(Secret(url), tmp_path / "unused"))
    assert ledger.runs() == (run,)
    assert not (tmp_path / "home" / "ledger.sqlite3").exists()


def _started(nothing_to_do: tuple[Plan, Fleet], folder: Path, parent: int) -> bytes:
    # Its events go where its stdin came from, and nobody takes them.
    argv = (sys.executable, "-m", "wpstate.cli.site_run", str(folder), "0", str(parent), "0")
    given = pickle.dumps((*nothing_to_do, None, False))
    done = subprocess.run(argv, input=given, capture_output=True, timeout=60)
    return done.stdout


def test_it_does_nothing_for_a_command_that_is_gone(
    nothing_to_do: tuple[Plan, Fleet], tmp_path: Path
) -> None:
    run: Run = run_from_text(_started(nothing_to_do, tmp_path, os.getpid()))
    assert run.outcome is Outcome.IN_SYNC
    # Not by the number 1, which is the command itself where a container runs nothing else.
    assert _started(nothing_to_do, tmp_path, os.getpid() + 1) == b""
