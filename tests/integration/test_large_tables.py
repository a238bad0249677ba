"""Tables copied before the freeze: what is proved unmoved comes back whole, the rest stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

import pytest

from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import net_of, new_run, shells, timed
from tests.oracle import LabSite
from wpstate.adapters.safety_net import SshSafetyNet

PAGECACHE = LabSite("pagecache", "wpl-pagecache")
LARGE = ("wp_orders", "wp_visits", "wp_old", "wp_measured", "wp_one_line")
"""Bound by triggers, written by visitors, MyISAM, with a FLOAT, empty."""

_TABLES = """
CREATE TABLE wp_orders (id INT AUTO_INCREMENT PRIMARY KEY, note TEXT, total DECIMAL(10,2));
INSERT INTO wp_orders (note, total) SELECT CONCAT('Kürbis 🎃 ', seq), seq FROM seq_1_to_3000;
CREATE TRIGGER wp_ordered BEFORE INSERT ON wp_orders FOR EACH ROW SET NEW.total = NEW.total + 0;
CREATE TABLE wp_visits (id INT AUTO_INCREMENT PRIMARY KEY, page VARCHAR(99));
INSERT INTO wp_visits (page) SELECT CONCAT('/', seq) FROM seq_1_to_3000;
CREATE TABLE wp_old (id INT PRIMARY KEY, page VARCHAR(99)) ENGINE=MyISAM;
INSERT INTO wp_old SELECT seq, CONCAT('/', seq) FROM seq_1_to_3000;
CREATE TABLE wp_measured (id INT PRIMARY KEY, seen FLOAT);
INSERT INTO wp_measured VALUES (1, 16777217), (2, 1);
CREATE TABLE wp_one_line (id INT AUTO_INCREMENT PRIMARY KEY, page VARCHAR(99));
"""

DAMAGE = {
    "rows added": "INSERT INTO wp_orders (note, total) VALUES ('new', 1)",
    "rows changed": "UPDATE wp_orders SET total = 0 WHERE id = 7",
    "changed as they were": "UPDATE wp_old SET page = 'x' WHERE id = 7",
    "rows gone": "DELETE FROM wp_old WHERE id > 2",
    "emptied": "TRUNCATE wp_orders",
    "emptied without a counter": "TRUNCATE wp_old",
    "dropped": "DROP TABLE wp_orders",
    "made anew": "DROP TABLE wp_old; "
    "CREATE TABLE wp_old (id INT PRIMARY KEY, page VARCHAR(99)) ENGINE=MyISAM",
    "altered": "ALTER TABLE wp_orders ADD more INT DEFAULT 3",
    "trigger gone": "DROP TRIGGER wp_ordered",
    "names swapped": "CREATE TABLE x LIKE wp_old; INSERT INTO x VALUES (1, 'x'); "
    "RENAME TABLE wp_old TO y, x TO wp_old; DROP TABLE y",
}


@contextmanager
def copied(before: str = "SELECT 1", *large: str) -> Iterator[SshSafetyNet]:
    """A net whose snapshot took its large tables from before the freeze, `before` done between."""
    PAGECACHE.sql(_TABLES)
    sleep(2.1)  # a table written within the last second is not taken from a copy
    with shells() as opened:
        net = net_of(PAGECACHE, opened)
        net.acquire(new_run(), "tests")
        try:
            copy = timed("copy_tables", lambda: net.copy_tables(large or LARGE))
            assert copy.tables == len(large or LARGE)
            net.copy_code()
            PAGECACHE.sql(before)
            net.freeze("token", 500)
            assert net.drain(20).quiet
            timed("snapshot", net.snapshot)
            yield net
        finally:
            net.thaw()
            net.release()
            PAGECACHE.reset()


@pytest.fixture(scope="module")
def unmoved() -> Iterator[SshSafetyNet]:
    with borrowed("pagecache"), copied() as net:
        yield net


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_what_the_run_did_to_a_copied_table_is_undone(unmoved: SshSafetyNet, damage: str) -> None:
    before = PAGECACHE.tables()
    PAGECACHE.sql(damage)
    assert PAGECACHE.tables() != before
    timed("restore", unmoved.restore)
    assert PAGECACHE.tables() == before


def test_a_table_left_alone_is_not_read_again(unmoved: SshSafetyNet) -> None:
    assert unmoved.restore().tables == ()
