"""What stands between a fault and a wrong verdict, each met by the thing that it guards against.

tests/mutants takes each safeguard away and demands that its test here, or elsewhere, fails.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import CHECKOUT, LAB
from tests.faults.moments import GOOD_WAY, Moment, Progress, is_there, reach
from tests.faults.scene import LONG_AGO_S, at_work, family, let_time_pass, wait_until_free
from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import BLOG, net_of, new_run, shells
from tests.integration.test_safety_net import state_of
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.model.problem import Failed, NeedsAttention

_AFTER_SNAPSHOT = next(m for m in GOOD_WAY if (m.phase, m.edge) == ("snapshot", "after"))
_COUNTS_LOOKS = """<?php
// Writes at each look of the run, as a counter of visits or a cache would.
if ( isset( $_SERVER['HTTP_X_WPSTATE_TOKEN'] ) ) {
    add_action( 'init', function () {
        update_option( 'lab_looks', 1 + (int) get_option( 'lab_looks' ) );
    } );
}
"""
_LETS_VISITORS_IN = """
$wp_filter['enable_maintenance_mode'][10]['lab'] = array(
    'function' => function () { return false; }, 'accepted_args' => 0,
);
"""


@pytest.fixture
def net() -> Iterator[SshSafetyNet]:
    """The blog, frozen; its last table takes a while to dump. Put back afterwards."""
    with borrowed("blog", reset=True), shells() as opened:
        BLOG.sql(
            "CREATE TABLE wp_zz_long AS SELECT seq AS id, REPEAT(MD5(seq), 64) AS text "
            "FROM seq_1_to_20000"
        )
        frozen = net_of(BLOG, opened)
        frozen.acquire(new_run(), "tests")
        frozen.copy_code()
        frozen.freeze("token", 500)
        yield frozen


def _until(true: Callable[[], bool], limit_s: float = 30) -> None:
    give_up_at = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


def _root(statement: str) -> str:
    argv = ("mariadb", "--no-defaults", f"--socket={LAB}/run/mysqld.sock", "-N", "-B")
    return subprocess.run(argv, input=statement, text=True, capture_output=True).stdout


def _run_folder() -> Path:
    """Of the one run that the blog's host has at work."""
    return Path(state_of(BLOG, 'echo "$PWD/runs/$(sed -n s/^run=//p lock/info)"').strip())


@pytest.mark.xdist_group("blog")
def test_a_dump_that_breaks_off_is_no_snapshot(net: SshSafetyNet) -> None:
    dumping = (
        "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'wpl_duo' "
        "AND INFO LIKE 'SELECT /*!40001%zz_long%'"
    )

    def kill() -> None:
        found = ""
        while not found and not over.is_set():
            found = _root(dumping).strip()
        _root(f"KILL {found}")

    over = threading.Event()
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with pytest.raises(Failed) as caught:
            net.snapshot()
    finally:
        over.set()
        killer.join()
    assert caught.value.problems[0].slug == "snapshot.dump"
    assert not (_run_folder() / "snapshot" / "COMPLETE").exists()
    net.thaw()
    net.release()


