"""Options as WordPress sets them: converge, again, check mode; only the named leaves change."""

import json
from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult

SHOP = {"currency": "USD", "decimals": 2, "tax": {"on": True}, "others": ["a", "b"], "10": None}


@pytest.fixture(scope="module")
def lab_site() -> Iterator[RoleSite]:
    with borrowed("redis", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


@pytest.fixture
def site(lab_site: RoleSite) -> RoleSite:
    lab_site.wp("option", "update", "shop_settings", json.dumps(SHOP), "--format=json")
    return lab_site


def leaf(option: str, *path: str, **value: object) -> Json:
    known: Json = {"escaped": False} if "value" in value else {}
    return {"option": option, "path": list(path), "was": "text", **known, **value}


def put(site: RoleSite, *leaves: Json, check: bool = False) -> PlaybookResult:
    told: Json = {"options": {"options": list(leaves), "in_wordpress": True}}
    return site.apply({**site.apply_vars(), "kinds": told}, check=check)


def stored(site: RoleSite, option: str) -> object:
    return json.loads(site.wp("option", "get", option, "--format=json"))


def row(site: RoleSite, option: str) -> str:
    table = f"{site.lab.prefix}options"
    return site.lab.rows(
        f"SELECT option_value, autoload FROM {table} WHERE option_name = '{option}'"
    ).strip()


def test_only_the_named_leaves_of_an_array_change(site: RoleSite) -> None:
    leaves = (
        leaf("shop_settings", "currency", value="EUR"),
        leaf("shop_settings", "tax", "rate", value=20),
        leaf("shop_settings", "new", "below", value=1.5),
        leaf("shop_settings", "10"),
    )
    before = row(site, "shop_settings")
    assert put(site, *leaves, check=True).changed == ("Start WordPress once",)
    assert row(site, "shop_settings") == before

    assert put(site, *leaves).changed == ("Start WordPress once",)

    assert stored(site, "shop_settings") == {
        "currency": "EUR",
        "decimals": 2,
        "tax": {"on": True, "rate": 20},
        "others": ["a", "b"],
        "new": {"below": 1.5},
    }
    again = put(site, *leaves)
    assert (again.ok, again.changed) == (True, ())


def test_lists_are_set_whole_where_they_are_what_was_seen(site: RoleSite) -> None:
    site.wp("option", "update", "sticky_posts", "[3]", "--format=json")
    leaves = (
        leaf("shop_settings", "others", value=["b", "c", "d"], seen=["a", "b"]),
        leaf("shop_settings", "fresh", value=[1.5, True], seen=None),
        leaf("sticky_posts", value=[12, 40], seen=[3]),
        leaf("new_list", value=["x"], seen=None),
    )
    assert put(site, *leaves).ok
    others = {**SHOP, "others": ["b", "c", "d"], "fresh": [1.5, True]}
    assert stored(site, "shop_settings") == others
    assert row(site, "sticky_posts").startswith("a:2:{i:0;i:12;i:1;i:40;}")
    assert stored(site, "new_list") == ["x"]
    again = put(site, *leaves)
    assert (again.ok, again.changed) == (True, ())


def test_plain_options_and_their_autoload(site: RoleSite) -> None:
    table = f"{site.lab.prefix}options"
    site.wp("option", "update", "old_settings", "x")
    site.lab.rows(f"UPDATE {table} SET autoload = 'no' WHERE option_name = 'posts_per_page'")
    leaves = (
        leaf("timezone_string", value="Europe/Paris"),
        leaf("posts_per_page", value="7"),
        leaf("blogname", value="Design & Build", escaped=True),
        leaf("old_settings"),
    )

    assert put(site, *leaves).ok

    assert row(site, "timezone_string").split("\t")[0] == "Europe/Paris"
    assert row(site, "posts_per_page") == "7\tno"
    assert row(site, "blogname").split("\t")[0] == "Design &amp; Build"
    assert row(site, "old_settings") == ""
    again = put(site, *leaves)
    assert (again.ok, again.changed) == (True, ())


def test_a_cache_older_than_the_table_hides_nothing(site: RoleSite) -> None:
    """Somebody changed the table by hand; the object cache still holds what is asked."""
    site.wp("option", "update", "blogdescription", "as asked")
    table = f"{site.lab.prefix}options"
    site.lab.rows(
        f"UPDATE {table} SET option_value = 'by hand' WHERE option_name = 'blogdescription'"
    )
    assert site.wp("option", "get", "blogdescription") == "as asked"

    assert put(site, leaf("blogdescription", value="as asked", escaped=True)).ok

    assert row(site, "blogdescription").split("\t")[0] == "as asked"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (leaf("shop_settings", value="x"), "it is an array that others share"),
        (leaf("shop_settings", "others", value="x"), "others is no single value"),
        (leaf("shop_settings", "currency", "code", value="x"), "leads through currency"),
        (leaf("timezone_string", value="Europe/Nowhere"), "WordPress keeps"),
        (leaf("shop_settings", "others", value=["x"], seen=["a"]), "not the list that was seen"),
        (leaf("shop_settings", "tax", value=["x"], seen=None), "not the list that was seen"),
        (leaf("shop_settings", value=["x"], seen=[]), "not the list that was seen"),
    ],
)
def test_what_would_overwrite_or_is_not_kept_is_a_failure(
    site: RoleSite, asked: Json, told: str
) -> None:
    before = row(site, "shop_settings")

    failure = put(site, asked).failure

    assert failure is not None
    assert told in failure.message
    assert row(site, "shop_settings") == before
