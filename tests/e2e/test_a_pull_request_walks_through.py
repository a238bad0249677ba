"""Pull requests from branch to sites: what a comment showed is what the merge applies, ring by
ring, however it was merged; what was rolled back is proposed to be pinned. The forge is a bare
repository, the lab is production."""

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
    """A branch that asks for a guestbook everywhere, and the comment below its pull request."""
    fleet.git("checkout", "-q", "-b", branch, "main")
    for site in _SITES:
        fleet.pin(site, "lab-guestbook", version)
    fleet.commit(f"Guestbook {version}")
    fleet.git("push", "-q", "origin", branch)
    fleet.git("checkout", "-q", "main")
    fleet.git("fetch", "-q", "origin")
    return _planned(fleet, branch)


def _planned(fleet: Fleet, branch: str) -> str:
    words = ("plan", "--base", "origin/main", "--head", f"origin/{branch}")
    planned = fleet.wpstate(
        *words, "--report", f"markdown={fleet.home}/comment.md", "--format", "json"
    ).json
    comment = (fleet.home / "comment.md").read_text("utf-8")
    assert [each["site"] for each in planned["plan"]["sites"]] == ["shop", "above"]  # by rings
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


def test_an_update_is_approved_and_applied_and_a_bad_one_becomes_a_pin(
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
    before = shop.whole()
    approved = ("--approved", "kept", "--report", f"markdown={fleet.home}/moved.md", *_SITES)
    assert _pass(fleet, *approved, code=3) == [("shop", "refused"), ("above", "waits")]
    shop.assert_as(before)
    moved = (fleet.home / "moved.md").read_text("utf-8")
    assert moved.splitlines()[0] == comment.splitlines()[0]
    assert "plugins.lab-guestbook: was 1.0 when approved, is 1.0 inactive now" in moved

    shop.wp("plugin", "activate", "lab-guestbook")
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

    # The next one is bad: its ring is put back, the version is frozen, and nobody tries it again.
    _propose(fleet, "bad", "2.8")
    _squash(fleet, "bad")
    sites = shop.whole(), above.whole()
    assert _pass(fleet, *told, code=4) == [("shop", "rolled_back"), ("above", "waits")]
    shop.assert_as(sites[0])
    above.assert_as(sites[1])
    assert fleet.git_says("notes", "--ref", "wpstate", "show", "HEAD").splitlines() == [
        "wpstate/lab/canary: failure, 1 rolled back",
        "wpstate/lab/everyone: pending, 1 waits",
    ]
    assert _pass(fleet, *told) == [("shop", "reported"), ("above", "waits")]

    # So that git says what sites have, and the next version finds its way.
    pinned = fleet.wpstate("pin", *_SITES, "--base", "origin/main").out
    assert "shop: plugins.lab-guestbook  2.8 → 1.1  2.8 was rolled back here" in pinned
    assert "above: plugins.lab-guestbook  2.8 → 1.1  2.8 was rolled back on another site" in pinned
    fleet.git("push", "-q", "origin", "wpstate/pin/plugins.lab-guestbook")
    assert "0 changes on 0 sites" in _planned(fleet, "wpstate/pin/plugins.lab-guestbook")
    _squash(fleet, "wpstate/pin/plugins.lab-guestbook")
    assert _pass(fleet, *told) == [("shop", "in_sync"), ("above", "in_sync")]
    assert "{version: 1.1, why: 2.8 was rolled back here}" in fleet.site_file("shop").read_text()
