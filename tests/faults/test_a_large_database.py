"""Tables too large for the freeze: copied before it, and still nothing is lost."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.places import BENCH, FLEET, prepare, wp_path
from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.e2e.site import Site
from tests.faults.conftest import FULL

TOO_LARGE = """
CREATE TABLE {p}archive (id INT AUTO_INCREMENT PRIMARY KEY, page LONGTEXT NOT NULL);
INSERT INTO {p}archive (page) SELECT REPEAT('lorem ipsum ', 500000) FROM seq_1_to_280;
ANALYZE TABLE {p}archive;
"""
LOG = """
CREATE TABLE {p}visits_log (id INT AUTO_INCREMENT PRIMARY KEY, page TEXT NOT NULL);
INSERT INTO {p}visits_log (page) SELECT CONCAT(seq, REPEAT('lorem ipsum ', 660))
    FROM seq_1_to_14000;
ANALYZE TABLE {p}visits_log;
"""
"""110 MB: twice what a freeze of four seconds has room for."""


@pytest.fixture
def large(take: Take, fleet: Fleet) -> Site:
    (site,) = take("pagecache")
    site.sql(LOG)
    fleet.replace("pagecache", "plugins:\n", "freeze: {at_most: 4s}\nplugins:\n")
    return site


def copied_before(site: Site) -> str:
    """What the newest run copied before its freeze, as its snapshot names it."""
    newest = max(site.state.glob("runs/*/snapshot/large.tables"), key=lambda f: f.stat().st_mtime)
    return newest.read_text("utf-8")


def test_an_update_of_a_site_with_a_large_table_is_undone(large: Site, fleet: Fleet) -> None:
    fleet.pin("pagecache", "lab-guestbook", "2.8")
    before = large.whole()
    fleet.wpstate("apply", "pagecache", "--yes", code=4)
    assert copied_before(large) == "table\twp_visits_log\n"
    large.assert_as(before)


@pytest.mark.skipif(not FULL, reason="writes 1.7 GB")
def test_a_rollback_that_would_outlast_the_freeze_is_refused(take: Take, fleet: Fleet) -> None:
    (site,) = take("pagecache")
    fleet.pin("pagecache", "lab-guestbook", "1.1")
    fleet.wpstate("apply", "pagecache", "--yes")
    site.sql(TOO_LARGE)
    refused = fleet.wpstate("rollback", "pagecache", "--accept-loss", "--yes", code=3)
    assert refused.slugs() == {"plan.freeze_budget"}
    assert "MiB of tables may take" in refused.out + refused.err
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
    site.assert_open()


def test_what_visitors_write_after_the_copy_outlives_a_rollback(large: Site, fleet: Fleet) -> None:
    fleet.pin("pagecache", "lab-guestbook", "2.8")
    acknowledged = 0
    frozen = threading.Event()

    def visit() -> None:
        nonlocal acknowledged
        while not frozen.wait(0.05):
            large.sql("INSERT INTO {p}visits_log (page) VALUES ('a visitor was here')")
            acknowledged += 1

    visitor = threading.Thread(target=visit, daemon=True)
    running = fleet.start("apply", "pagecache", "--yes")
    until(running, "stage")
    visitor.start()
    until(running, "freeze")
    frozen.set()
    visitor.join(10)
    out, err = running.communicate(timeout=200)

    assert running.returncode == 4, out + err
    assert acknowledged
    count = "SELECT COUNT(*) FROM {p}visits_log WHERE page = 'a visitor was here'"
    assert int(large.sql(count)) == acknowledged
    large.assert_open()


@contextmanager
def huge(below: Path) -> Iterator[tuple[Site, Fleet]]:
    """The bench's site with 4 GB of tables, its plugin as before the update."""
    for verb in ("build", "build-huge", "start"):
        subprocess.run((BENCH / "sites.sh", verb), check=True)
    try:
        subprocess.run((BENCH / "sites.sh", "old-plugin", "huge"), check=True)
        fleet = Fleet(below / "fleet", below / "home")
        shutil.copytree(FLEET, fleet.folder)
        (fleet.home / "person").mkdir(parents=True)
        prepare(fleet.home)
        place = wp_path("huge")
        url = "http://127.0.0.1:18123"
        account, database = "wpl-bench", "wpl_bench_huge"
        site = Site("huge", account, url, place, place, database, "wp_", "Bench huge")
        yield site, fleet
    finally:
        for verb in ("stop", "drop-huge"):
            subprocess.run((BENCH / "sites.sh", verb), check=True)


def sums(site: Site) -> str:
    """Definition and checksum of each of its tables, by the server: 4 GB are too much to sort."""
    tables = site.sql(r"SHOW TABLES LIKE 'wp\_%'").split()
    return site.sql("".join(f"SHOW CREATE TABLE {t}; CHECKSUM TABLE {t};" for t in tables))


if FULL:

    def test_a_database_of_4_gb_is_frozen_for_15_s_and_rolled_back_within_60_s(
        tmp_path: Path,
    ) -> None:
        with huge(tmp_path) as (site, fleet):
            fleet.wpstate("plan", "huge")
            fleet.pin("huge", "lab-guestbook", "2.8")
            fleet.wpstate("lock")
            site.warm()
            before = sums(site)
            fleet.wpstate("apply", "huge", "--yes", "--allow-dirty", code=4)
            undone = fleet.last_run("huge")
            assert sums(site) == before
            site.assert_open()

            fleet.pin("huge", "lab-guestbook", "1.1")
            fleet.wpstate("apply", "huge", "--yes", "--allow-dirty")
            done = fleet.last_run("huge")
        print("frozen:", done["frozen_s"], "undone:", undone["phases"], "done:", done["phases"])
        assert done["frozen_s"] <= 15
        (rollback,) = (p for p in undone["phases"] if p["phase"] == "rollback")
        assert rollback["took_s"] <= 60
