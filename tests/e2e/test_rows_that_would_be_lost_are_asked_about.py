"""Somebody past WordPress changes rows under the freeze, and nobody can tell them from the run's:
they stay, the code goes back, and a person is asked."""

import os

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.e2e.site import Site

pytestmark = pytest.mark.xdist_group("above")

_ILL_WITHOUT_STOCK = """<?php
add_action( 'template_redirect', function () {
    global $wpdb;
    if ( '9' !== $wpdb->get_var( "SELECT SUM(pieces) FROM {$wpdb->prefix}stock" ) ) {
        wp_die( 'sold out', 'sold out', array( 'response' => 500 ) );
    }
} );
"""


def prepare(site: Site) -> None:
    site.sql(
        "CREATE TABLE {p}stock (id INT AUTO_INCREMENT PRIMARY KEY, pieces INT);"
        " INSERT INTO {p}stock (pieces) VALUES (3), (3), (3)"
    )


def sell(site: Site) -> None:
    site.sql("UPDATE {p}stock SET pieces = 2 WHERE id < 3")


def stock(site: Site) -> str:
    return site.sql("SELECT pieces FROM {p}stock ORDER BY id").replace("\n", " ")


def test_they_stay_until_somebody_accepts_the_loss(take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    prepare(site)
    fleet.pin("above", "lab-guestbook", "2.8")
    running = fleet.start("apply", "above", "--yes")
    until(running, "apply")
    sell(site)
    out, err = running.communicate(timeout=200)

    assert running.returncode == 5, out + err
    assert "reason[rollback.rows_left]" in out
    assert f"{site.prefix}stock, 2 rows" in out
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.0"
    assert stock(site) == "2 2 3"
    site.assert_open()

    run = fleet.last_run("above")["id"]
    fleet.pin("above", "lab-guestbook", "1.0")
    told = fleet.wpstate("rollback", "above", "--to", run, "--accept-loss", "--yes")
    assert "2 rows" in told.err
    assert stock(site) == "3 3 3"
    site.assert_open()


def test_an_ill_page_over_such_rows_is_held_back(take: Take, fleet: Fleet) -> None:
    """What visitors would see is neither as before nor as planned."""
    (site,) = take("above")
    prepare(site)
    site.write("wp-content/mu-plugins/stock.php", _ILL_WITHOUT_STOCK)
    site.assert_open()
    fleet.pin("above", "lab-guestbook", "2.8")
    running = fleet.start("apply", "above", "--yes")
    until(running, "apply")
    sell(site)
    out, err = running.communicate(timeout=200)

    assert running.returncode == 5, out + err
    assert "reason[rollback.rows_left]" in out
    assert "visitors get a holding page" in out
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.0"
    assert stock(site) == "2 2 3"
    page = site.wp_path / ".maintenance"
    assert '"manner":"hold"' in page.read_text("utf-8").splitlines()[-1]
    assert not (site.state / "lock").exists()
    # Past the ten minutes of any other maintenance mode.
    os.utime(page, (0, 0))
    assert site.curl("/")[0] == 503

    run = fleet.last_run("above")["id"]
    fleet.wpstate("rollback", "above", "--to", run, "--accept-loss", "--yes")
    assert stock(site) == "3 3 3"
    assert not page.exists()
    site.assert_open()


def test_the_host_alone_leaves_them_too(take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    prepare(site)
    fleet.pin("above", "lab-guestbook", "2.8")
    running = fleet.start("apply", "above", "--yes")
    until(running, "observe")
    sell(site)
    running.kill()
    running.communicate(timeout=30)

    recovered = fleet.wpstate("recover", "above", code=5)

    assert "rollback.rows_left" in recovered.slugs()
    assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.0"
    assert stock(site) == "2 2 3"
    site.assert_open()
