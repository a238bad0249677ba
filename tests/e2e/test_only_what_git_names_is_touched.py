"""Two sites in one apply, one of them bad; plugins that are not git's stay; absent keeps data."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet


@pytest.mark.xdist_group("redis")
def test_one_site_is_changed_and_the_other_put_back(take: Take, fleet: Fleet) -> None:
    good, bad = take("redis", "opcache")
    theirs = good.add_plugin("client-shop"), good.add_plugin("client-extra")
    good.wp("plugin", "activate", "client-shop")
    untouched = [_bytes(folder) for folder in theirs]
    entries = good.sql("SELECT * FROM {p}guestbook")
    table = good.sql("SHOW CREATE TABLE {p}guestbook")
    fleet.pin("redis", "client-shop", "client")
    fleet.pin("redis", "lab-guestbook", "absent")
    fleet.pin("opcache", "lab-guestbook", "2.8")
    before = bad.whole()

    done = fleet.wpstate("apply", "redis", "opcache", "--yes", code=4)

    assert fleet.last_run("redis")["outcome"] == "applied"
    assert fleet.last_run("opcache")["outcome"] == "rolled_back"
    assert "plugins.client-shop" in done.out
    assert "plugins.client-extra" in done.out
    bad.assert_as(before)

    good.assert_open()
    assert not (good.plugins / "lab-guestbook").exists()
    moved = list(good.state.glob("runs/*/**/lab-guestbook/lab-guestbook.php"))
    assert moved, "the folder is moved away, not destroyed"
    assert good.sql("SELECT * FROM {p}guestbook") == entries
    assert good.sql("SHOW CREATE TABLE {p}guestbook") == table
    assert [_bytes(folder) for folder in theirs] == untouched
    assert good.wp("plugin", "get", "client-shop", "--field=status") == "active"
    assert good.wp("plugin", "get", "client-extra", "--field=status") == "inactive"


def _bytes(folder: Path) -> str:
    script = "cd \"$1\" && find . -printf '%y %m %T@ %p\\n' && find . -type f -exec sha256sum {} +"
    argv = ("sh", "-c", script, "sh", folder)
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout
