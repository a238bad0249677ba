"""Nobody tugs against a person: what was put back once is known for good, whatever came since."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.builders import NOW, desired, managed, observed, version
from wpstate.adapters.database import SqliteDatabase
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, Policy
from wpstate.model.run import Outcome, Run
from wpstate.model.state import Address
from wpstate.planning.build import build_site
from wpstate.workflows.reconcile import healed_before

X = Address("plugins.x")
ASKED = desired(managed(X, version("1.1")), policy=Policy(heal=(X,)))


def _run(number: int, outcome: Outcome, *changes: Change) -> Run:
    began = NOW + timedelta(minutes=number)
    site = ASKED.site.id
    return Run(f"r{number}", site, "p", outcome, began, 1.0, None, (), changes, (), ())


def _back(asked: DesiredState = ASKED) -> tuple[Change, ...]:
    """The change that puts back what somebody moved."""
    moved = observed({X: version("1.0")}, applied={X: version("1.1")})
    return build_site(asked, moved).changes


def test_it_is_known_after_any_number_of_runs(tmp_path: Path) -> None:
    ledger = DatabaseLedger(SqliteDatabase(tmp_path / "ledger.sqlite3"))
    assert healed_before([ASKED], ledger) == {ASKED.site.id: frozenset()}
    ledger.add(_run(0, Outcome.APPLIED, *_back()))
    for number in range(1, 80):
        ledger.add(_run(number, Outcome.REFUSED))
    assert healed_before([ASKED], ledger) == {ASKED.site.id: frozenset({X})}


def test_what_failed_or_is_asked_anew_was_not_put_back(tmp_path: Path) -> None:
    ledger = DatabaseLedger(SqliteDatabase(tmp_path / "ledger.sqlite3"))
    ledger.add(_run(0, Outcome.ROLLED_BACK, *_back()))
    assert healed_before([ASKED], ledger) == {ASKED.site.id: frozenset()}
    ledger.add(_run(1, Outcome.APPLIED, *_back()))
    other = replace(ASKED, managed=(managed(X, version("1.2")),))
    assert healed_before([other], ledger) == {ASKED.site.id: frozenset()}
