"""The ledger, on both databases: what is written is read, and an end that was settled by somebody
else is not overwritten by a process that slept."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import NOW, desired, managed, observed, version
from tests.postgres import Postgres
from wpstate.adapters.database import open_database
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.model.change import Cause
from wpstate.model.desired import Policy
from wpstate.model.problem import Failed, Problem
from wpstate.model.run import Outcome, Phase, PhaseTime, Run
from wpstate.model.secret import Secret
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.planning.build import build_site
from wpstate.report.record import run_to_text

_SITE = SiteId("shop")
_ENDED = Problem("run.abandoned", "its controller is gone")
_OWN = Problem("host.unreachable", "no word")


def _run(number: int = 0, outcome: Outcome = Outcome.APPLIED, site: SiteId = _SITE) -> Run:
    began = NOW + timedelta(milliseconds=500 * number)
    phases = (PhaseTime(Phase.LOCK, began, 0.1, ok=True),)
    return Run(f"r{number}", site, "p-1", outcome, began, 1.0, None, phases, (), (), ())


def _found(outcome: Outcome) -> Run:
    return replace(_run(outcome=outcome), plan=None, phases=(), reasons=(_ENDED,))


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseLedger:
    url = None
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = Secret(postgres.new())
    return DatabaseLedger(open_database(url, tmp_path / "ledger.sqlite3"))


def test_newest_first_by_site_and_by_id(ledger: DatabaseLedger) -> None:
    runs = [_run(n, Outcome.FAILED if n % 2 else Outcome.APPLIED) for n in range(5)]
    for run in runs:
        assert ledger.add(run) == run
    other = ledger.add(_run(9, site=SiteId("blog")))
    assert ledger.runs() == (other, *reversed(runs))
    assert ledger.runs(_SITE, 2) == (runs[4], runs[3])
    assert ledger.run("r3") == runs[3]
    assert ledger.run("r77") is None


def test_runs_that_put_drift_back_are_found_among_all_others(ledger: DatabaseLedger) -> None:
    heal = Policy(heal=(Address("plugins.x"),))
    asked = desired(managed("plugins.x", version("1.1")), policy=heal)
    moved = observed({"plugins.x": version("1.0")}, applied={"plugins.x": version("1.1")})
    (put_back,) = build_site(asked, moved).changes

    def run(
        number: int, cause: Cause, outcome: Outcome = Outcome.APPLIED, site: SiteId = _SITE
    ) -> Run:
        changes = (replace(put_back, cause=cause),)
        return ledger.add(replace(_run(number, outcome, site), changes=changes))

    healed = run(0, Cause.DRIFT)
    run(1, Cause.PENDING)
    run(2, Cause.DRIFT, Outcome.ROLLED_BACK)
    run(3, Cause.DRIFT, site=SiteId("blog"))
    many = [SiteId(f"s{number}") for number in range(1200)]
    last = run(4, Cause.DRIFT, site=SiteId("s999"))
    assert set(ledger.that_healed([_SITE, *many])) == {healed, last}
    assert ledger.that_healed([]) == ()


def test_what_somebody_found_of_a_run_stands_whatever_its_process_says_later(
    ledger: DatabaseLedger,
) -> None:
    found = ledger.settle(_found(Outcome.ROLLED_BACK))
    assert ledger.run("r0") == found
    late = replace(_run(outcome=Outcome.NEEDS_ATTENTION), reasons=(_OWN,))
    held = ledger.add(late)
    assert held == replace(late, outcome=Outcome.ROLLED_BACK, reasons=(_ENDED,))
    assert ledger.run("r0") == held
    assert ledger.that_healed([_SITE]) == ()


def test_what_is_found_of_a_run_that_told_of_itself_keeps_the_rest(ledger: DatabaseLedger) -> None:
    told = ledger.add(replace(_run(outcome=Outcome.NEEDS_ATTENTION), reasons=(_OWN,)))
    found = ledger.settle(_found(Outcome.ROLLED_BACK))
    assert found == replace(told, outcome=Outcome.ROLLED_BACK, reasons=(_ENDED,))
    # And a second look at the same run may find better.
    assert ledger.settle(_found(Outcome.APPLIED)).outcome is Outcome.APPLIED


def test_a_ledger_of_before_is_read_on(tmp_path: Path) -> None:
    file, run = tmp_path / "ledger.sqlite3", _run()
    with sqlite3.connect(file) as before:
        before.execute(
            "CREATE TABLE run (id TEXT PRIMARY KEY, site TEXT NOT NULL, started_at TEXT NOT NULL,"
            " outcome TEXT NOT NULL, record TEXT NOT NULL) STRICT"
        )
        row = (run.id, run.site, run.started_at.isoformat(), "applied", run_to_text(run))
        before.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?)", row)
    before.close()
    ledger = DatabaseLedger(open_database(None, file))
    assert ledger.runs() == (run,)
    assert ledger.settle(_found(Outcome.FAILED)).outcome is Outcome.FAILED


def test_where_it_cannot_be_written_the_run_hears_so(postgres: Postgres, tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite3").mkdir()
    for url in (None, Secret(postgres.url("nowhere"))):
        with pytest.raises(Failed) as failed:
            DatabaseLedger(open_database(url, tmp_path / "ledger.sqlite3")).add(_run())
        assert [problem.slug for problem in failed.value.problems] == ["ledger.unwritable"]
