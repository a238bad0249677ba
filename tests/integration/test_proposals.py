"""`wpstate plan --base --head`: which sites a change reaches, and under whose rules. Real git."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.integration.proposing import LOCK, Listener, Repository, hosts, new_repository, watched
from wpstate.adapters.fleet_files import read_fleet
from wpstate.adapters.git_fleet import GitFleet
from wpstate.adapters.git_objects import GitObjects
from wpstate.adapters.site_index import FileIndex
from wpstate.cli import exit_codes
from wpstate.cli.main import run
from wpstate.desired.compose import compose
from wpstate.workflows.propose import compared

pytestmark = pytest.mark.usefixtures("away")


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.setenv("WPSTATE_HOME", str(tmp_path / "home"))


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def other() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def repository(tmp_path: Path, listener: Listener) -> Repository:
    return new_repository(tmp_path / "fleet", tmp_path / "home", listener)


def proposed(
    repository: Repository,
    capsys: pytest.CaptureFixture[str],
    base: str = "main",
    head: str = "HEAD",
    code: int = exit_codes.REFUSED,
) -> Any:
    """Whoever is looked at is not reached: their plans are refused."""
    got = repository.plan("--base", base, "--head", head, "--format", "json")
    told = capsys.readouterr()
    assert got == code, told.out + told.err
    return json.loads(told.out)


def sites_of(told: Any) -> list[str]:
    return [site["site"] for site in told["plan"]["sites"]]


def rules_of(told: Any) -> dict[str, str]:
    return {problem["key"]: problem["found"] for problem in told["policy"]}


def test_one_profile_reaches_its_sites_and_no_other_is_asked(
    repository: Repository, listener: Listener, other: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("checkout", "-q", "main")
    repository.write("hosts.yml", hosts(shop=listener.port, press=other.port))
    repository.commit()
    repository.git("checkout", "-q", "-B", "proposal")
    repository.write("profiles/care.yml", "plugins: {akismet: approved, hello-dolly: approved}\n")
    head = repository.commit()
    told = proposed(repository, capsys)
    assert sites_of(told) == ["shop"]
    assert (told["plan"]["revision"], told["plan"]["dirty"]) == (head, False)
    assert told["unchanged"] == 1
    assert (listener.count > 0, other.count) == (True, 0)


def test_a_site_that_says_otherwise_is_not_reached(
    repository: Repository, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own word, and that of a profile above, stand over the one that is edited."""
    repository.git("checkout", "-q", "main")
    repository.write(
        "sites/shop.yml", repository.read("sites/shop.yml") + "plugins: {akismet: absent}\n"
    )
    repository.commit()
    repository.git("checkout", "-q", "-B", "proposal")
    repository.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    repository.commit()
    told = proposed(repository, capsys, code=exit_codes.DONE)
    assert (sites_of(told), told["unchanged"], listener.count) == ([], 2, 0)


