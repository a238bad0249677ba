"""A site that was changed and cannot be put back is never told as being as it was."""

import shutil

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until


@pytest.mark.xdist_group("getenv")
def test_the_run_says_so_with_its_first_reason(take: Take, fleet: Fleet) -> None:
    (site,) = take("getenv")
    fleet.pin("getenv", "lab-guestbook", "2.3")
    running = fleet.start("apply", "getenv", "--yes")
    until(running, "post-check")
    shutil.rmtree(site.state / "runs")

    running.communicate(timeout=200)

    run = fleet.last_run("getenv")
    assert (running.returncode, run["outcome"]) == (5, "needs_attention")
    reasons = [reason["slug"] for reason in run["reasons"]]
    assert "check.failed" in reasons
    assert len(set(reasons)) > 1
