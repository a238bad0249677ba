"""`wpstate at`: a site as git had it, by revision and by day. Real git, a real ledger."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.integration.proposing import Listener, Repository, hosts, new_repository, watched
from wpstate.cli import exit_codes
from wpstate.cli.main import run


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Three commits of three days: Akismet as approved, inactive, and a second site's staging."""
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.setenv("WPSTATE_HOME", str(tmp_path / "home"))
    listener = Listener()
    made = new_repository(tmp_path / "fleet", tmp_path / "home", listener)
    listener.close()
    made.git("checkout", "-q", "main")
    _commit(made, "2026-11-20T12:00:00+01:00", "--amend")
    made.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    _commit(made, "2026-11-22T12:00:00Z")
    made.write("hosts.yml", hosts(shop=1, press=2, try_out=3))
    made.write("sites/try-out.yml", "url: http://127.0.0.1\nstaging_of: shop\n")
    _commit(made, "2026-11-24T12:00:00Z")
    return made


def _commit(repository: Repository, moment: str, *more: str) -> None:
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "x", *more, committed_at=moment)


def told(
    repository: Repository, capsys: pytest.CaptureFixture[str], when: str, site: str = "shop"
) -> Any:
    code = run(["at", when, site, "--fleet", str(repository.folder), "--format", "json"])
    answer = json.loads(capsys.readouterr().out)
    assert code == exit_codes.DONE, answer
    return answer


def akismet(answer: Any) -> Any:
    return next(each for each in answer["resources"] if each["address"] == "plugins.akismet")


@pytest.mark.parametrize(
    ("when", "active"),
    [
        ("2026-11-20", True),
        ("2026-11-21", True),
        ("2026-11-22T11:59:59", True),
        ("2026-11-22T12:59:59+01:00", True),
        ("2026-11-22T12:00:00", False),
        ("2026-11-22", False),
        ("2099-01-01", False),
        ("main~2", True),
        ("main", False),
    ],
)
def test_a_day_a_time_and_a_revision_find_their_commit(
    repository: Repository, capsys: pytest.CaptureFixture[str], when: str, active: bool
) -> None:
    asked = akismet(told(repository, capsys, when))
    assert asked["want"]["active"] is active
    assert (asked["where"]["file"], asked["confirmed"]) == ("catalog.yml", None)


def test_a_staging_is_composed_with_its_live_site(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = told(repository, capsys, "main", "try-out")
    assert "plugins.akismet" in [each["address"] for each in answer["resources"]]


@pytest.mark.parametrize(
    ("when", "site", "slug"),
    [
        ("2026-11-01", "shop", "usage.revision"),
        ("2026-13-45", "shop", "usage.moment"),
        ("2026-11-22T99", "shop", "usage.moment"),
        ("--output=x", "shop", "usage.revision"),
        ("main", "shopp", "usage.site"),
        ("main~1", "try-out", "usage.site"),
        ("nosuch", "shop", "usage.revision"),
    ],
)
def test_what_is_not_there_is_told(
    repository: Repository,
    capsys: pytest.CaptureFixture[str],
    when: str,
    site: str,
    slug: str,
) -> None:
    words = ["at", "--fleet", str(repository.folder), "--format", "json", "--", when, site]
    assert run(words) == exit_codes.USAGE
    text = capsys.readouterr()
    assert slug in text.out + text.err


def test_it_reaches_nobody_and_reads_as_a_table(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    with watched() as seen:
        assert (
            run(["at", "2026-11-23", "shop", "--fleet", str(repository.folder)]) == exit_codes.DONE
        )
    assert seen.connected == []
    assert {words[0] for words in seen.started} <= {"git"}
    out = capsys.readouterr().out
    assert "shop · git " in out
    assert "of 2026-11-22 12:00 UTC" in out
    assert "no run by 2026-11-24 00:00 UTC in this controller's ledger" in out
    assert os.environ["WPSTATE_HOME"] == str(repository.home)
