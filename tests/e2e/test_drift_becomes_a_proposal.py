"""What a hand changed on a site is adopted, may stay until a day, or is put back: each proposed,
merged, and then the plan has nothing to do."""

import subprocess

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

pytestmark = pytest.mark.xdist_group("shop")

_LOG = """
CREATE TABLE {p}simple_history (id bigint AUTO_INCREMENT PRIMARY KEY, date datetime,
 logger varchar(30), level varchar(20), message varchar(255), occasionsID varchar(32),
 initiator varchar(16));
CREATE TABLE {p}simple_history_contexts (context_id bigint AUTO_INCREMENT PRIMARY KEY,
 history_id bigint, `key` varchar(255), value longtext);
INSERT INTO {p}simple_history (id, date, logger, initiator)
 VALUES (1, UTC_TIMESTAMP(), 'SimpleOptionsLogger', 'wp_user');
INSERT INTO {p}simple_history_contexts (history_id, `key`, value) VALUES
 (1, '_user_login', 'shop-owner'), (1, 'option', 'timezone_string');
"""
_ASKED = """options: {timezone_string: Asia/Tokyo}   # as the shop is there
constants: {WP_POST_REVISIONS: 10}
admins: [agency]
"""


def test_adopted_exempt_or_put_back(take: Take, fleet: Fleet) -> None:
    (site,) = take("shop")
    fleet.git("init", "-q", "-b", "main")
    fleet.git("config", "user.name", "Ana")
    fleet.git("config", "user.email", "ana@agency.example")
    with fleet.site_file("shop").open("a", encoding="utf-8") as file:
        file.write(_ASKED)
    fleet.commit("The fleet")
    fleet.wpstate("apply", "shop", "--yes")
    assert fleet.wpstate("adopt", "shop", code=3).slugs() == {"drift.none"}

    site.wp("option", "update", "timezone_string", "Europe/Paris")
    site.wp("config", "set", "WP_POST_REVISIONS", "3", "--raw")
    site.wp("plugin", "deactivate", "hello")
    site.wp("user", "create", "eve", "eve@x.example", "--role=administrator")
    site.sql(_LOG)
    by_hand = site.whole()
    drift = {"constants.WP_POST_REVISIONS", "options.timezone_string", "plugins.hello", "users.eve"}
    assert _moved(fleet) == dict.fromkeys(drift, "drift")

    # Nothing that is checked out changes; a colleague reads who did it.
    own = fleet.site_file("shop").read_text("utf-8")
    told = fleet.wpstate("adopt", "shop", "options.*", "--why", "The shop has moved").out
    branch = "wpstate/adopt/shop/options.timezone_string"
    assert f"Branch {branch}" in told
    assert fleet.site_file("shop").read_text("utf-8") == own
    fleet.git("merge", "-q", "--no-ff", "-m", "Merge", branch)
    message = _git(fleet, "log", "-1", "--format=%an%n%B", branch)
    assert message.startswith("Ana\nAdopt options.timezone_string of shop\n")
    assert " UTC by shop-owner (Simple History)" in message
    assert "The shop has moved" in message
    line = "{timezone_string: {value: Europe/Paris, why: The shop has moved}}"
    assert f"options: {line}   # as" in fleet.site_file("shop").read_text("utf-8")

    words = ("--until", "2099-12-31", "--owner", "Ana")
    fleet.wpstate("exempt", "shop", "constants.WP_POST_REVISIONS", *words)
    branch = "wpstate/exempt/shop/constants.wp_post_revisions"
    fleet.git("merge", "-q", "--no-ff", "-m", "Merge", branch)
    fleet.wpstate("adopt", "shop", "users.eve", "--write")
    assert "admins: [agency, eve]" in fleet.site_file("shop").read_text("utf-8")
    fleet.commit("Eve helps out")
    assert _moved(fleet) == {"constants.WP_POST_REVISIONS": "exempt", "plugins.hello": "drift"}
    assert "exempt until 2099-12-31 by Ana" in fleet.wpstate("plan", "shop").out
    site.assert_as(by_hand)

    words = ("revert", "shop", "plugins.*", "--out", "../hello.plan", "--format", "json")
    assert fleet.wpstate(*words).json["only"] == ["plugins.hello"]
    assert fleet.wpstate("revert", "shop", "options.*", code=3).slugs() == {"drift.none"}
    fleet.wpstate("apply", "../hello.plan")
    assert site.wp("plugin", "get", "hello", "--field=status") == "active"
    assert fleet.wpstate("apply", "shop", "--yes", "--heal").out.count("in_sync") == 1
    assert site.wp("eval", "echo WP_POST_REVISIONS;") == "3"
    assert "In sync: nothing to do." in fleet.wpstate("plan", "shop", "--detailed-exitcode").out

    # Its day is over.
    fleet.replace("shop", "until: 2099-12-31", "until: 2026-01-01")
    assert _moved(fleet) == {"constants.WP_POST_REVISIONS": "drift"}
    assert "the exemption by Ana ended on 2026-01-01" in fleet.wpstate("plan", "shop").out
    fleet.commit("As if time had passed")
    fleet.wpstate("apply", "shop", "--yes", "--heal")
    assert site.wp("eval", "echo WP_POST_REVISIONS;") == "10"
    assert site.wp("option", "get", "timezone_string") == "Europe/Paris"
    assert _moved(fleet) == {}
    site.assert_open()


def _moved(fleet: Fleet) -> dict[str, str]:
    (site,) = fleet.wpstate("plan", "shop", "--format", "json").json["sites"]
    assert site["changes"] == []
    sorts = ("drift", "conflict", "exempt")
    return {one["address"]: one["sort"] for one in site["noted"] if one["sort"] in sorts}


def _git(fleet: Fleet, *words: str) -> str:
    ran = subprocess.run(
        ("git", *words), cwd=fleet.folder, check=True, capture_output=True, text=True
    )
    return ran.stdout
