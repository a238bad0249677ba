"""A table copied before the freeze, and not written since, comes back whole."""

import os
from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.integration.large_tables import LARGE, PAGECACHE, copied, held
from tests.integration.safety_net_lab import explain, timed
from wpstate.adapters.safety_net import SshSafetyNet

DAMAGE = {
    "rows added": "INSERT INTO wp_orders (note, total) VALUES ('new', 1)",
    "rows changed": "UPDATE wp_keyed SET page = 'x' WHERE id = 7",
    "rows of MyISAM changed": "UPDATE wp_old SET page = 'x' WHERE id = 7",
    "rows gone": "DELETE FROM wp_old WHERE id > 2",
    "emptied": "TRUNCATE wp_orders",
    "emptied without a counter": "TRUNCATE wp_keyed",
    "dropped": "DROP TABLE wp_orders",
    "made anew": "DROP TABLE wp_keyed; "
    "CREATE TABLE wp_keyed (id INT PRIMARY KEY, page VARCHAR(99))",
    "altered": "ALTER TABLE wp_orders ADD more INT DEFAULT 3",
    "trigger gone": "DROP TRIGGER wp_ordered",
    "names swapped": "CREATE TABLE x LIKE wp_keyed; INSERT INTO x VALUES (1, 'x'); "
    "RENAME TABLE wp_keyed TO y, x TO wp_keyed; DROP TABLE y",
}


SAMPLE = ("rows changed", "emptied without a counter", "dropped", "altered")
TRIED = tuple(DAMAGE) if os.environ.get("WPSTATE_FAULTS") == "full" else SAMPLE


@pytest.fixture(scope="module")
def unmoved() -> Iterator[SshSafetyNet]:
    with borrowed("pagecache"), copied() as (net, run):
        assert held(run) == {*LARGE} - {"wp_measured"}
        yield net


@pytest.mark.parametrize("damage", TRIED)
def test_what_the_run_did_to_a_copied_table_is_undone(unmoved: SshSafetyNet, damage: str) -> None:
    before = PAGECACHE.tables()
    PAGECACHE.sql(DAMAGE[damage])
    explain(PAGECACHE)
    assert PAGECACHE.tables() != before
    timed("restore", unmoved.restore)
    assert PAGECACHE.tables() == before


def test_a_table_left_alone_is_not_put_back(unmoved: SshSafetyNet) -> None:
    assert unmoved.restore().tables == ()


CODE = """<?php // posts and orders2 are words.
return array( $wpdb->comments, "{$wpdb->prefix}orders", 'wp_keyed', 'postmeta' );
"""


def test_a_plugin_s_code_tells_which_tables_it_uses(unmoved: SshSafetyNet) -> None:
    PAGECACHE.sh(
        'mkdir "$1/naming" && printf %s "$2" >"$1/naming/naming.php"',
        f"{PAGECACHE.wp_path}/wp-content/plugins",
        CODE,
    )
    named = unmoved.named_tables(("naming", "not-there"))
    assert named == ("wp_comments", "wp_keyed", "wp_orders", "wp_postmeta")