@pytest.mark.xdist_group("blog")
def test_half_a_snapshot_is_never_restored(net: SshSafetyNet) -> None:
    folder = _run_folder()

    def kill() -> None:
        _until(lambda: (folder / "snapshot" / "dump.sql").exists())
        for process, words in at_work(folder.parents[1]):
            if " snapshot" in words and " attend " not in words:
                os.kill(process, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises((Failed, NeedsAttention)):
        net.snapshot()
    killer.join()
    let_time_pass(folder.parents[1], LONG_AGO_S)
    assert wait_until_free(folder.parents[1], 40)
    assert (folder / "ended").read_text() == "untouched\n"
    assert not (Path(BLOG.wp_path) / ".maintenance").exists()


@pytest.mark.xdist_group("blog")
def test_other_clients_can_read_the_dump(net: SshSafetyNet) -> None:
    """MariaDB's sandbox line (10.11.8 on) is a syntax error to MySQL's client."""
    net.snapshot()
    dump = str(_run_folder() / "snapshot" / "dump.sql")
    text = subprocess.run(("zstd", "-dc", dump), capture_output=True, check=True).stdout
    assert text.startswith(b"-- ")
    assert b"sandbox mode" not in text[:4000]
    net.restore()
    net.thaw()
    net.release()


def test_a_dump_that_lacks_a_table_is_no_snapshot(tmp_path: Path) -> None:
    for name, text in {
        "dump.names": "wp_options\nwp_posts\n",
        "large.sums": "",
        "dump.sql": "-- Table structure for table `wp_options`\nCREATE TABLE `wp_options` (\n);\n"
        "-- Dump completed on 2026-01-01  0:00:00\n",
    }.items():
        (tmp_path / name).write_text(text)
    parts = CHECKOUT / "wpstate" / "safetynet"
    program = (
        f'. "{parts}/answer.sh"; . "{parts}/snapshot.sh"; unpack() {{ cat "$1"; }}; check_dump'
    )
    ran = subprocess.run(
        ("sh", "-c", program), env=os.environ | {"snapshot": str(tmp_path)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert "error=snapshot.dump\ntext=the dump lacks tables" in ran.stdout


@pytest.mark.xdist_group("shop")
def test_the_looks_at_a_site_that_was_put_back_leave_nothing(take: Take, fleet: Fleet) -> None:
    (site,) = take("shop")
    site.write("wp-content/mu-plugins/looks.php", _COUNTS_LOOKS)
    fleet.pin("shop", "lab-guestbook", "2.1")
    progress = Progress(fleet.start("apply", "shop", "--yes"))
    assert _reached(_AFTER_SNAPSHOT, site.state, progress)
    counted = "SELECT option_value FROM {p}options WHERE option_name = 'lab_looks'"
    under_the_snapshot = int(site.sql(counted))
    assert progress.ended(120) == 4, progress.said
    # At the very end the object cache is emptied, which opens one page.
    assert int(site.sql(counted)) - under_the_snapshot in (0, 1)


@pytest.mark.xdist_group("shop")
def test_who_confirms_after_the_host_has_put_the_site_back_is_told(
    take: Take, fleet: Fleet
) -> None:
    (site,) = take("shop")
    fleet.pin("shop", "lab-guestbook", "1.1")
    before = site.whole()
    progress = Progress(fleet.start("apply", "shop", "--yes"))
    # The last thing before the verdict: the tree is being compared.
    assert reach(lambda: any(site.state.glob("runs/*/tree.now")), progress)
    asleep = family(progress.running.pid)
    for process in asleep:
        os.kill(process, signal.SIGSTOP)
    let_time_pass(site.state, LONG_AGO_S)
    assert wait_until_free(site.state, 40)
    for process in asleep:
        os.kill(process, signal.SIGCONT)
    assert progress.ended(120) == 4, progress.said
    assert fleet.last_run("shop")["outcome"] == "rolled_back"
    site.assert_as(before)


@pytest.mark.xdist_group("shop")
def test_a_freeze_that_does_not_hold_is_noticed(take: Take, fleet: Fleet) -> None:
    (site,) = take("shop")
    config = site.wp_path / "wp-config.php"
    text = config.read_text("utf-8")
    config.write_text(text.replace("<?php", f"<?php{_LETS_VISITORS_IN}", 1), "utf-8")
    fleet.pin("shop", "lab-guestbook", "1.1")
    before = site.whole()
    refused = fleet.wpstate("apply", "shop", "--yes", code=3)
    assert "freeze.not_proven" in refused.slugs()
    site.assert_as(before)


def _reached(moment: Moment, state: Path, progress: Progress) -> bool:
    return reach(lambda: is_there(moment, state, progress), progress)
