"""A backup of a site that is damaged afterwards brings back every file and every table; while it is
made nobody changes the site, and one that is killed counts for nothing."""

import os
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import LAB, Site
from tests.oracle.whole import Whole, unlike, whole

pytestmark = pytest.mark.xdist_group("above")
PASSWORD = "correct horse battery staple"
_SCRATCH = "wpstate_test_restored"
SECRET = {"WPSTATE_SECRET_BACKUPS": PASSWORD}


@pytest.fixture
def site(take: Take, fleet: Fleet) -> Site:
    """Its wp-config.php lies above the WordPress folder."""
    (above,) = take("above")
    with (fleet.folder / "fleet.yml").open("a") as file:
        file.write(
            f"repositories: {{here: {{kind: local, address: {fleet.home}/kept,"
            " password: {secret: {env: WPSTATE_SECRET_BACKUPS}}}}\n"
            "backup: {every: 24h, keep: 14d 8w 12m}\n"
        )
    return above


def test_what_was_damaged_comes_back(site: Site, fleet: Fleet, tmp_path: Path) -> None:
    upload = site.write("wp-content/uploads/2026/11/photo [1].jpg", "as it was")
    assert "there is no backup yet" in fleet.wpstate("plan", "above", **SECRET).out
    before = site.whole()
    (made,) = fleet.wpstate("backup", "run", "above", "--format", "json", **SECRET).json
    assert not unlike(before, site.whole())
    site.assert_open()
    assert list((site.state / "runs").iterdir()) == []  # nothing of it is left on the host
    assert "backup.age" not in fleet.wpstate("plan", "above", **SECRET).out

    upload.write_text("as somebody left it")
    site.sql("DELETE FROM {p}posts WHERE post_type = 'page'")
    (site.wp_path / "wp-includes/version.php").unlink()

    target = tmp_path / "back"
    told = fleet.wpstate("restore", "above", "--at", "latest", "--to", str(target), **SECRET)
    assert made["id"] in told.out
    assert unlike(before, _restored(site, target)) == []

    # One file, one command.
    fleet.wpstate(
        "restore", "above", "--at", made["id"], "--to", str(tmp_path / "one"),
        "--only", "wp-content/uploads/2026/11/photo [1].jpg", **SECRET,
    )  # fmt: skip
    (one,) = (path for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert one.read_text() == "as it was"
    assert (
        "restore.target"
        in fleet.wpstate(
            "restore", "above", "--at", "latest", "--to", str(target), code=3, **SECRET
        ).slugs()
    )

    # Nothing moved: next to nothing comes, next to nothing is kept.
    (again,) = fleet.wpstate("backup", "run", "above", "--format", "json", **SECRET).json
    assert again["received_bytes"] < 0.02 * made["received_bytes"]
    verified = fleet.wpstate("backup", "verify", "above", "--format", "json", **SECRET).json
    assert (verified["errors"], verified["last_good"]["id"]) == ([], again["id"])
    assert PASSWORD.encode() not in (fleet.home / "ledger.sqlite3").read_bytes()


def test_nobody_changes_the_site_meanwhile_and_a_killed_one_counts_for_nothing(
    site: Site, fleet: Fleet, tmp_path: Path
) -> None:
    slow = _slow_rsync(tmp_path)
    before = site.whole()
    dying = fleet.start("backup", "run", "above", **SECRET, **slow)
    _wait(tmp_path / "waiting")
    assert site.curl("/")[0] == 200
    fleet.pin("above", "hello", "absent")
    assert "run.locked" in fleet.wpstate("apply", "above", "--yes", "--quiet", code=3).slugs()
    os.killpg(dying.pid, signal.SIGKILL)
    dying.communicate()
    (tmp_path / "go").touch()
    assert fleet.wpstate("backup", "list", "above", "--format", "json").json == []
    with pytest.raises(AssertionError):
        site.assert_open()  # its lock is still there

    # The next one ends what that one left.
    (made,) = fleet.wpstate("backup", "run", "above", "--format", "json", **SECRET).json
    (listed,) = fleet.wpstate("backup", "list", "above", "--format", "json").json
    assert listed == made
    site.assert_as(before)
    assert fleet.wpstate("backup", "verify", "above", "--read-data", **SECRET).code == 0


def _slow_rsync(folder: Path) -> dict[str, str]:
    """An rsync that waits for a word before it begins."""
    real = shutil.which("rsync")
    program = folder / "bin" / "rsync"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\ntouch {folder}/waiting\n"
        f'until [ -e {folder}/go ]; do sleep 0.1; done\nexec {real} "$@"\n'
    )
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:{os.environ['PATH']}"}


def _wait(path: Path) -> None:
    until = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.1)


def _restored(site: Site, target: Path) -> Whole:
    """The restored files laid out as the site's are, and the dump in a database of its own."""
    laid = target / "laid"
    laid.mkdir(mode=stat.S_IMODE(site.root.stat().st_mode))
    (target / "files/wordpress").rename(laid / site.wp_path.relative_to(site.root))
    (target / "files/config/wp-config.php").rename(laid / "wp-config.php")
    argv = ("mariadb", "--no-defaults", f"--socket={LAB}/run/mysqld.sock")
    made = f"DROP DATABASE IF EXISTS {_SCRATCH}; CREATE DATABASE {_SCRATCH}"
    subprocess.run((*argv, "-e", made), check=True)
    try:
        with (target / "database.sql").open("rb") as dump:
            subprocess.run((*argv, _SCRATCH), stdin=dump, check=True)
        found = whole(laid, _SCRATCH, site.prefix)
    finally:
        subprocess.run((*argv, "-e", f"DROP DATABASE {_SCRATCH}"), check=True)
    return Whole(found.tree, found.tables.replace(_SCRATCH, site.database))
