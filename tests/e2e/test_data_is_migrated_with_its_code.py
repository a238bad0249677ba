"""A plugin's data is migrated in the run that brings its code, or goes back with it."""

from typing import Any

import pytest

from tests.e2e import shop_plugin
from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

pytestmark = pytest.mark.xdist_group("atelier")

_SLOW = """migrations:
  woocommerce:
    option: woocommerce_db_version
    wanted: {keys: db_updates, file: includes/class-wc-install.php}
    run: {call: WC_Install::run_manual_database_update, queue: woocommerce-db-updates}
    expected: 1s
    background: true
profiles:"""
_WORK = """update_option( 'shop_is_enough', 1 );
while ( $ids = as_get_scheduled_actions( array( 'group' => 'woocommerce-db-updates',
    'status' => 'pending', 'per_page' => 1 ), 'ids' ) ) {
    ActionScheduler::runner()->process_action( $ids[0] );
}"""


def test_driven_to_its_end_or_left_open_until_it_is_there(take: Take, fleet: Fleet) -> None:
    (site,) = take("atelier")
    shop_plugin.install(site)
    shop_plugin.offer(fleet)
    fleet.pin("atelier", "woocommerce", "2.0.0")
    fleet.wpstate("lock")
    told = fleet.wpstate("plan", "atelier").out
    assert "migration: WooCommerce's tables, expected 20 s, one-way" in told
    assert _planned(fleet) == {("plugins.woocommerce", "pending")}

    fleet.wpstate("apply", "atelier", "--yes")

    assert _version(site) == "2.0.0"
    assert site.sql("SELECT total FROM {p}wc_orders") == "10.00 EUR\n20.00 EUR"
    assert site.sql("SELECT status FROM {p}actionscheduler_actions WHERE group_id = 2") == "pending"
    assert not fleet.last_run("atelier")["in_background"]
    fleet.wpstate("plan", "atelier", "--detailed-exitcode", code=0)
    assert _planned(fleet) == set()

    site.sql("UPDATE {p}wc_orders SET currency = '', total = '10.00'")
    site.sql(
        "UPDATE {p}options SET option_value = '1.0.0' WHERE option_name = 'woocommerce_db_version'"
    )
    assert _planned(fleet) == {("migrations.woocommerce", "drift")}
    fleet.wpstate("apply", "atelier", "--yes")
    assert _version(site) == "2.0.0"
    assert site.sql("SELECT DISTINCT total FROM {p}wc_orders") == "10.00 EUR"

    fleet.replace("atelier", "profiles:", _SLOW)
    fleet.pin("atelier", "woocommerce", "3.0.0")
    fleet.wpstate("lock")
    ran = fleet.wpstate("apply", "atelier", "--yes")
    assert "migrations.woocommerce goes on in background" in ran.out
    assert fleet.last_run("atelier")["in_background"] == ["migrations.woocommerce"]
    assert _planned(fleet) == {("migrations.woocommerce", "in_background")}
    assert "In sync" not in fleet.wpstate("plan", "atelier").out

    site.wp("eval", _WORK)
    assert _version(site) == "3.0.0"
    assert _planned(fleet) == set()
    site.assert_open()


def test_one_that_fails_leaves_no_trace(take: Take, fleet: Fleet) -> None:
    (site,) = take("atelier")
    shop_plugin.install(site)
    shop_plugin.offer(fleet)
    fleet.pin("atelier", "woocommerce", "2.5.0")
    fleet.wpstate("lock")
    site.warm()
    before = site.whole()

    ran = fleet.wpstate("apply", "atelier", "--yes", code=4)

    assert "migrate the data of woocommerce" in ran.out + ran.err
    assert "woocommerce-db-updates is failed" in ran.out + ran.err
    site.assert_as(before)


def _version(site: Site) -> str:
    return site.sql(
        "SELECT option_value FROM {p}options WHERE option_name = 'woocommerce_db_version'"
    )


def _planned(fleet: Fleet) -> set[Any]:
    """What of the shop a plan changes, and what it tells of it without changing it."""
    (site,) = fleet.wpstate("plan", "atelier", "--format", "json").json["sites"]
    changes = [(change["address"], change["cause"]) for change in site["changes"]]
    noted = [(each["address"], each["sort"]) for each in site["noted"]]
    return {each for each in (*changes, *noted) if each[0].endswith(".woocommerce")}
