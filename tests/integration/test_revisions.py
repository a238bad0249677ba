"""Which revision a fleet folder stands at, and what makes it dirty. Real git."""

import subprocess
from pathlib import Path

import pytest

from wpstate.adapters.revisions import FleetRevision


def git(folder: Path, *arguments: str) -> str:
    command = ("git", "-c", "user.name=A", "-c", "user.email=a@example.test", *arguments)
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A fleet in a folder of a larger repository."""
    folder = tmp_path / "clients"
    (folder / "sites").mkdir(parents=True)
    (folder / "fleet.yml").write_text("name: x\n")
    git(tmp_path, "init", "-q", ".")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "The fleet")
    return folder


def test_a_committed_fleet_has_its_revision(fleet: Path) -> None:
    assert FleetRevision(fleet).current() == (git(fleet, "rev-parse", "HEAD").strip(), False)


@pytest.mark.parametrize("changed", ["fleet.yml", "sites/new.yml"])
def test_a_changed_or_new_yaml_file_makes_it_dirty(fleet: Path, changed: str) -> None:
    (fleet / changed).write_text("name: y\n")
    assert FleetRevision(fleet).current()[1]


@pytest.mark.parametrize("beside", ["site.plan", "notes.md", "../other.yml"])
def test_what_is_no_file_of_the_fleet_does_not(fleet: Path, beside: str) -> None:
    (fleet / beside).write_text("x\n")
    assert not FleetRevision(fleet).current()[1]


def test_outside_git_and_before_the_first_commit_there_is_none(tmp_path: Path) -> None:
    assert FleetRevision(tmp_path).current() == (None, False)
    git(tmp_path, "init", "-q", ".")
    assert FleetRevision(tmp_path).current() == (None, False)


def test_an_environment_of_another_repository_is_not_heard(
    fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = FleetRevision(fleet).current()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert FleetRevision(fleet).current() == mine


def test_a_program_named_in_the_repository_is_not_run(fleet: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    git(fleet, "config", "core.fsmonitor", f"touch {ran}; false")
    FleetRevision(fleet).current()
    assert not ran.exists()


def test_a_merge_says_what_it_brought_in_and_a_squash_is_its_own_word(fleet: Path) -> None:
    top = fleet.parent
    main = git(top, "branch", "--show-current").strip()
    git(top, "checkout", "-q", "-b", "pin")
    (fleet / "fleet.yml").write_text("name: y\n")
    git(top, "commit", "-q", "-a", "-m", "Pin", "--author", "Dora <dora@example.test>")
    git(top, "checkout", "-q", main)
    git(top, "merge", "-q", "--no-ff", "-m", "Merge #1\n\nReviewed-by: Ada <a@b.test>", "pin")
    words = FleetRevision(fleet).words(git(top, "rev-parse", "HEAD").strip())
    assert words is not None
    merge, brought = words
    assert (merge.author, merge.message) == (
        "A <a@example.test>",
        "Merge #1\n\nReviewed-by: Ada <a@b.test>\n",
    )
    assert brought is not None
    assert brought.author == "Dora <dora@example.test>"
    assert brought.id == git(top, "rev-parse", "pin").strip()

    git(top, "reset", "-q", "--hard", "HEAD~1")
    git(top, "merge", "-q", "--squash", "pin")
    git(top, "commit", "-q", "-m", "Pin (#1)")
    words = FleetRevision(fleet).words(git(top, "rev-parse", "HEAD").strip())
    assert words is not None
    assert (words[0].message, words[1]) == ("Pin (#1)\n", None)
    assert FleetRevision(fleet).words("0" * 40) is None
    assert FleetRevision(top.parent).words("0" * 40) is None
