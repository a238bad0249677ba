"""Before the snapshot nobody writes any more: requests, commands, claimed work, updates."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.lab_site import SAFETYNET, borrowed
from tests.integration.lab_site import LabSite as BorrowedSite
from tests.integration.safety_net_lab import net_of, new_run, shells
from tests.integration.test_safety_net import slug_of, state_of
from tests.oracle import LabSite
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.adapters.ssh import SshShells
from wpstate.model.problem import Refused

OPCACHE = LabSite("opcache", "wpl-opcache")


@pytest.fixture(scope="module", autouse=True)
def site() -> Iterator[BorrowedSite]:
    with borrowed("opcache", reset=True) as site:
        yield site


@pytest.fixture(scope="module")
def opened() -> Iterator[SshShells]:
    with shells() as several:
        yield several


@pytest.fixture
def net(opened: SshShells, site: BorrowedSite) -> Iterator[SshSafetyNet]:
    """Locked and not yet frozen."""
    locked = net_of(OPCACHE, opened)
    locked.acquire(new_run(), "tests")
    yield locked
    locked.thaw()
    locked.release()


@contextmanager
def at_work(site: BorrowedSite, line: str) -> Iterator[None]:
    """A command of the site's account that is ended with the test."""
    argv = ("runuser", "-u", site.path.owner(), "--", "sh", "-c", line.format(wp=site.path))
    running = subprocess.Popen(argv, cwd="/", stdin=subprocess.DEVNULL)
    time.sleep(0.5)
    try:
        yield
    finally:
        running.terminate()
        running.wait()


@pytest.mark.parametrize(
    "line",
    [
        "cd {wp}/wp-content && exec php -r 'sleep(20);'",
        "exec php -r 'sleep(20);' -- --path={wp}",
        "cd {wp}/.. && exec php -r 'sleep(20);' -- ${{PWD##*/}} opcache/wp-cron.php",
    ],
    ids=["by its folder", "by --path", "by a relative word"],
)
def test_a_command_at_work_on_the_site_is_waited_for(
    net: SshSafetyNet, site: BorrowedSite, line: str
) -> None:
    with at_work(site, line):
        net.freeze("token", 100)
        drained = net.drain(1)
        assert not drained.quiet
        assert [left.split(" ")[0] for left in drained.still_there] == ["process"]
    assert net.drain(5).quiet


def test_a_command_elsewhere_is_none_of_ours(net: SshSafetyNet, site: BorrowedSite) -> None:
    with at_work(site, "cd / && exec php -r 'sleep(20);' -- --path=/tmp wp-cron.php"):
        net.freeze("token", 100)
        assert net.drain(1).quiet


def test_claimed_work_is_waited_for_until_it_is_given_back(
    net: SshSafetyNet, site: BorrowedSite
) -> None:
    options, claims = f"{site.prefix}options", f"{site.prefix}actionscheduler_claims"
    site.rows(
        f"CREATE TABLE {claims} (claim_id BIGINT PRIMARY KEY, date_created_gmt DATETIME);"
        f"INSERT INTO {claims} VALUES (1, UTC_TIMESTAMP()), (2, UTC_TIMESTAMP() - INTERVAL 1 DAY);"
        f"INSERT INTO {options} (option_name, option_value) VALUES"
        "('_transient_doing_cron', CONCAT(UNIX_TIMESTAMP(), '.1234')),"
        "('auto_updater.lock', UNIX_TIMESTAMP() - 7200);"
    )
    net.freeze("token", 100)
    drained = net.drain(1)
    assert not drained.quiet
    assert sorted(left.split(": ")[1].split(",")[0] for left in drained.still_there) == [
        "Action Scheduler",
        "_transient_doing_cron",
    ]
    site.rows(f"DROP TABLE {claims}; DELETE FROM {options} WHERE option_name LIKE '%doing_cron'")
    assert net.drain(5).quiet
    site.rows(
        f"UPDATE {options} SET option_value = UNIX_TIMESTAMP() WHERE option_name = "
        "'auto_updater.lock'"
    )
    assert not net.drain(1).quiet
    site.rows(f"DELETE FROM {options} WHERE option_name = 'auto_updater.lock'")


def test_a_freeze_that_was_lifted_before_the_snapshot_refuses_the_run(
    net: SshSafetyNet, site: BorrowedSite
) -> None:
    """WordPress's own updates delete the file when they are done."""
    net.freeze("token", 100)
    (site.path / ".maintenance").unlink()
    with pytest.raises(Refused) as caught:
        net.drain(1)
    assert slug_of(caught.value) == "freeze.lost"


def test_a_lifted_freeze_is_renewed_within_seconds_and_never_counts_again(
    net: SshSafetyNet, site: BorrowedSite
) -> None:
    net.copy_code()
    net.freeze("token", 100)
    frozen = site.path / ".maintenance"
    before = frozen.read_text()
    frozen.unlink()
    give_up_at = time.monotonic() + 5
    while not frozen.exists():
        assert time.monotonic() < give_up_at
        time.sleep(0.1)
    assert frozen.read_text().splitlines()[:-1] == before.splitlines()[:-1]
    with pytest.raises(Refused) as caught:
        net.snapshot()
    assert slug_of(caught.value) == "freeze.lost"
    net.thaw()
    time.sleep(2.5)
    assert not frozen.exists(), "the watchdog froze a site that was thawed"


def test_what_came_in_through_a_lifted_freeze_outlives_the_rollback(
    net: SshSafetyNet, site: BorrowedSite
) -> None:
    net.copy_code()
    net.freeze("token", 100)
    assert net.drain(5, proved=True).quiet
    net.snapshot()
    (site.path / ".maintenance").unlink()
    time.sleep(2.5)
    options = f"{site.prefix}options"
    site.rows(f"INSERT INTO {options} (option_name, option_value) VALUES ('a_visitor', 'wrote')")

    net.restore()

    rows = site.rows(f"SELECT option_value FROM {options} WHERE option_name = 'a_visitor'")
    assert rows == "wrote\n"
    assert state_of(OPCACHE, "tail -n 20 journal").count("tables tier=own") == 1
    site.rows(f"DELETE FROM {options} WHERE option_name = 'a_visitor'")


@pytest.mark.parametrize(
    ("closed_at", "slept"),
    [("1000.05", "0.150"), ("1000.2", "0.300"), ("999.9", ""), ("1060", "0.300")],
)
def test_a_request_has_its_moment_to_connect_and_no_more(
    closed_at: str, slept: str, tmp_path: Path
) -> None:
    """Between the freeze and the first look at what is at work; the clock says 1000.2."""
    (tmp_path / "date").write_text("#!/bin/sh\necho 1000.200000000\n")
    (tmp_path / "sleep").write_text('#!/bin/sh\nprintf %s "$1"\n')
    for name in ("date", "sleep"):
        (tmp_path / name).chmod(0o755)
    (tmp_path / "closed_at").write_text(f"{closed_at}\n")

    done = subprocess.run(
        ("sh", "-c", '. "$1"; let_connect', "sh", SAFETYNET / "drain.sh"),
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "run_dir": str(tmp_path)},
        capture_output=True,
        check=True,
    )

    assert done.stdout.decode() == slept
