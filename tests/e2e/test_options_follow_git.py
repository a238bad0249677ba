"""Options asked for in git: applied, in sync, drifted by hand, healed, and put back with a run."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

pytestmark = pytest.mark.xdist_group("redis")

SHOP = {"currency": "USD", "decimals": 2, "tax": {"on": False}, "mine": ["a", "b"]}
ASKED = (
    "options: {timezone_string: Asia/Tokyo, blogdescription: client, old_settings: absent,"
    " shop_settings.currency: EUR, shop_settings.tax.on: true,"
    " shop_settings.rate: {value: 20, type: integer}, shop_settings.mine: [a, c]}\n"
)


def test_asked_applied_drifted_healed(take: Take, fleet: Fleet) -> None:
    (site,) = take("redis")
    _prepare(site, fleet)
    assert _planned(fleet) == [
        ("options.old_settings", "pending"),
        ("options.shop_settings.currency", "pending"),
        ("options.shop_settings.mine", "pending"),
        ("options.shop_settings.rate", "pending"),
        ("options.shop_settings.tax.on", "pending"),
        ("options.timezone_string", "pending"),
    ]

    fleet.wpstate("apply", "redis", "--yes")

    after = {**SHOP, "currency": "EUR", "tax": {"on": True}, "rate": 20, "mine": ["a", "c"]}
    assert _shop(site) == after
    assert _raw(site, "timezone_string") == "Asia/Tokyo"
    assert site.wp("option", "get", "timezone_string") == "Asia/Tokyo"  # from the object cache
    assert _raw(site, "old_settings") == ""
    fleet.wpstate("plan", "redis", "--detailed-exitcode", code=0)

    site.wp("option", "patch", "update", "shop_settings", "currency", "GBP")
    site.wp("option", "update", "blogdescription", "the client's own words")
    assert _planned(fleet) == [("options.shop_settings.currency", "drift")]
    assert "the client's own words" in fleet.wpstate("plan", "redis").out
    fleet.wpstate("apply", "redis", "--yes", "--heal")
    assert _shop(site) == after
    assert _raw(site, "blogdescription") == "the client&#039;s own words"
    site.assert_open()


def test_put_back_when_the_run_fails(take: Take, fleet: Fleet) -> None:
    (site,) = take("redis")
    _prepare(site, fleet)
    fleet.pin("redis", "lab-guestbook", "2.8")
    before = site.whole()

    fleet.wpstate("apply", "redis", "--yes", code=4)

    site.assert_as(before)
    assert _shop(site) == SHOP
    assert site.wp("option", "get", "old_settings") == "x"  # also to the object cache


def test_a_shared_array_is_never_overwritten(take: Take, fleet: Fleet) -> None:
    (site,) = take("redis")
    _prepare(site, fleet)
    fleet.replace("redis", ASKED, "options: {shop_settings: EUR, none.at_all: x}\n")

    refused = fleet.wpstate("apply", "redis", "--yes", code=3)

    assert refused.slugs() == {"plan.option_shared", "plan.option_missing"}
    assert _shop(site) == SHOP


def _prepare(site: Site, fleet: Fleet) -> None:
    site.wp("option", "update", "shop_settings", json.dumps(SHOP), "--format=json")
    site.wp("option", "update", "old_settings", "x")
    fleet.replace("redis", "profiles:", f"{ASKED}profiles:")


def _shop(site: Site) -> Any:
    return json.loads(site.wp("option", "get", "shop_settings", "--format=json"))


def _raw(site: Site, option: str) -> str:
    return site.sql(f"SELECT option_value FROM {{p}}options WHERE option_name = '{option}'")


def _planned(fleet: Fleet) -> list[Any]:
    (site,) = fleet.wpstate("plan", "redis", "--format", "json").json["sites"]
    changes = [(change["address"], change["cause"]) for change in site["changes"]]
    moved = [
        (noted["address"], noted["sort"])
        for noted in site["noted"]
        if noted["address"].startswith("options.") and noted["sort"] != "client"
    ]
    return sorted([*changes, *moved])
