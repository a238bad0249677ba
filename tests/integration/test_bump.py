"""`wpstate bump` in a real repository, against a directory on loopback and a forge whose tool is a
script: what it was asked is kept. No site is reached."""

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sources import Directory
from tests.integration.test_fleet_branches import git
from tests.integration.test_lock import core_zip, plugin_zip
from tests.integration.test_outdated import fleet, sources
from wpstate.cli.main import run

__all__ = ["fleet", "sources"]

AKISMET = "wpstate/bump/plugins/akismet"
CHANGELOG = (
    "<h4>5.7.3</h4><ul><li>Thanks @ana, fixes #12 [skip ci]</li><li>{{ 7*7 }}</li></ul>"
    "<h4>5.7.2</h4><ul><li>Old.</li></ul>"
)


@pytest.fixture
def repository(fleet: Path, sources: Directory, capsys: pytest.CaptureFixture[str]) -> Path:
    """The fleet, locked and committed; akismet has a newer version."""
    sources.zips["/release/wordpress-7.1.1.zip"] = core_zip("7.1.1", 61833)
    sources.zips["/plugin/akismet.5.5.zip"] = plugin_zip("akismet", "5.5")
    place = fleet.parent / "vault" / "plugins" / "paid"
    for file in place.iterdir():
        file.write_bytes(plugin_zip("paid", file.stem))
    assert run(["lock", "--fleet", str(fleet)]) == 0, capsys.readouterr().err
    git(fleet, "init", "-q", "-b", "main", ".")
    git(fleet, "add", ".")
    git(fleet, "commit", "-q", "-m", "The fleet")
    sources.plugin("akismet", "5.7.3", sections={"changelog": CHANGELOG})
    capsys.readouterr()
    return fleet


