"""Options as WordPress sets them: converge, again, check mode; only the named leaves change."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import CONNECTION, RoleSite
from wpstate.adapters.ansible import AnsiblePlaybooks
from wpstate.adapters.secrets import KeptSecrets
from wpstate.model.secret import SecretReference
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult

WORD = r"""K3y"/\{{ 7 * 7 }}$HOME's-w0rd"""
TALKATIVE = """<?php
add_filter( 'pre_update_option_lab_lower', 'strtolower' );
add_action( 'update_option_lab_talkative', function ( $old, $new ) {
    echo "<b>$new</b>", str_repeat( 'x', 970 );
    error_log( json_encode( array( $old, $new ) ) );
    throw new RuntimeException( "cannot log in with $new, nor with $old" );
}, 10, 2 );
"""
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


def put_secret(site: RoleSite, option: str, *path: str, word: str = WORD) -> PlaybookResult:
    """As an option that names where its value is kept."""
    named = SecretReference("env", "WPSTATE_SECRET_LAB")
    one = leaf(option, *path, value=named, secret=".".join((option, *path)))
    told: Json = {"options": {"options": [one], "in_wordpress": True}}
    nowhere = Path("/nonexistent")
    kept = KeptSecrets(
        nowhere,
        environment={named.name: word},
        fleet_folder=nowhere,
        vault_password=None,
    )
    variables = {**site.apply_vars(), "kinds": told}
    return AnsiblePlaybooks(CONNECTION, secrets=kept).run("apply", site.site, variables, 120)


def test_a_secret_is_set_and_nothing_that_is_told_or_left_holds_it(site: RoleSite) -> None:
    site.wp("option", "update", "lab_api_key", "another")
    for named in (("lab_api_key",), ("shop_settings", "mail", "pass")):
        done = put_secret(site, *named)
        assert (done.ok, done.changed) == (True, ("Start WordPress once",))
        again = put_secret(site, *named)
        assert (again.ok, again.changed) == (True, ())
        assert "w0rd" not in repr((done, again))
    assert stored(site, "lab_api_key") == WORD
    assert stored(site, "shop_settings") == {**SHOP, "mail": {"pass": WORD}}
    noted = site.state_dir / "secrets_set.json"
    assert noted.stat().st_mode & 0o777 == 0o600
    assert {name: len(pairs) for name, pairs in json.loads(noted.read_text()).items()} == {
        "lab_api_key": 1,
        "shop_settings.mail.pass": 1,
    }
    assert "w0rd" not in noted.read_text()


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (
            "lab_talkative",
            "could not set the option lab_talkative: cannot log in with ***, nor with ***",
        ),
        ("lab_lower", "WordPress keeps something else than the secret that was asked"),
    ],
)
def test_what_a_site_says_of_a_secret_is_blotted_out(
    site: RoleSite, option: str, told: str
) -> None:
    """It prints, logs and throws it, the former one, and what it made of it; no half is left."""
    site.wp("option", "update", option, "an earlier w0rd")
    folder = site.lab.path / "wp-content" / "mu-plugins"
    folder.mkdir(exist_ok=True)
    (folder / "talkative.php").write_text(TALKATIVE)
    try:
        result = put_secret(site, option)
    finally:
        (folder / "talkative.php").unlink()
    assert result.failure is not None
    assert told in result.failure.message
    assert "w0rd" not in repr(result)
