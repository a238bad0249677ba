"""A pull request from branch to site: planned before the merge, and that plan is what the merge
applies, or nothing is. The forge is a bare repository."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

pytestmark = pytest.mark.xdist_group("blog")


def test_the_plan_of_the_branch_is_applied_after_the_merge_or_refused(
    take: Take, fleet: Fleet, tmp_path: Path
) -> None:
    (site,) = take("blog")
    forge = tmp_path / "forge.git"
    subprocess.run(("git", "init", "-q", "--bare", "-b", "main", forge), check=True)
    fleet.git("init", "-q", "-b", "main")
    fleet.git("remote", "add", "origin", str(forge))
    fleet.commit("The fleet")
    fleet.git("push", "-q", "origin", "main")
    before = site.whole()

    fleet.git("checkout", "-q", "-b", "update")
    fleet.pin("blog", "lab-guestbook", "1.1")
    fleet.commit("Update the guestbook")
    fleet.git("push", "-q", "origin", "update")
    fleet.git("checkout", "-q", "main")
    fleet.git("fetch", "-q", "origin")
    words = ("plan", "--base", "origin/main", "--head", "origin/update", "--out", "change.plan")
    planned = fleet.wpstate(*words, "--report", "markdown=comment.md", "--format", "json").json
    assert [each["site"] for each in planned["plan"]["sites"]] == ["blog"]
    (change,) = planned["plan"]["sites"][0]["changes"]
    assert (change["address"], change["after"]["version"]) == ("plugins.lab-guestbook", "1.1")
    assert planned["policy"] == []
    assert "update `plugins.lab-guestbook`" in (fleet.folder / "comment.md").read_text("utf-8")

    # Not merged yet: git asks for something else.
    assert fleet.wpstate("apply", "change.plan", code=3).slugs() == {"plan.stale"}
    site.assert_as(before)

    # The merge brings more than was approved.
    fleet.git("merge", "-q", "--no-ff", "-m", "Merge", "origin/update")
    text = fleet.site_file("blog").read_text("utf-8")
    fleet.pin("blog", "lab-guestbook", "2.8")
    assert fleet.wpstate("apply", "change.plan", code=3).slugs() == {"plan.stale"}
    site.assert_as(before)

    fleet.site_file("blog").write_text(text, "utf-8")
    applied = fleet.wpstate("apply", "change.plan", "--format", "json").json
    assert [run["outcome"] for run in applied] == ["applied"]
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
    fleet.git("push", "-q", "origin", "main")
    fleet.wpstate("plan", "blog", "--detailed-exitcode", code=0)
