"""Others on the same host and database: their new tables, their locks, and verbs cut off midway."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.lab_site import LAB_ROOT, borrowed
from tests.integration.lab_site import LabSite as BorrowedSite
from tests.integration.safety_net_lab import BLOG, net_of, new_run, ready, shells
from tests.integration.test_safety_net import state_of, wait_until

_DATABASE_SH = Path(__file__).parents[2] / "wpstate" / "safetynet" / "database.sh"
_STATE = '~/.wpstate/"$(printf %s "$1" | sha256sum | cut -c 1-16)"'


@pytest.fixture(scope="module", autouse=True)
def blog() -> Iterator[BorrowedSite]:
    with borrowed("blog", reset=True) as site:
        yield site


def the_run() -> str:
    return state_of(BLOG, "sed -n s/^run=//p lock/info").strip()


def programs(run: str) -> list[str]:
    """Its watchdog, with what that left running beside itself."""
    return BLOG.sh(f"pgrep -f '[/]{run}/net.sh watchdog'", check=False).split()


@contextmanager
def locked(site: BorrowedSite, table: str) -> Iterator[None]:
    """Somebody else's LOCK TABLES, for as long as this lasts."""
    client = ("mariadb", "--no-defaults", "--socket", LAB_ROOT / "run" / "mysqld.sock", "-N", "-n")
    holder = subprocess.Popen(
        (*client, site.database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        holder.stdin.write(f"LOCK TABLES {table} WRITE;\nSELECT 'held';\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "held\n"
        yield
    finally:
        holder.communicate(timeout=10)


def test_an_install_that_came_later_leaves_older_snapshots_whole() -> None:
    tables = [f"wp_dev_{name}" for name in ("options", "posts", "postmeta", "users")]
    with ready(BLOG) as net:
        try:
            for table in tables:
                BLOG.sql(
                    f"CREATE TABLE {table} (id INT PRIMARY KEY); INSERT INTO {table} VALUES (7)"
                )
            for _ in range(2):
                BLOG.sql("DROP TABLE wp_links")
                assert net.restore().tables == ("wp_links",)
            assert [BLOG.sql(f"SELECT id FROM {table}") for table in tables] == ["7\n"] * 4
        finally:
            BLOG.sql("".join(f"DROP TABLE IF EXISTS {table};" for table in tables))


def test_a_locked_table_fails_the_attempt_and_the_next_one_ends_the_run(blog: BorrowedSite) -> None:
    with ready(BLOG) as net:
        run = the_run()
        BLOG.sql("DROP TABLE wp_links")
        with locked(blog, "wp_comments"):
            net.hand_over()
            journal = f"{_STATE}/journal"
            failed = f"grep -q '{run} rollback fail database.unreachable .*locked' {journal}"
            wait_until(BLOG, failed, 60)
            time.sleep(1)
            # Between two attempts nothing goes on renewing the freeze.
            assert len(programs(run)) == 1
        wait_until(BLOG, f"test ! -e {_STATE}/lock", 60)
        assert BLOG.sql("SHOW TABLES LIKE 'wp_links'") == "wp_links\n"


def test_a_verb_cut_off_midway_does_nothing_after_the_release() -> None:
    with shells() as opened:
        net = net_of(BLOG, opened)
        run = net.acquire(new_run(), "tests").run
        # It holds the lock and waits six seconds for a watchdog that is not there.
        freeze = f'"$PWD/net.sh" freeze {"a" * 64} 500'
        state_of(
            BLOG,
            f"cd runs/{run}; kill -KILL $(cat watchdog.pid); rm watchdog.pid; : >cron\n"
            f"setsid sh {freeze} </dev/null >/dev/null 2>&1 &\nsleep 1",
        )
        net.release()
    time.sleep(7)
    assert ".maintenance" not in BLOG.sh('ls -A "$1"', BLOG.wp_path).split()


@pytest.mark.parametrize("prefix", ["wp", "w", "wpstate_"])
def test_our_own_tables_are_never_the_sites(tmp_path: Path, prefix: str) -> None:
    ours = [f"wpstate_{sort}_abcd1234_7_1" for sort in ("w", "r", "o", "snap", "trial")]
    names = "".join(f"{name}\tBASE TABLE\n" for name in (*ours, f"{prefix}posts"))
    (tmp_path / "names").write_text(names)
    (tmp_path / "prefix").write_text(f"{prefix}\n")
    (tmp_path / "none").touch()
    script = (
        '. "$1"; awk "$own_tables" part=prefix prefix part=foreign none part=neighbours none'
        " part=names names part=own names"
    )
    done = subprocess.run(
        ("sh", "-c", script, "sh", _DATABASE_SH),
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"table\t{prefix}posts\n"
