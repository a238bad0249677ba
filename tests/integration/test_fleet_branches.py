"""A proposal becomes a branch with one commit; nothing else of the repository moves. Real git."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from wpstate.adapters.fleet_branches import FleetBranches
from wpstate.adapters.git_writing import GitWriting
from wpstate.model.problem import Refused, UsageError
from wpstate.ports import Author, BranchWritten, Change, Outcome
from wpstate.proposing import fleet_branches

NAME = "wpstate/bump/akismet"
CATALOG = "core: 7.1.1\nplugins:\n  akismet: 5.7.2  # spam\n"
CHANGE = Change(
    NAME,
    "Update akismet to 5.7.3",
    "5.7.2 to 5.7.3.\n\nChangelog:\n* é Fixed it.",
    {"catalog.yml": CATALOG.replace("5.7.2", "5.7.3").encode()},
    (("Reason", "routine"),),
    Author("Ana", "ana@agency.example"),
)


def git(folder: Path, *arguments: str) -> str:
    command = ("git", "-c", "user.name=A", "-c", "user.email=a@example.test", *arguments)
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository with a fleet below clients/, and work of a person that is not committed."""
    top = tmp_path / "repository"
    (top / "clients" / "sites").mkdir(parents=True)
    (top / "clients" / "fleet.yml").write_text("name: x\n")
    (top / "clients" / "catalog.yml").write_text(CATALOG)
    (top / "clients" / "sites" / "shop.yml").write_text("url: https://shop.example\n")
    (top / "README").write_text("x\n")
    git(top, "init", "-q", "-b", "main", ".")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "The fleet")
    (top / "clients" / "catalog.yml").write_text("half of a thought")
    (top / "README").write_text("staged")
    git(top, "add", "README")
    return top


@pytest.fixture
def branches(top: Path) -> Iterator[FleetBranches]:
    with GitWriting(top / "clients") as repository:
        yield FleetBranches(repository, top / "clients")


def standing(top: Path) -> tuple[str, ...]:
    """What a person has before them."""
    index = (top / ".git" / "index").read_bytes().hex()
    files = (top / "README", top / "clients" / "catalog.yml")
    return (
        git(top, "rev-parse", "HEAD"),
        git(top, "symbolic-ref", "HEAD"),
        index,
        *(f"{file.read_text()} {file.stat().st_mtime_ns}" for file in files),
    )


def test_one_commit_with_its_words_and_nothing_else(top: Path, branches: FleetBranches) -> None:
    before = standing(top)
    written = branches.write("main", CHANGE)
    assert written == BranchWritten(Outcome.MADE, NAME, before[0], git(top, "rev-parse", NAME))
    assert standing(top) == before
    assert git(top, "diff", "--name-status", "main", NAME) == "M\tclients/catalog.yml"
    assert (
        git(top, "show", f"{NAME}:clients/catalog.yml") == CATALOG.replace("2  #", "3  #").strip()
    )
    assert git(top, "log", "--format=%an %ae %cn %P", "main.." + NAME) == (
        f"Ana ana@agency.example wpstate {before[0]}"
    )
    message = git(top, "log", "-1", "--format=%B", NAME)
    assert message.startswith(f"{CHANGE.title}\n\n{CHANGE.body}\n\nReason: routine\nWpstate-Prop")
    assert git(top, "log", "-1", "--format=%(trailers:key=Reason,valueonly)", NAME) == "routine"
    assert git(top, "fsck", "--strict") == ""


def test_a_base_is_read_as_it_is_committed(branches: FleetBranches) -> None:
    assert branches.texts("main")["catalog.yml"] == CATALOG


def test_the_same_again_makes_no_commit(top: Path, branches: FleetBranches) -> None:
    first = branches.write("main", CHANGE)
    again = branches.write("main", replace(CHANGE, author=Author("Bo", "bo@agency.example")))
    assert again == replace(first, outcome=Outcome.SAME)
    assert git(top, "rev-list", "--count", f"main..{NAME}") == "1"


def test_a_base_that_moved_elsewhere_makes_none_either(top: Path, branches: FleetBranches) -> None:
    first = branches.write("main", CHANGE)
    git(top, "commit", "-q", "-m", "README")
    assert branches.write("main", CHANGE).commit == first.commit


