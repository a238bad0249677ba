"""A table that visitors wrote after its copy stays as it is, and is told."""

import threading

from tests.integration.lab_site import borrowed
from tests.integration.large_tables import PAGECACHE, copied, held
from tests.integration.safety_net_lab import explain


def test_a_table_that_no_dump_holds_stays_and_is_told() -> None:
    """Visitors wrote it after its copy; the run wrote it too, or text cannot carry it."""

    def visit() -> None:
        PAGECACHE.sql("INSERT INTO wp_visits (page) VALUES ('a visitor')")

    with borrowed("pagecache"), copied(visit) as (net, run):
        assert held(run) == {"wp_orders", "wp_keyed", "wp_old"}
        PAGECACHE.sql("UPDATE wp_visits SET page = 'x' WHERE id = 7; DELETE FROM wp_measured")
        explain(PAGECACHE)
        before = PAGECACHE.tables()
        restored = net.restore()
        assert {table.name for table in restored.left} == {"wp_visits", "wp_measured"}
        assert PAGECACHE.tables() == before


WRITE_AT_ONCE = r"""
c=$1/wp-config.php
of() { sed -n "s/^define( '$1', '\(.*\)' );/\1/p" "$c"; }
MYSQL_PWD="$(of DB_PASSWORD)" a=$(of DB_HOST)
export MYSQL_PWD
write() {
    mariadb --no-defaults -h "${a%:*}" -P "${a#*:}" -u "$(of DB_USER)" "$(of DB_NAME)" \
        -e "INSERT INTO wp_visits (page) VALUES ('at once')"
}
until ls ~/.wpstate/*/runs/*/snapshot/large.first >/dev/null 2>&1; do write; done
write
"""
"""Up to the moment when the copy knows the times of the tables, and once more after it."""


def test_a_table_written_in_the_second_of_its_copy_is_not_taken_from_it() -> None:
    writer = threading.Thread(target=PAGECACHE.sh, args=(WRITE_AT_ONCE, PAGECACHE.wp_path))
    with borrowed("pagecache"), copied(writer.join, writer.start) as (_, run):
        assert "wp_visits" not in held(run)
