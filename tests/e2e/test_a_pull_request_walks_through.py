"""A pull request from branch to sites: what its comment showed is what the merge applies, ring by
ring, however it was merged. The forge is a bare repository, the lab is production."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

pytestmark = pytest.mark.xdist_group("above")

_SITES = ("above", "shop")


def _on_a_forge(fleet: Fleet, forge: Path) -> None:
    """A fleet of two rings whose passes change nothing that nobody approved."""
    with (fleet.folder / "fleet.yml").open("a") as file:
        file.write("rings: {canary: at once, everyone: at once}\nmode: observe\n")
    for site, ring in (("above", "everyone"), ("shop", "canary")):
        with fleet.site_file(site).open("a") as file:
            file.write(f"updates: {{ring: {ring}}}\n")
    subprocess.run(("git", "init", "-q", "--bare", "-b", "main", forge), check=True)
    fleet.git("init", "-q", "-b", "main")
    fleet.git("remote", "add", "origin", str(forge))
    fleet.commit("The fleet")
    fleet.git("push", "-q", "-u", "origin", "main")


def _propose(fleet: Fleet, branch: str, version: str) -> str:
    """A branch that pins the guestbook everywhere, and the comment below its pull request."""
    fleet.git("checkout", "-q", "-b", branch, "main")
    for site in _SITES:
        fleet.pin(site, "lab-guestbook", version)
    fleet.commit(f"Guestbook {version}")
    fleet.git("push", "-q", "origin", branch)
    fleet.git("checkout", "-q", "main")
    fleet.git("fetch", "-q", "origin")
    words = ("plan", "--base", "origin/main", "--head", f"origin/{branch}")
    planned = fleet.wpstate(*words, "--report", f"markdown={branch}.md", "--format", "json").json
    comment = (fleet.folder / f"{branch}.md").read_text("utf-8")
    assert [each["site"] for each in planned["plan"]["sites"]] == list(_SITES)
    assert f"| digest | `{planned['digest']}` |" in comment
    return comment


def _squash(fleet: Fleet, branch: str, *trailers: str) -> None:
    """As the button of a forge does: one new commit on main, the branch is in no history."""
    fleet.git("merge", "-q", "--squash", f"origin/{branch}")
    fleet.git("commit", "-q", "-m", "\n".join([f"{branch} (#1)", "", *trailers]))
    fleet.git("push", "-q", "origin", "main")


def _pass(fleet: Fleet, *words: str, code: int = 0) -> list[tuple[str, str]]:
    ran = fleet.wpstate("reconcile", "--once", *words, "--format", "json", code=code).json
    return [
        (each["site"], each["run"]["outcome"] if each["run"] else each["standing"])
        for each in ran["sites"]
    ]


def test_what_the_comment_showed_is_applied_or_it_is_said_what_moved(
    take: Take, fleet: Fleet, tmp_path: Path
) -> None:
    above, shop = take(*_SITES)
    _on_a_forge(fleet, tmp_path / "forge.git")
    comment = _propose(fleet, "update", "1.1")
    assert "update `plugins.lab-guestbook`" in comment

    # Not merged: git asks nothing, and the plan that waits for its merge is no reason to.
    assert _pass(fleet, "--approved", "kept", *_SITES) == [
        ("shop", "in_sync"),
        ("above", "in_sync"),
    ]
    _squash(fleet, "update", "Approved-by: Ada Baker <ada@wpstate.invalid>")

    # Somebody is at work on the canary: it is left alone, and what moved is told in its comment.
    shop.wp("plugin", "deactivate", "lab-guestbook")
    before = shop.whole(), above.whole()
    approved = ("--approved", "kept", "--report", "markdown=moved.md", *_SITES)
    assert _pass(fleet, *approved, code=3) == [("shop", "refused"), ("above", "waits")]
    shop.assert_as(before[0])
    above.assert_as(before[1])
    moved = (fleet.folder / "moved.md").read_text("utf-8")
    assert moved.splitlines()[0] == comment.splitlines()[0]
    assert "plugins.lab-guestbook: was 1.0 when approved, is 1.0 inactive now" in moved

    shop.wp("plugin", "activate", "lab-guestbook")
    assert _pass(fleet, *_SITES) == [("shop", "reported"), ("above", "waits")]
    told = (*approved, "--status", "notes", "--approved-by", "Bo Miller")
    assert _pass(fleet, *told) == [("shop", "applied"), ("above", "applied")]
    for site in (above, shop):
        assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"

    # At the commit stands how each ring is, and at each run on whose word it ran.
    notes = fleet.git_says("notes", "--ref", "wpstate", "show", "HEAD").splitlines()
    assert notes == [f"wpstate/lab/{ring}: success, 1 applied" for ring in ("canary", "everyone")]
    run = fleet.last_run("above")
    assert run["revision"] == fleet.git_says("rev-parse", "HEAD")
    word = run["authority"]
    assert f"| digest | `{word['digest']}` |" in comment
    assert word["agreed"]
    assert (word["author"], word["approvers"]) == ("Agency", ["Bo Miller", "Ada Baker"])
    assert "approved by Bo Miller, Ada Baker" in fleet.wpstate("show", run["id"]).out