def test_another_proposal_takes_its_place(top: Path, branches: FleetBranches) -> None:
    branches.write("main", CHANGE)
    newer = {"catalog.yml": CATALOG.replace("5.7.2", "5.7.4").encode()}
    written = branches.write("main", replace(CHANGE, files=newer))
    assert written.outcome == Outcome.UPDATED
    assert git(top, "rev-list", "--count", f"main..{NAME}") == "1"
    assert "5.7.4" in git(top, "show", f"{NAME}:clients/catalog.yml")


def test_what_the_base_says_already_is_nothing(top: Path, branches: FleetBranches) -> None:
    same = replace(CHANGE, files={"catalog.yml": CATALOG.encode(), "sites/none.yml": None})
    assert branches.write("main", same).outcome == Outcome.NOTHING
    assert git(top, "branch", "--list", "wpstate/*") == ""


@pytest.mark.parametrize("how", ["a commit more", "amended", "reworded", "merged into", "remote"])
def test_work_of_others_is_not_written_over(top: Path, branches: FleetBranches, how: str) -> None:
    branches.write("main", CHANGE)
    other = top.parent / "other"
    git(top, "worktree", "add", "-q", str(other), NAME)
    (other / "clients" / "catalog.yml").write_text(CATALOG.replace("5.7.2", "5.7.9"))
    git(other, "add", ".")
    if how == "amended":
        git(other, "commit", "-q", "--amend", "--no-edit")
    elif how == "reworded":
        git(other, "reset", "-q", "--hard")
        message = git(other, "log", "-1", "--format=%B").replace("Fixed", "Broke")
        git(other, "commit", "-q", "--amend", "-m", message)
    elif how == "merged into":
        git(other, "reset", "-q", "--hard")
        git(top, "commit", "-q", "-m", "README")
        git(other, "merge", "-q", "--no-ff", "-m", "Update branch", "main")
    else:
        git(other, "commit", "-q", "-m", "Theirs")
    theirs = git(other, "rev-parse", "HEAD")
    git(top, "worktree", "remove", "--force", str(other))
    if how == "remote":
        git(top, "update-ref", f"refs/remotes/origin/{NAME}", theirs)
        git(top, "branch", "-q", "-D", NAME)
    with pytest.raises(Refused) as raised:
        branches.write("main", replace(CHANGE, title="Another"))
    assert [problem.slug for problem in raised.value.problems] == ["branch.others"]
    ref = f"refs/remotes/origin/{NAME}" if how == "remote" else NAME
    assert git(top, "rev-parse", ref) == theirs


def test_what_was_merged_may_be_proposed_upon(top: Path, branches: FleetBranches) -> None:
    branches.write("main", CHANGE)
    git(top, "reset", "-q", "--hard")
    git(top, "merge", "-q", "--no-ff", "-m", "Merge", NAME)
    assert branches.write("main", CHANGE).outcome == Outcome.NOTHING
    git(top, "revert", "--no-edit", "-m", "1", "HEAD")
    assert branches.write("main", CHANGE).outcome == Outcome.MADE
    assert git(top, "rev-list", "--count", f"main..{NAME}") == "1"


def test_a_proposal_that_only_the_forge_has_is_taken_up(top: Path, branches: FleetBranches) -> None:
    first = branches.write("main", CHANGE)
    git(top, "update-ref", f"refs/remotes/origin/{NAME}", str(first.commit))
    git(top, "branch", "-q", "-D", NAME)
    assert branches.write("main", CHANGE) == replace(first, outcome=Outcome.SAME)
    assert git(top, "rev-parse", NAME) == first.commit


@pytest.mark.parametrize("how", ["made on other commits", "sealed round other files"])
def test_nothing_else_comes_in_under_a_proposal(
    top: Path, branches: FleetBranches, how: str
) -> None:
    (top / "clients" / "sites" / "shop.yml").write_text("url: https://attacker.example\n")
    git(top, "add", "clients/sites")
    hostile = git(top, "commit-tree", git(top, "write-tree"), "-p", "main", "-m", "Hostile")
    git(top, "reset", "-q", "--hard")
    git(top, "branch", "hostile", hostile)
    made = str(branches.write("hostile", CHANGE).commit)
    if how == "sealed round other files":
        edits = git(top, "log", "-1", "--format=%B", made).rpartition(": ")[2].split(".")[0]
        tree, base = git(top, "rev-parse", f"{made}^{{tree}}", "main").split()
        made = branches._commit(tree, base, CHANGE, edits)
        assert branches._edits(made) == edits
    git(top, "update-ref", f"refs/remotes/origin/{NAME}", made)
    git(top, "branch", "-q", "-D", NAME)
    assert branches.write("main", CHANGE).outcome == Outcome.UPDATED
    assert git(top, "log", "--format=%s", f"main..{NAME}") == CHANGE.title
    assert git(top, "diff", "--name-only", "main", NAME) == "clients/catalog.yml"


