"""Ctrl-C while a site is frozen and changed: the site goes back, then the command ends with 130."""

import os

import pytest

from tests.e2e.conftest import Take, give_back
from tests.e2e.fleet import Fleet, interrupt, until

# Whom Ctrl-C reaches matters while programs of ours run; `script/faults` tries it without them too.
MORE = [("post-check", True)] if os.environ.get("WPSTATE_FAULTS") == "full" else []


@pytest.mark.xdist_group("getenv")
@pytest.mark.parametrize(
    ("phase", "whole_group"),
    [("stage", True), ("apply", True), ("post-check", False), *MORE],
)
def test_the_site_is_whole(phase: str, whole_group: bool, take: Take, fleet: Fleet) -> None:
    (site,) = take("getenv")
    fleet.pin("getenv", "lab-guestbook", "1.1")
    before = site.whole()

    running = fleet.start("apply", "getenv", "--yes")
    until(running, phase)
    interrupt(running, whole_group=whole_group)
    out, err = running.communicate(timeout=200)

    assert running.returncode == 130, out + err
    assert "Traceback" not in err
    site.assert_as(before)
    # it says nothing against the change: the next plan still holds it
    fleet.wpstate("plan", "getenv", "--detailed-exitcode", code=2)
    give_back(site, before)
