"""Kept passes and counted runs, on both databases: the last ones are there, older ones are not."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import NOW
from tests.postgres import Postgres
from wpstate.adapters import passes as kept_passes
from wpstate.adapters.database import Database, open_database
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.adapters.passes import DatabasePasses
from wpstate.model.facts import Severity
from wpstate.model.passes import KeptPass, SitePassed, Tally
from wpstate.model.reconciled import SiteFigures, Standing
from wpstate.model.run import BY_HAND, Outcome, Run, Tier
from wpstate.model.secret import Secret
from wpstate.model.site import SiteId

SHOP = SiteId("shop")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    url = None
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = Secret(postgres.new())
    return open_database(url, tmp_path / "ledger.sqlite3")


def _pass(minute: int, *asked: str, fleet: str = "lab", sites: int = 1) -> KeptPass:
    figures = SiteFigures(True, minute, {Severity.HIGH: 1})
    lines = tuple(
        SitePassed(SiteId(f"s{n}"), Standing.RUN, Outcome.APPLIED, figures, NOW)
        for n in range(sites)
    )
    began = NOW + timedelta(minutes=minute)
    return KeptPass(fleet, tuple(map(SiteId, asked)), began, 1.5, lines, None)


def test_of_each_fleet_the_last_whole_pass_and_what_came_since(database: Database) -> None:
    kept = DatabasePasses(database)
    assert kept.latest() == ()
    whole, named, late = _pass(2), _pass(3, "shop"), _pass(4, "blog")
    other = _pass(1, "x", fleet="other")
    for one in (_pass(0), _pass(1, "shop"), whole, named, late, other):
        kept.add(one)
    assert kept.latest("lab") == (late, named, whole)
    assert kept.latest() == (late, named, whole, other)
    assert kept.latest("nobody's") == ()


def test_when_the_last_pass_over_just_these_sites_began(database: Database) -> None:
    kept = DatabasePasses(database)
    for one in (_pass(0), _pass(1, "b", "a"), _pass(2, "a")):
        kept.add(one)

    def began(*asked: str) -> datetime | None:
        return kept.last_began("lab", tuple(map(SiteId, asked)))

    assert began() == NOW
    assert began("a", "b") == NOW + timedelta(minutes=1)
    assert began("b") is None


def test_the_oldest_are_forgotten(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_passes, "MOST_PASSES", 5)
    monkeypatch.setattr(kept_passes, "MOST_SITES", 40)
    kept = DatabasePasses(database)

    def count() -> int:
        return int(database.rows("SELECT COUNT(*) FROM pass WHERE fleet = ?", ("lab",))[0][0])

    kept.add(_pass(0, fleet="other"))
    whole = _pass(0)
    kept.add(whole)
    for minute in range(1, 20):
        kept.add(_pass(minute, "s0"))
    # The whole pass says which sites there are, however old it is.
    assert count() == 6
    assert whole in kept.latest("lab")
    for minute in range(20, 30):
        kept.add(_pass(minute, sites=15))
    assert count() == 2
    kept.add(_pass(40, sites=99))
    assert [one.sites for one in kept.latest("lab")] == [_pass(40, sites=99).sites]
    assert len(kept.latest("other")) == 1


def test_a_pass_by_a_clock_that_was_set_back_is_not_the_latest(database: Database) -> None:
    kept = DatabasePasses(database)
    ahead, beside, now = _pass(60 * 24 * 365), _pass(10), _pass(0)
    kept.add(ahead)
    kept.add(_pass(60 * 24 * 365, fleet="other"))
    kept.add(beside)
    kept.add(now)
    assert kept.latest("lab") == (beside,)
    assert kept.last_began("lab", ()) == beside.started_at
    assert len(kept.latest("other")) == 1


def _run(name: str, outcome: Outcome, tier: Tier | None = None, plan: str = "p-1") -> Run:
    return Run(name, SHOP, plan, outcome, NOW, 1.0, None, (), (), (), (), tier=tier)


def test_runs_are_counted_by_outcome_and_by_how_they_went_back(database: Database) -> None:
    ledger = DatabaseLedger(database)
    assert ledger.tally() == Tally({}, {}, {})
    ledger.add(_run("a", Outcome.APPLIED))
    ledger.add(replace(_run("b", Outcome.APPLIED), started_at=NOW + timedelta(hours=1)))
    ledger.add(_run("c", Outcome.ROLLED_BACK, Tier.WHOLE))
    ledger.add(_run("d", Outcome.ROLLED_BACK, Tier.PART, plan=BY_HAND))
    ledger.add(_run("e", Outcome.FAILED, plan=BY_HAND))
    told = ledger.tally()
    assert told.outcomes == {Outcome.APPLIED: 2, Outcome.ROLLED_BACK: 1}
    assert told.tiers == {Tier.WHOLE: 1, Tier.PART: 1}
    assert told.confirmed_at == {SHOP: NOW + timedelta(hours=1)}


def test_a_run_that_is_written_again_counts_once(database: Database) -> None:
    ledger = DatabaseLedger(database)
    ledger.add(_run("a", Outcome.NEEDS_ATTENTION))
    ledger.settle(_run("a", Outcome.ROLLED_BACK, Tier.HOST))
    assert ledger.tally().outcomes == {Outcome.ROLLED_BACK: 1}
    assert ledger.tally().tiers == {Tier.HOST: 1}
    found = ledger.run("a")
    assert found
    assert found.tier is Tier.HOST