def test_a_branch_that_is_checked_out_stays(top: Path, branches: FleetBranches) -> None:
    branches.write("main", CHANGE)
    git(top, "worktree", "add", "-q", str(top.parent / "other"), NAME)
    with pytest.raises(Refused) as raised:
        branches.write("main", replace(CHANGE, title="Another"))
    assert raised.value.problems[0].slug == "branch.checked_out"


def test_no_hook_runs_nothing_is_signed_and_no_filter_sees_it(
    top: Path, branches: FleetBranches
) -> None:
    ran = top.parent / "ran"
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        hook = top / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
        hook.chmod(0o755)
    for key, value in (
        ("filter.x.clean", f"touch {ran}; cat"),
        ("commit.gpgSign", "true"),
        ("gpg.program", f"touch {ran}"),
        ("core.fsmonitor", f"touch {ran}; false"),
    ):
        git(top, "-c", "core.hooksPath=/dev/null", "config", key, value)
    (top / ".git" / "info" / "attributes").write_text("* filter=x\n")
    assert branches.write("main", CHANGE).outcome == Outcome.MADE
    assert not ran.exists()


def test_files_come_and_go_with_their_folders(top: Path, branches: FleetBranches) -> None:
    files = {"profiles/care.yml": b"core: approved\n", "sites/shop.yml": None}
    branches.write("main", replace(CHANGE, files=files))
    names = git(top, "ls-tree", "-r", "--name-only", NAME).split("\n")
    assert names == [
        "README",
        "clients/catalog.yml",
        "clients/fleet.yml",
        "clients/profiles/care.yml",
    ]


@pytest.mark.parametrize("path", ["../README", ".git/config", "a//b", "sites/shop.yml/x", "link/x"])
def test_no_path_leads_elsewhere(top: Path, branches: FleetBranches, path: str) -> None:
    (top / "clients" / "link").symlink_to("../")
    git(top, "add", "clients/link")
    git(top, "commit", "-q", "-m", "A link")
    with pytest.raises(Refused):
        branches.write("main", replace(CHANGE, files={path: b"x"}))
    assert git(top, "branch", "--list", "wpstate/*") == ""


@pytest.mark.parametrize(
    "name", ["main", "wpstate", "wpstate/../main", "wpstate/-x", "wpstate/x.lock", "wpstate/a b"]
)
def test_proposals_have_names_of_their_own(top: Path, branches: FleetBranches, name: str) -> None:
    with pytest.raises(Refused) as raised:
        branches.write("main", replace(CHANGE, branch=name))
    assert raised.value.problems[0].slug == "branch.name"


def test_the_author_is_whom_git_takes_its_user_for(top: Path) -> None:
    git(top, "config", "user.name", "Ana")
    git(top, "config", "user.email", "ana@agency.example")
    with fleet_branches(top / "clients") as (_, author):
        assert author == Author("Ana", "ana@agency.example")


def test_the_base_must_be_there(branches: FleetBranches) -> None:
    with pytest.raises(UsageError):
        branches.write("origin/main", CHANGE)


def test_a_message_forges_neither_its_end_nor_its_author(
    top: Path, branches: FleetBranches
) -> None:
    hostile = replace(
        CHANGE,
        title="Update\nauthor x",
        body="Wpstate-Proposal: 1.2\n\0\ud800\n\nReason: ours",
        trailers=(("Reason", "one\nSigned-off-by: root <root@x>"),),
        author=Author("A <root@x>\ncommitter", "a>\nb"),
    )
    branches.write("main", hostile)
    assert branches.write("main", hostile).outcome == Outcome.SAME
    assert git(top, "log", "-1", "--format=%s", NAME) == "Update author x"
    assert git(top, "log", "-1", "--format=%(trailers:key=Signed-off-by)", NAME) == ""
    assert git(top, "log", "-1", "--format=%cn", NAME) == "wpstate"
