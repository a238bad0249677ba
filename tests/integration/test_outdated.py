"""`wpstate outdated` against a directory on loopback, a vault and a ledger. No site is reached."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sources import Directory, directory
from wpstate.adapters.database import SqliteDatabase, open_database
from wpstate.adapters.first_seen import DatabaseFirstSeen
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.cli.main import run
from wpstate.model.bump import Name
from wpstate.model.change import Action, Cause, Change
from wpstate.model.run import Outcome, end_of_run
from wpstate.model.secret import Secret
from wpstate.model.site import SiteId
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address, State

HOSTS = "all: {hosts: {%s}}\n"
HOST = "%s: {ansible_host: 127.0.0.1, ansible_port: 1, ansible_user: a, wp_path: /%s}"
CATALOG = """\
core: 7.1.1
plugins:
  akismet: 5.7.2   # spam
  free: {approved: 3.0, family: page_builder}
  paid: {approved: 3.0, source: vault}
  host-cache: {source: host}
"""
SITE = "url: http://127.0.0.1\nplugins: {akismet: approved, free: approved, paid: approved}\n"


@pytest.fixture
def sources() -> Iterator[Directory]:
    with directory() as told:
        told.plugin("akismet", "5.7.2")
        told.plugin("free", "3.0")
        yield told


@pytest.fixture
def fleet(tmp_path: Path, sources: Directory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three sites in two rings; `old` pins akismet."""
    monkeypatch.setenv("WPSTATE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WPSTATE_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "fleet"
    (folder / "sites").mkdir(parents=True)
    mirror = f"wordpress_org: {{api: '{sources.url}', downloads: '{sources.url}'}}\n"
    rings = "rings: {canary: at once, everyone: 1d}\n"
    (folder / "fleet.yml").write_text(f"name: test\n{mirror}{rings}")
    (folder / "catalog.yml").write_text(CATALOG)
    names = ("shop", "blog", "old")
    (folder / "hosts.yml").write_text(HOSTS % ", ".join(HOST % (name, name) for name in names))
    (folder / "sites" / "shop.yml").write_text(SITE + "updates: {ring: canary}\n")
    (folder / "sites" / "blog.yml").write_text(SITE)
    (folder / "sites" / "old.yml").write_text(SITE.replace("akismet: approved", "akismet: 5.5"))
    for version in ("3.0", "3.1"):
        place = tmp_path / "vault" / "plugins" / "paid" / f"{version}.zip"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(sources.zips["/plugin/free.3.0.zip"])
    return folder


def told(fleet: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code = run(["outdated", "--fleet", str(fleet), "--no-look", "--format", "json", *words])
    out = capsys.readouterr()
    assert code == 0, out.out + out.err
    return {each["slug"]: each for each in json.loads(out.out)}


def test_each_source_is_asked_once_for_the_fleet(
    fleet: Path, sources: Directory, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.plugin("akismet", "5.7.3")
    found = told(fleet, capsys)
    assert list(found) == ["wordpress", "akismet", "free", "paid"]
    assert len(sources.asked) == 4  # of which WordPress has two
    akismet = found["akismet"]
    assert (akismet["proposed"], akismet["step"], akismet["standing"]) == (
        "5.7.3",
        "patch",
        "proposed",
    )
    assert (akismet["sites"], akismet["pinned"]) == (2, 1)
    assert found["free"]["standing"] == found["wordpress"]["standing"] == "current"


def test_the_vault_tells_what_was_filed_and_when(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paid = told(fleet, capsys, "paid")["paid"]
    assert (paid["newest"], paid["standing"]) == ("3.1", "waiting")
    assert paid["why"][0].startswith("3.1 cools down until")


def test_a_version_is_known_from_the_day_on_which_it_was_first_heard_of(
    fleet: Path, sources: Directory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    today = datetime.now(UTC).date().isoformat()
    sources.plugin("akismet", "5.7.3", last_updated=today)
    sources.core = ({"offers": [{"version": "7.1.2"}]}, {})
    assert told(fleet, capsys)["akismet"]["proposed"] is None
    database = SqliteDatabase(tmp_path / "home" / "ledger.sqlite3")
    before = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    with database.writing() as rows:
        rows.run("UPDATE version_seen SET at = ?", (before,))
    found = told(fleet, capsys)
    assert (found["akismet"]["proposed"], found["wordpress"]["proposed"]) == ("5.7.3", "7.1.2")


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_first_sight_is_kept(where: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = Secret(request.getfixturevalue("postgres").new()) if where == "postgres" else None
    seen = DatabaseFirstSeen(open_database(url, tmp_path / "x.sqlite3"))
    name, now = Name("plugins", "x"), datetime(2026, 11, 29, tzinfo=UTC)
    assert seen.noted({name: ["1"]}, now) == {(name, "1"): now}
    later = now + timedelta(days=1)
    assert seen.noted({name: ["1", "2"]}, later) == {(name, "1"): now, (name, "2"): later}


def test_what_a_run_put_back_is_not_proposed(
    fleet: Path, sources: Directory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.plugin("akismet", "5.7.3")
    ledger = DatabaseLedger(SqliteDatabase(tmp_path / "home" / "ledger.sqlite3"))
    before, after = State(version="5.7.2"), State(version="5.7.3")
    change = Change(
        Address("plugins.akismet"), Action.UPDATE, before, after, Cause.PENDING,
        SourceSpan("catalog.yml", 3, 12), "approved",
    )  # fmt: skip
    at, site = datetime.now(UTC), SiteId("shop")
    ended = end_of_run(
        "r", site, "p", Outcome.ROLLED_BACK, at, (), revision=None, changes=(change,)
    )
    ledger.add(ended)
    akismet = told(fleet, capsys)["akismet"]
    assert (akismet["standing"], akismet["why"]) == ("waiting", ["5.7.3 was rolled back on shop"])


def test_what_cannot_be_asked_is_unknown(
    fleet: Path, sources: Directory, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.plugins["akismet"] = "nonsense"
    del sources.plugins["free"]
    found = told(fleet, capsys)
    assert found["akismet"]["standing"] == found["free"]["standing"] == "unknown"
    assert found["free"]["why"] == ["the directory: Plugin not found."]


def test_a_closed_plugin_and_another_author_are_told(
    fleet: Path, sources: Directory, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.plugins["free"] = {"error": "closed", "closed": True, "reason_text": "Guideline"}
    sources.plugin("akismet", "5.7.3", author="<a href='x'>Mallory</a>")
    with (fleet / "catalog.yml").open("a") as catalog:
        catalog.write("  hello: 1.0\n")
    text = (fleet / "catalog.yml").read_text()
    named = "akismet: {approved: 5.7.2, identity: {author: Ana}}"
    (fleet / "catalog.yml").write_text(text.replace("akismet: 5.7.2", named))
    found = told(fleet, capsys, "akismet", "free")
    assert found["free"]["why"][0] == "closed in the directory: Guideline"
    assert found["akismet"]["why"][0].startswith('its author is now "Mallory" in place of "Ana"')
    assert found["akismet"]["proposed"] is None


def test_a_known_hole_is_mended_at_once(
    fleet: Path, sources: Directory, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.plugin("akismet", "5.7.3", last_updated=datetime.now(UTC).date().isoformat())
    cases = Path(__file__).parents[1] / "cases" / "feeds" / "wordfence.json"
    document = json.loads(cases.read_text())
    record = next(iter(document.values()))
    software = record["software"][0]
    software |= {
        "slug": "akismet",
        "affected_versions": {
            "x": {"from_version": "*", "from_inclusive": True,
                  "to_version": "5.7.2", "to_inclusive": True},
        },
    }  # fmt: skip
    (fleet / "feed.json").write_text(json.dumps(document))
    with (fleet / "fleet.yml").open("a") as file:
        file.write("facts: {wordfence: {file: feed.json}}\n")
    assert run(["facts", "update", "--fleet", str(fleet)]) == 0
    capsys.readouterr()
    akismet = told(fleet, capsys, "akismet")["akismet"]
    assert akismet["proposed"] == "5.7.3"
    assert akismet["mends"]


def test_people_read_it_in_lines(
    fleet: Path, sources: Directory, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.plugin("akismet", "5.7.3")
    assert run(["outdated", "--fleet", str(fleet), "--no-look"]) == 0
    out = capsys.readouterr().out
    assert "  ↑ plugins.akismet  5.7.2 → 5.7.3  patch · 2 sites · 1 pinned elsewhere" in out
    assert out.endswith("1 to propose, 1 waiting, 2 current. Next: wpstate bump\n")


def test_an_unknown_name_is_told_with_the_nearest(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["outdated", "--fleet", str(fleet), "akismt"]) == 64
    assert "did you mean akismet?" in capsys.readouterr().err


def test_no_process_is_started(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert run(["outdated", "--fleet", str(fleet), "--no-look"]) == 0
