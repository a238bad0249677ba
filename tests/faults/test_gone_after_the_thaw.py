"""The web server's PHP is gone for good just after visitors were let in: nobody can tell whether
the update is to blame, so it goes back, and what visitors wrote since stays."""

import subprocess

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import CHECKOUT
from tests.faults.moments import GOOD_WAY, Progress, is_there, reach

_THAWED = next(m for m in GOOD_WAY if (m.phase, m.edge) == ("thaw", "after"))
_LAB = CHECKOUT / "script" / "lab"


@pytest.mark.xdist_group("shop")
def test_the_site_goes_back_and_the_silent_page_is_told(take: Take, fleet: Fleet) -> None:
    (site,) = take("shop")
    fleet.pin("shop", "lab-guestbook", "1.1")
    before = site.whole()
    progress = Progress(fleet.start("apply", "shop", "--yes"))
    assert reach(lambda: is_there(_THAWED, site.state, progress), progress)
    subprocess.run((_LAB, "stop", "php-shop"), check=True, capture_output=True)
    try:
        assert progress.ended(120) == 5, progress.said
    finally:
        subprocess.run((_LAB, "start", "php-shop"), check=True, capture_output=True)
    run = fleet.last_run("shop")
    assert run["outcome"] == "needs_attention"
    assert [reason["slug"] for reason in run["reasons"]] == ["check.after_thaw"]
    assert "its files and tables are as before" in run["reasons"][0]["found"]
    assert not (site.state / "lock").exists()
    site.assert_as(before)
    assert fleet.wpstate("release", "shop", "--format", "json").json["quarantined"]