@pytest.fixture
def bumped(repository: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def ran(*words: str, code: int = 0) -> list[dict[str, Any]]:
        words = ("bump", "--fleet", str(repository), "--no-look", "--format", "json", *words)
        got = run([*words])
        told = capsys.readouterr()
        assert got == code, told.out + told.err
        found: list[dict[str, Any]] = json.loads(told.out)
        return found

    return ran


def test_one_branch_with_the_version_and_its_bytes(repository: Path, bumped: Any) -> None:
    (only,) = bumped("akismet")
    assert (only["branch"], only["came"]) == (AKISMET, "made")
    assert only["rings"] == [{"ring": "canary", "sites": 1}, {"ring": "everyone", "sites": 1}]
    changed = git(repository, "diff", "--name-only", "main", AKISMET).split()
    assert changed == ["catalog.lock.yml", "catalog.yml"]
    catalog = git(repository, "diff", "-U0", "main", AKISMET, "--", "catalog.yml").splitlines()
    assert catalog[-2:] == ["-  akismet: 5.7.2   # spam", "+  akismet: 5.7.3   # spam"]
    assert "5.7.3:" in git(repository, "show", f"{AKISMET}:catalog.lock.yml")
    assert git(repository, "status", "--porcelain") == ""


def test_the_branch_is_a_sound_and_locked_fleet(
    repository: Path, bumped: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    bumped()
    git(repository, "checkout", "-q", AKISMET)
    assert run(["lock", "--check", "--fleet", str(repository)]) == 0, capsys.readouterr().err


def test_authors_words_reach_the_message_as_nothing_but_words(
    repository: Path, bumped: Any
) -> None:
    bumped("akismet")
    message = git(repository, "log", "-1", "--format=%B", AKISMET)
    assert message.startswith(
        "Update akismet from 5.7.2 to 5.7.3\n\n- akismet 5.7.2 → 5.7.3 (patch)\n"
    )
    assert "  1 of its sites ask for another version and stay\n" in message
    assert "Sites: 2\n- canary: 1\n- everyone: 1\n" in message
    assert "    = 5.7.3 =\n    * Thanks @ ana, fixes # 12 (skip ci)\n    * (( 7*7 ))\n" in message
    assert "Old." not in message


def test_again_is_the_same_and_a_newer_version_takes_its_place(
    repository: Path, sources: Directory, bumped: Any
) -> None:
    first = bumped("akismet")[0]["commit"]
    assert [(each["came"], each["commit"]) for each in bumped("akismet")] == [("same", first)]
    sources.plugin("akismet", "5.7.4")
    (newer,) = bumped("akismet")
    assert (newer["came"], newer["branch"]) == ("updated", AKISMET)
    assert git(repository, "rev-list", "--count", f"main..{AKISMET}") == "1"
    assert git(repository, "branch", "--list", "wpstate/*").split() == [AKISMET]


def test_only_tried_nothing_is_fetched_or_written(
    repository: Path, sources: Directory, bumped: Any
) -> None:
    assert [each["came"] for each in bumped("--dry-run")] == ["would"]
    assert not any("5.7.3.zip" in path for path in sources.asked)
    assert git(repository, "branch", "--list", "wpstate/*") == ""


def test_what_is_committed_counts(repository: Path, bumped: Any) -> None:
    (repository / "catalog.yml").write_text("half of a thought")
    assert [each["came"] for each in bumped("akismet")] == ["made"]


@pytest.mark.parametrize("group", ["two", "akismet"])
def test_what_moves_together_is_one_branch(
    repository: Path, sources: Directory, bumped: Any, group: str
) -> None:
    """Also where the group bears the name of one of them."""
    together = f"together: {{{group}: [akismet, free]}}"
    with (repository / "fleet.yml").open("a") as file:
        file.write(f"bump: {{cool_down: {{minor: none}}, {together}}}\n")
    git(repository, "commit", "-qam", "Together")
    sources.plugin("free", "3.1")
    (both, paid) = bumped()
    assert both["branch"] == f"wpstate/bump/together/{group}"
    assert both["title"] == "Update akismet, free"
    assert paid["branch"] == "wpstate/bump/plugins/paid"
    catalog = git(repository, "show", f"{both['branch']}:catalog.yml")
    assert "  free: {approved: 3.1, family: page_builder}" in catalog
    assert "approved: 3.0, source: vault" in catalog


@pytest.mark.parametrize(
    ("author", "slug"), [("Mallory", "artifact.identity"), (None, "artifact.unavailable")]
)
def test_bytes_that_are_not_as_they_must_be_hold_up_no_other(
    repository: Path, sources: Directory, bumped: Any, author: str | None, slug: str
) -> None:
    sources.plugin("free", "3.0.1", author=author)
    del sources.plugins["free"]["author"]  # type: ignore[attr-defined]
    if author is None:
        del sources.zips["/plugin/free.3.0.1.zip"]
    found = {each["branch"]: each for each in bumped(code=3 if author else 1)}
    assert found[AKISMET]["came"] == "made"
    held = found["wpstate/bump/plugins/free"]
    assert held["came"] == "held"
    assert [problem["slug"] for problem in held["problems"]] == [slug]
    assert git(repository, "branch", "--list", "wpstate/bump/plugins/free") == ""


def test_the_bytes_have_the_last_word_on_what_they_need(
    repository: Path, sources: Directory, bumped: Any
) -> None:
    with (repository / "sites" / "shop.yml").open("a") as file:
        file.write("core: approved\n")
    git(repository, "commit", "-qam", "WordPress is asked for")
    sources.plugin("akismet", "5.7.3", "// Requires at least: 99.0\n")
    (held,) = bumped("akismet", code=3)
    assert [problem["slug"] for problem in held["problems"]] == ["artifact.needs"]
    assert held["problems"][0]["found"] == "5.7.3 needs WordPress 99.0, shop has 7.1.1"


def test_pins_for_no_reason_go_along_where_policy_says(repository: Path, bumped: Any) -> None:
    """One in a profile, one in a site; one that says why stays."""
    (repository / "profiles").mkdir()
    (repository / "profiles" / "care.yml").write_text("plugins: {akismet: 5.7.2} # spam\n")
    site = (repository / "sites" / "shop.yml").read_text()
    (repository / "sites" / "shop.yml").write_text(
        site.replace("akismet: approved, ", "") + "profiles: [care]\n"
    )
    blog = (repository / "sites" / "blog.yml").read_text()
    pinned = blog.replace("akismet: approved", "akismet: {version: 5.7.2, why: it works}")
    (repository / "sites" / "blog.yml").write_text(pinned)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Pins")
    assert bumped("akismet")[0]["rings"] == []
    with (repository / "fleet.yml").open("a") as file:
        file.write("bump: {pins: follow}\n")
    git(repository, "commit", "-qam", "Pins go along")
    assert bumped("akismet")[0]["rings"] == [{"ring": "canary", "sites": 1}]
    changed = git(repository, "diff", "--name-only", "main", AKISMET).split()
    assert changed == ["catalog.lock.yml", "catalog.yml", "profiles/care.yml"]
    care = git(repository, "show", f"{AKISMET}:profiles/care.yml")
    assert care == "plugins: {akismet: 5.7.3} # spam"


def test_an_earlier_proposal_that_nothing_proposes_any_more_is_told(
    repository: Path, forge: "Forge", sources: Directory, bumped: Any
) -> None:
    bumped()
    git(repository, "branch", "-q", "-D", AKISMET)  # the forge has it still
    sources.plugin("akismet", "5.7.3", last_updated=datetime.now(UTC).date().isoformat())
    sources.plugins["akismet"] = {"error": "closed", "reason_text": "Security"}
    (stale,) = bumped()
    assert (stale["branch"], stale["came"]) == (AKISMET, "stale")
    assert stale["title"] == "Update akismet from 5.7.2 to 5.7.3"
    assert bumped("akismet") == []


def test_work_of_others_is_left_to_them(repository: Path, bumped: Any, sources: Directory) -> None:
    bumped("akismet")
    git(repository, "checkout", "-q", AKISMET)
    git(repository, "commit", "-q", "--allow-empty", "-m", "Theirs")
    git(repository, "checkout", "-q", "main")
    sources.plugin("akismet", "5.7.4")
    (held,) = bumped("akismet", code=3)
    assert (held["came"], held["problems"][0]["slug"]) == ("held", "branch.others")


GLAB = """#!/bin/sh
printf '%s\\n' "$@" --- >> "$ASKED"
case "$1 $2" in
"auth status") [ "$4" = forge.example ] ;;
"mr list") cat "$ASKED.list" ;;
"mr create"|"mr update") echo "!7 https://forge.example/agency/fleet/-/merge_requests/7" ;;
*) exit 9 ;;
esac
"""
GH = """#!/bin/sh
# keeps what it was asked, and answers as the forge would
printf '%s\\n' "$@" --- >> "$ASKED"
env | grep ^WPSTATE_ >> "$ASKED.leaks"
for word; do
    case $last in --body-file) cp "$word" "$ASKED.body" ;; esac
    last=$word
done
case "$1 $2" in
"auth status") [ "$4" = forge.example ] ;;
"pr list") cat "$ASKED.list" ;;
"pr create") echo "creating..."; echo https://forge.example/agency/fleet/pull/7 ;;
"pr edit") : ;;
*) exit 9 ;;
esac
"""


class Forge:
    def __init__(self, folder: Path, repository: Path) -> None:
        self.bare = folder / "bare.git"
        self.asked = folder / "asked"
        self._repository = repository
        (folder / "asked.list").write_text("[]")
        self.list = folder / "asked.list"

    def words(self) -> list[list[str]]:
        said = self.asked.read_text().split("---\n") if self.asked.exists() else []
        return [each.splitlines() for each in said if each]

    def has(self, branch: str) -> str:
        return git(self.bare, "rev-parse", "--verify", "--quiet", branch)

    def knows(self, state: str, commit: str) -> None:
        told = {"url": "https://forge.example/agency/fleet/pull/7", "state": state}
        self.list.write_text(json.dumps([{**told, "headRefOid": commit}]))


@pytest.fixture
def forge(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "gh").write_text(GH)
    (tools / "gh").chmod(0o755)
    made = Forge(tmp_path, repository)
    subprocess.run(("git", "init", "-q", "--bare", str(made.bare)), check=True)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("ASKED", str(made.asked))
    address = "https://forge.example/agency/fleet.git"
    git(repository, "config", f"url.{made.bare}.insteadOf", address)
    git(repository, "remote", "add", "origin", address)
    git(repository, "push", "-q", "origin", "main")
    return made


def test_a_pull_request_is_opened_by_the_forges_own_tool(
    repository: Path, forge: Forge, bumped: Any
) -> None:
    hook = repository / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    (only,) = bumped("akismet", "--base", "origin/main")
    assert only["pull_request"] == "https://forge.example/agency/fleet/pull/7"
    assert forge.has(AKISMET) == only["commit"]
    created = forge.words()[-1]
    assert created[:2] == ["pr", "create"]
    assert created[2:8] == [
        "--repo", "forge.example/agency/fleet", "--head", AKISMET,
        "--title", "Update akismet from 5.7.2 to 5.7.3",
    ]  # fmt: skip
    assert created[-2:] == ["--base", "main"]
    assert "    * Thanks @ ana" in Path(f"{forge.asked}.body").read_text()
    assert Path(f"{forge.asked}.leaks").read_text() == "", "the tool is told nothing of ours"


def test_an_open_one_is_brought_up_to_date(forge: Forge, sources: Directory, bumped: Any) -> None:
    commit = bumped("akismet")[0]["commit"]
    forge.knows("OPEN", commit)
    bumped("akismet")
    assert forge.words()[-1][:2] == ["pr", "list"], "nothing changed"
    sources.plugin("akismet", "5.7.4")
    (newer,) = bumped("akismet")
    assert forge.has(AKISMET) == newer["commit"]
    assert forge.words()[-1][:2] == ["pr", "edit"]
    assert newer["pull_request"] == "https://forge.example/agency/fleet/pull/7"


def test_gitlabs_tool_is_as_good(
    forge: Forge, sources: Directory, bumped: Any, tmp_path: Path
) -> None:
    (tmp_path / "tools" / "gh").unlink()
    (tmp_path / "tools" / "glab").write_text(GLAB)
    (tmp_path / "tools" / "glab").chmod(0o755)
    address = "https://forge.example/agency/fleet/-/merge_requests/7"
    (only,) = bumped("akismet", "--base", "origin/main")
    assert only["pull_request"] == address
    created = forge.words()[-1]
    assert created[:4] == ["mr", "create", "--repo", "https://forge.example/agency/fleet"]
    assert created[-2:] == ["--target-branch", "main"]
    told = {"web_url": address, "state": "opened", "sha": only["commit"]}
    forge.list.write_text(json.dumps([told]))
    sources.plugin("akismet", "5.7.4")
    assert bumped("akismet")[0]["pull_request"] == address
    assert forge.words()[-1][:3] == ["mr", "update", "7"]


def test_what_people_closed_stays_closed_until_there_is_something_newer(
    forge: Forge, sources: Directory, bumped: Any
) -> None:
    commit = bumped("akismet")[0]["commit"]
    forge.knows("CLOSED", commit)
    (again,) = bumped("akismet")
    assert again["declined"]
    assert forge.words()[-1][:2] == ["pr", "list"]
    sources.plugin("akismet", "5.7.4")
    assert not bumped("akismet")[0]["declined"]
    assert forge.words()[-1][:2] == ["pr", "create"]


def test_a_branch_that_moved_on_the_forge_is_not_pushed_over(
    repository: Path, forge: Forge, sources: Directory, bumped: Any
) -> None:
    bumped("akismet")
    git(forge.bare, "update-ref", f"refs/heads/{AKISMET}", git(repository, "rev-parse", "main"))
    sources.plugin("akismet", "5.7.4")
    (held,) = bumped("akismet", code=3)
    assert [problem["slug"] for problem in held["problems"]] == ["branch.moved"]
    assert forge.has(AKISMET) == git(repository, "rev-parse", "main")


def test_what_a_tool_complains_of_is_told_without_its_token(
    forge: Forge, bumped: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = 'env >> "$ASKED.leaks"; echo "HTTP 401: $GH_TOKEN" >&2; exit 1 ;;'
    (tmp_path / "tools" / "gh").write_text(GH.replace('cat "$ASKED.list" ;;', said))
    token = "ghp_" + "x1" * 18
    monkeypatch.setenv("GH_TOKEN", token)
    monkeypatch.setenv("GH_DEBUG", "api")
    (held,) = bumped("akismet", code=1)
    assert [problem["found"] for problem in held["problems"]] == ["HTTP 401: …"]
    assert "GH_DEBUG" not in Path(f"{forge.asked}.leaks").read_text()


def test_without_a_tool_it_says_what_to_type(repository: Path, forge: Forge, bumped: Any) -> None:
    git(repository, "config", "remote.origin.url", "https://elsewhere.example/agency/fleet.git")
    (only,) = bumped("akismet")
    assert only["to_type"] == [f"git push --force-with-lease origin {AKISMET}"]
    assert only["pull_request"] is None
    assert only["commit"] == git(repository, "rev-parse", AKISMET)


def test_what_people_read(
    repository: Path, forge: Forge, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bump", "--fleet", str(repository), "--no-look"]) == 0
    assert capsys.readouterr().out == (
        "Update akismet from 5.7.2 to 5.7.3: proposed\n"
        f"  branch {AKISMET} · 2 sites: canary 1, everyone 1\n"
        "  https://forge.example/agency/fleet/pull/7\n"
    )


def test_nothing_new(
    repository: Path, sources: Directory, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.plugin("akismet", "5.7.3", last_updated=datetime.now(UTC).date().isoformat())
    assert run(["bump", "--fleet", str(repository), "--no-look"]) == 0
    assert "Nothing to propose" in capsys.readouterr().out