def test_a_comment_changes_nothing_and_asks_nobody(
    repository: Repository, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in ("fleet.yml", "catalog.yml", "profiles/care.yml", "sites/shop.yml"):
        repository.write(path, f"# a comment\n{repository.read(path)}")
    repository.commit()
    told = proposed(repository, capsys, code=exit_codes.DONE)
    assert (sites_of(told), told["policy"], listener.count) == ([], [], 0)


def test_a_catalog_reaches_the_sites_that_follow_it(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("catalog.yml", repository.read("catalog.yml").replace("5.7.2", "5.7.3"))
    repository.commit()
    assert sites_of(proposed(repository, capsys)) == ["shop"]


def test_what_others_merged_meanwhile_is_not_taken_back(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write("sites/press.yml", repository.read("sites/press.yml") + "client: mayor\n")
    repository.write(
        "sites/press.yml", repository.read("sites/press.yml").replace("approved", "inactive")
    )
    repository.commit("Somebody else's")
    assert sites_of(proposed(repository, capsys, head="proposal")) == ["shop"]


def test_a_file_that_both_changed_is_refused(
    repository: Repository, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write("profiles/care.yml", "offer: Better\nplugins: {akismet: approved}\n")
    repository.commit("Somebody else's")
    told = proposed(repository, capsys, head="proposal")
    assert [p["slug"] for p in told["problems"]] == ["proposal.diverged"]
    assert listener.count == 0


def test_revisions_that_share_no_past_are_refused(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("checkout", "-q", "--orphan", "alone")
    repository.commit()
    told = proposed(repository, capsys, head="alone")
    assert [p["slug"] for p in told["problems"]] == ["revision.unrelated"]


def test_new_and_leaving_sites_are_told_and_not_asked(
    repository: Repository, listener: Listener, other: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository.folder / "sites" / "press.yml").unlink()
    repository.write("hosts.yml", hosts(shop=listener.port, fresh=other.port))
    repository.write("sites/fresh.yml", f"url: http://127.0.0.1:{other.port}\n")
    repository.commit()
    told = proposed(repository, capsys, code=exit_codes.DONE)
    assert told["leaving"] == ["press"]
    assert [each["site"] for each in told["withheld"]] == ["fresh"]
    assert (listener.count, other.count) == (0, 0)


def test_the_rules_of_the_base_hold_and_what_would_change_is_told(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write(
        "fleet.yml",
        "name: other\nfreeze: off\nmode: apply\nhalt_after: 9\nupdates: {security: at once}\n",
    )
    repository.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    repository.commit()
    told = proposed(repository, capsys)
    rules = rules_of(told)
    assert rules["freeze.state"].startswith("nothing → off")
    assert rules["freeze.at_most"].startswith("60s → nothing")
    assert rules["mode"].startswith("nothing → apply")
    assert rules["updates.window"].startswith("[mon-thu 01:00-05:00 Europe/Paris] → nothing")
    assert rules["name"] == "agency → other for the whole fleet"
    assert rules["halt_after"] == "nothing → 9 for the whole fleet"
    assert told["plan"]["fleet"] == "agency"
    assert told["plan"]["sites"][0]["opening"] is not None, "the base's window was not heard"
    assert told["plan"]["sites"][0]["estimate"]["freeze_limit_s"] == 60
    (where,) = {p["where"]["file"] for p in told["policy"] if p["key"] == "mode"}
    assert where == "fleet.yml"


def test_a_base_that_is_not_valid_is_refused(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("checkout", "-q", "main")
    repository.write("sites/shop.yml", "url: nonsense\n")
    repository.commit()
    repository.git("checkout", "-q", "-B", "proposal")
    repository.write("sites/shop.yml", "url: http://127.0.0.1\n")
    repository.commit()
    told = proposed(repository, capsys)
    assert [p["slug"] for p in told["problems"]] == ["proposal.base"]


def test_an_invalid_proposal_is_told_at_its_line(
    repository: Repository, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("profiles/care.yml", "offer: Care\nplugins: {akismet: latest-ish}\n")
    repository.commit()
    told = proposed(repository, capsys, code=exit_codes.INVALID)
    assert {(p["where"]["file"], p["where"]["line"]) for p in told["problems"]} == {
        ("profiles/care.yml", 2)
    }
    assert listener.count == 0


def test_a_fleet_in_a_folder_of_its_repository(
    tmp_path: Path, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    made = new_repository(tmp_path / "whole", tmp_path / "home", listener)
    made.git("checkout", "-q", "main")
    (made.folder / "clients").mkdir()
    for name in ("fleet.yml", "hosts.yml", "catalog.yml", "catalog.lock.yml", "sites", "profiles"):
        made.git("mv", name, f"clients/{name}")
    made.commit()
    inner = Repository(made.folder / "clients", made.home)
    inner.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    inner.commit()
    assert sites_of(proposed(inner, capsys, base="HEAD~1")) == ["shop"]


def test_what_is_remembered_of_site_files_is_read_once_and_never_trusted(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    repository.commit()
    first = sites_of(proposed(repository, capsys))
    index = repository.home / "site-words.json"
    kept = index.read_bytes()
    assert sites_of(proposed(repository, capsys)) == first
    assert index.read_bytes() == kept
    index.write_bytes(b"{damaged")
    assert sites_of(proposed(repository, capsys)) == first == ["shop"]


def test_a_staging_follows_its_live_site(
    repository: Repository, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("checkout", "-q", "main")
    ports = {"shop": listener.port, "press": listener.port, "try_out": listener.port}
    repository.write("hosts.yml", hosts(**ports))
    repository.write("sites/try-out.yml", "url: http://127.0.0.1\nstaging_of: shop\n")
    repository.commit()
    for path, text in (
        ("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n"),
        (
            "sites/shop.yml",
            repository.read("sites/shop.yml") + "plugins: {hello-dolly: approved}\n",
        ),
    ):
        repository.git("checkout", "-q", "-B", "proposal", "main")
        repository.write(path, text)
        repository.commit()
        assert sites_of(proposed(repository, capsys)) == ["shop", "try-out"]


def test_nothing_is_run_but_git_reading_objects(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    repository.commit()
    with watched() as seen:
        proposed(repository, capsys)
    assert {words[0] for words in seen.started} == {"git"}
    assert all({"cat-file", "version"} & set(words) for words in seen.started)


def test_the_working_tree_does_not_count(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    repository.commit()
    repository.write("hosts.yml", "nonsense")
    repository.write("sites/press.yml", "nonsense")
    assert sites_of(proposed(repository, capsys)) == ["shop"]


@pytest.mark.parametrize("words", [("shop",), ("--only", "core.*"), ("--heal",), ("--rollout",)])
def test_base_chooses_the_sites(repository: Repository, words: tuple[str, ...]) -> None:
    assert repository.plan("--base", "main", *words) == exit_codes.USAGE


def test_head_alone_is_told_off(repository: Repository) -> None:
    assert repository.plan("--head", "main") == exit_codes.USAGE


def test_each_report_is_written_from_one_look(
    repository: Repository,
    listener: Listener,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And with annotations goes the job's summary, after what stands there already."""
    repository.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    repository.commit()
    step = tmp_path / "summary.md"
    step.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    forms = ("json", "markdown", "sarif", "junit", "gitlab")
    reports = [word for form in forms for word in ("--report", f"{form}={tmp_path / form}")]
    repository.plan("--base", "main", "--format", "github", *reports)
    out = capsys.readouterr().out
    assert out.startswith("::error file=sites/shop.yml,line=1,col=1,title=observe.unreachable::")
    assert listener.count <= 2, "a key may be asked for, and the site once"
    texts = {form: (tmp_path / form).read_text("utf-8") for form in forms}
    assert texts["markdown"].startswith("<!-- wpstate plan agency -->\n")
    assert step.read_text("utf-8").startswith("before\n<!-- wpstate plan agency -->\n")
    assert json.loads(texts["gitlab"]) == {"create": 0, "update": 0, "delete": 0}
    assert json.loads(texts["sarif"])["runs"][0]["results"][0]["ruleId"] == "observe.unreachable"
    assert json.loads(texts["json"])["radius"]["refused"] == 1
    assert '<testcase classname="agency" name="shop"' in texts["junit"]


def test_a_mistake_is_annotated_in_its_folder_of_the_repository(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("fleet.yml", "hosts.yml", "catalog.yml", "catalog.lock.yml", "sites", "profiles"):
        (repository.folder / "clients").mkdir(exist_ok=True)
        repository.git("mv", name, f"clients/{name}")
    inner = Repository(repository.folder / "clients", repository.home)
    inner.write("profiles/care.yml", "plugins: {akismet: latest-ish}\n")
    inner.commit()
    where = "::error file=clients/profiles/care.yml,line=1,col=20,title=desired."
    code = run(["validate", "--fleet", str(inner.folder), "--format", "github"])
    told = capsys.readouterr()
    assert code == exit_codes.INVALID
    assert told.out.startswith(where)
    assert "error[desired." in told.err, "people read it too"


@pytest.mark.parametrize("written", ["markdown", "nonsense=x", "=x", "sarif="])
def test_a_report_is_a_format_and_a_file(repository: Repository, written: str) -> None:
    assert repository.plan("--base", "main", "--report", written) == exit_codes.USAGE


def test_what_is_laid_out_of_the_base_are_its_plain_files(repository: Repository) -> None:
    """Kept copies of themes and vaults, which looking reads: no link, nothing large."""
    repository.git("checkout", "-q", "main")
    repository.write("theme-files/shop/storefront/inc/a.php", "<?php")
    repository.write("theme-files/press/storefront/style.css", "of another site")
    repository.write("theme-files/shop/storefront/large.css", "x" * (5 << 20))
    repository.write("secrets/vault.yml", "$ANSIBLE_VAULT")
    (repository.folder / "theme-files/shop/storefront/link.php").symlink_to("/etc/passwd")
    commit = repository.commit()
    with GitObjects(repository.folder) as objects:
        fleet = GitFleet(objects, repository.folder)
        kept = fleet.files_below(commit, "theme-files/shop")
        assert kept == {"theme-files/shop/storefront/inc/a.php": b"<?php"}
        assert fleet.files_below(commit, "secrets/vault.yml") == {
            "secrets/vault.yml": b"$ANSIBLE_VAULT"
        }
        for away in ("secrets/nothing", "fleet.yml/x", "../fleet.yml", "", "theme-files/none/x"):
            assert fleet.files_below(commit, away) == {}


@pytest.mark.parametrize("language", ["", "language: fr\n"])
def test_a_plan_knows_the_packs_that_only_others_ask_for(
    repository: Repository, tmp_path: Path, language: str
) -> None:
    """As it will once merged: bytes are part of what was approved."""
    repository.git("checkout", "-q", "main")
    packs = f"{{fr_FR: {{plugins.akismet: {{5.7.2: {{sha256: {'f' * 64}}}}}}}}}"
    packs = f"translations: {packs}\n"
    repository.write("catalog.lock.yml", LOCK + packs)
    repository.write("sites/press.yml", repository.read("sites/press.yml") + "language: fr\n")
    repository.write("sites/shop.yml", repository.read("sites/shop.yml") + language)
    repository.commit()
    repository.git("checkout", "-q", "-B", "proposal")
    repository.write("profiles/care.yml", "offer: Care\nplugins: {akismet: inactive}\n")
    repository.commit()
    with GitObjects(repository.folder) as objects:
        fleet = GitFleet(objects, repository.folder)
        index = FileIndex(tmp_path / "index.json")
        found = compared(fleet, index, "main", "HEAD", date(2026, 11, 28))
    whole = compose(read_fleet(repository.folder))
    packs_of = [{d.site.id: d.packs for d in each.sites}["shop"] for each in (found.head, whole)]
    assert found.changed == ("shop",)
    locked = [{pack for pack in packs if pack.sha256} for packs in packs_of]
    assert locked[0] == locked[1] != set()
