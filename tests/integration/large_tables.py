"""A site whose large tables were copied before its freeze, for the tests beside this file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep

from tests.integration.safety_net_lab import net_of, new_run, shells, timed
from tests.oracle import LabSite
from wpstate.adapters.safety_net import SshSafetyNet

PAGECACHE = LabSite("pagecache", "wpl-pagecache")
LARGE = ("wp_orders", "wp_visits", "wp_keyed", "wp_old", "wp_measured")
"""With a trigger, written by visitors, without a counter, MyISAM, with a FLOAT."""

_TABLES = """
CREATE TABLE wp_orders (id INT AUTO_INCREMENT PRIMARY KEY, note TEXT, total DECIMAL(10,2));
INSERT INTO wp_orders (note, total) SELECT CONCAT('Kürbis 🎃 ', seq), seq FROM seq_1_to_3000;
CREATE TRIGGER wp_ordered BEFORE INSERT ON wp_orders FOR EACH ROW SET NEW.total = NEW.total + 0;
CREATE TABLE wp_visits (id INT AUTO_INCREMENT PRIMARY KEY, page VARCHAR(99));
INSERT INTO wp_visits (page) SELECT CONCAT('/', seq) FROM seq_1_to_3000;
CREATE TABLE wp_keyed (id INT PRIMARY KEY, page VARCHAR(99));
INSERT INTO wp_keyed SELECT seq, CONCAT('/', seq) FROM seq_1_to_3000;
CREATE TABLE wp_old (id INT PRIMARY KEY, page VARCHAR(99)) ENGINE=MyISAM;
INSERT INTO wp_old SELECT seq, CONCAT('/', seq) FROM seq_1_to_3000;
CREATE TABLE wp_measured (id INT PRIMARY KEY, seen FLOAT);
INSERT INTO wp_measured VALUES (1, 16777217), (2, 1);
"""


@contextmanager
def copied(
    between: Callable[[], object] = lambda: None, before: Callable[[], object] = lambda: sleep(2.1)
) -> Iterator[tuple[SshSafetyNet, str]]:
    """A net, and its run, whose snapshot took these tables from before the freeze.

    `before` and `between` happen before and after the copy. What was written within a second of it
    is not taken from it, so the tables rest first.
    """
    PAGECACHE.sql(_TABLES)
    before()
    run = new_run()
    with shells() as opened:
        net = net_of(PAGECACHE, opened)
        net.acquire(run, "tests")
        try:
            copy = timed("copy_tables", lambda: net.copy_tables((*LARGE, "wp_nobody_s")))
            assert copy.tables == len(LARGE)
            net.copy_code()
            between()
            net.freeze("token", 500)
            assert net.drain(20, proved=True).quiet
            timed("snapshot", net.snapshot)
            yield net, run
        finally:
            net.thaw()
            net.release()
            PAGECACHE.reset()


def held(run: str) -> set[str]:
    """Copied tables that this run's snapshot can put back, as it says itself."""
    said = PAGECACHE.sh("cat ~/.wpstate/*/runs/$1/snapshot/dump.tables", run)
    return {*LARGE} & {*said.split()}
