"""Plans that people were shown are found by their content, on both databases."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import NOW, desired, managed, observed, version
from tests.postgres import Postgres
from wpstate.adapters import shown_plans
from wpstate.adapters.database import Database, open_database
from wpstate.adapters.plans import read_plan, write_plan
from wpstate.adapters.shown_plans import DatabaseShownPlans
from wpstate.cli.approvals import approved_words
from wpstate.cli.main import run
from wpstate.model.plan import Plan
from wpstate.model.problem import UsageError
from wpstate.model.secret import Secret
from wpstate.planning.approved import plan_digest
from wpstate.planning.build import build
from wpstate.workflows.approvals import KEPT, approvals, named_sites


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    url = None
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = Secret(postgres.new())
    return open_database(url, tmp_path / "ledger.sqlite3")


def _plan(to: str = "1.1", fleet: str = "lab") -> Plan:
    pair = desired(managed("plugins.x", version(to))), observed({"plugins.x": version("1.0")})
    return build(f"p-{to}", fleet, [pair], revision=None, dirty=False, now=NOW)


def test_one_that_was_proposed_is_found_newest_first_and_stays_proposed(database: Database) -> None:
    kept = DatabaseShownPlans(database)
    first = kept.keep(_plan("1.1"), NOW, proposed=True)
    second = kept.keep(_plan("1.2"), NOW + timedelta(hours=1), proposed=True)
    only_shown = kept.keep(_plan("1.3"), NOW + timedelta(hours=2), proposed=False)
    kept.keep(_plan("1.4", "other"), NOW, proposed=True)
    assert [each.digest for each in kept.proposed("lab")] == [second, first]
    # Shown once more, elsewhere: of the same content, now the last one.
    again = replace(_plan("1.1"), id="p-other", revision="abc")
    assert kept.keep(again, NOW + timedelta(hours=3), proposed=False) == first
    assert [each.digest for each in kept.proposed("lab")] == [first, second]
    assert kept.proposed("lab")[0].plan == again

    found = kept.of_digest("lab", only_shown[:12])
    assert found is not None
    assert found.is_named
    assert found.plan == _plan("1.3")
    assert kept.of_digest("lab", only_shown[:11]) is None
    assert kept.of_digest("lab", "%" * 12) is None
    assert kept.of_digest("other", only_shown) is None


def test_old_ones_go(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_plans, "MOST_PLANS", 2)
    kept = DatabaseShownPlans(database)
    digests = [
        kept.keep(_plan(f"1.{n}"), NOW + timedelta(hours=n), proposed=True) for n in range(1, 5)
    ]
    kept.keep(_plan("1.1", "other"), NOW, proposed=True)
    assert [each.digest for each in kept.proposed("lab")] == [digests[3], digests[2]]
    assert len(kept.proposed("other")) == 1


def test_large_ones_leave_room_for_few(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_plans, "MOST_BYTES", 1)
    kept = DatabaseShownPlans(database)
    for hour in range(3):
        last = kept.keep(_plan(f"1.{hour}"), NOW + timedelta(hours=hour), proposed=True)
    assert [each.digest for each in kept.proposed("lab")] == [last]


def test_a_file_a_digest_or_all_that_were_proposed(tmp_path: Path) -> None:
    kept = DatabaseShownPlans(open_database(None, tmp_path / "ledger.sqlite3"))
    kept.keep(_plan("1.1"), NOW, proposed=True)
    fresh = kept.keep(_plan("1.2"), NOW, proposed=False)
    file = tmp_path / "change.plan"
    write_plan(_plan("1.3"), file)

    def found(word: str) -> list[tuple[str, bool]]:
        given = approvals(word, "lab", kept, read_plan)
        return [(each.digest, each.is_named) for each in given.plans]

    assert found(KEPT) == [(plan_digest(_plan("1.1")), False)]
    assert found(fresh) == [(fresh, True)]
    assert found(str(file)) == [(plan_digest(_plan("1.3")), True)]
    assert named_sites(approvals(str(file), "lab", kept, read_plan), ()) == ("shop",)
    assert named_sites(approvals(KEPT, "lab", kept, read_plan), ()) == ()
    for word in ("no-such-file", "a" * 64):
        with pytest.raises(UsageError) as told:
            found(word)
        assert [p.slug for p in told.value.problems] == ["usage.approved"]
    write_plan(_plan("1.3", "other"), file)
    with pytest.raises(UsageError):
        found(str(file))


def test_an_empty_name_is_no_leave_to_do_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As of a variable that a script left empty."""
    monkeypatch.setenv("WPSTATE_HOME", str(tmp_path / "home"))
    fleet = str(tmp_path / "fleet")
    assert run(["init", fleet]) == 0
    assert run(["reconcile", "--once", "--fleet", fleet, "--approved", ""]) == 64
    assert "usage.approved" in capsys.readouterr().err
    assert approved_words("") == ("--approved", "")
