"""Administrators, roles and removals on a live site; WP-CLI and SQL are what is believed."""

from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

_SIMPLE_HISTORY = """
CREATE TABLE {p}simple_history (id bigint AUTO_INCREMENT PRIMARY KEY, date datetime,
 logger varchar(30), level varchar(20), message varchar(255), occasionsID varchar(32),
 initiator varchar(16));
CREATE TABLE {p}simple_history_contexts (context_id bigint AUTO_INCREMENT PRIMARY KEY,
 history_id bigint, `key` varchar(255), value longtext);
INSERT INTO {p}simple_history (date, logger, initiator)
 VALUES (UTC_TIMESTAMP(), 'SimpleUserLogger', 'wp_user');
INSERT INTO {p}simple_history_contexts (history_id, `key`, value) VALUES
 (1, '_user_login', 'anna'), (1, 'deleted_user_login', 'shop-owner'),
 (1, 'deleted_user_id', {owner});
"""

pytestmark = pytest.mark.xdist_group("atelier")


def test_accounts_converge_drift_is_found_and_healed_and_rolled_back(
    take: Take, fleet: Fleet
) -> None:
    (site,) = take("atelier")
    site.wp("user", "create", "evil", "evil@x.example", "--role=administrator")
    evil = site.wp("user", "get", "evil", "--field=ID")
    site.wp("post", "create", "--post_type=page", "--post_title=Left", f"--post_author={evil}")
    site.sql(f"UPDATE {{p}}posts SET post_type = 'lab_secret' WHERE post_author = {evil}")
    site.wp("post", "create", "--post_title=Left too", f"--post_author={evil}")
    _ask(fleet, "admins: {only: [agency], at_most: 2, application_passwords: off}")
    assert _drift(fleet) == {"users.evil"}

    _ask(
        fleet,
        "heal: [users.anna]",
        "users:",
        "  anna: {role: editor, email: {secret: {env: WPSTATE_SECRET_ANNA}}}",
        "  evil: {state: absent, reassign_to: agency}",
    )
    fleet.pin("atelier", "lab-guestbook", "1.1")  # a secret beside new code
    planned = fleet.wpstate("plan", "atelier").out
    assert "goes to agency: 1 lab_secret, 1 post" in planned
    assert "secret.missing" in fleet.wpstate("apply", "atelier", "--yes", code=3).slugs()
    told = fleet.wpstate("apply", "atelier", "--yes", WPSTATE_SECRET_ANNA="anna@x.example").out
    assert site.wp("user", "get", "anna", "--field=user_email") == "anna@x.example"
    assert "anna@x" not in told + fleet.wpstate("runs", "--format", "json").out
    roles = _roles(site)
    assert (roles["agency"], roles["anna"], "evil" in roles) == ("administrator", "editor", False)
    agency = site.wp("user", "get", "agency", "--field=ID")
    left = "SELECT COUNT(*) FROM {p}posts WHERE post_title LIKE 'Left%' AND post_author = "
    assert (site.sql(f"{left}{agency}"), site.sql(f"{left}{evil}")) == ("2", "0")
    assert _planned(fleet)["changes"] == []
    assert _drift(fleet) == set()

    site.wp("user", "set-role", "anna", "administrator")
    site.wp("user", "application-password", "create", "agency", "phone")
    assert _drift(fleet) == {"users.agency/application_passwords"}
    assert [c["address"] for c in _planned(fleet)["changes"]] == ["users.anna"]
    fleet.wpstate("apply", "atelier", "--yes")
    assert _roles(site)["anna"] == "editor"

    # a later change of the same run fails: the account is there again with all that it wrote
    before = site.sql("SELECT * FROM {p}users; SELECT ID, post_author FROM {p}posts")
    _ask(fleet, "  anna: {state: absent, reassign_to: agency}", instead_of="  anna: ")
    fleet.pin("atelier", "lab-guestbook", "2.4")
    fleet.wpstate("apply", "atelier", "--yes", code=4)
    assert site.sql("SELECT * FROM {p}users; SELECT ID, post_author FROM {p}posts") == before
    assert _roles(site)["anna"] == "editor"
    site.assert_open()


def test_an_administrator_deleted_without_an_heir_is_told_with_what_is_orphaned(
    take: Take, fleet: Fleet
) -> None:
    (site,) = take("atelier")
    site.wp("user", "create", "shop-owner", "owner@x.example", "--role=administrator")
    owner = site.wp("user", "get", "shop-owner", "--field=ID")
    for number in range(3):
        site.wp(
            "post", "create", "--post_type=page", "--post_status=publish",
            f"--post_title=Page {number}", f"--post_author={owner}",
        )  # fmt: skip
    _ask(fleet, "admins: [agency, shop-owner]")
    assert _drift(fleet) == set()

    site.wp("user", "delete", "shop-owner", "--yes")

    told = fleet.wpstate("plan", "atelier").out
    assert "users.shop-owner  administrator → absent" in told
    assert f"users.(account {owner}) absent: no such account" in told
    assert "3 page in the trash" in told

    site.sql(_SIMPLE_HISTORY.replace("{owner}", owner))
    told = fleet.wpstate("plan", "atelier").out
    assert told.count("by anna (Simple History)") == 2
    by = {n["address"]: n["author"] for n in _planned(fleet)["noted"] if n["sort"] == "drift"}
    assert by["users.shop-owner"]["by"] == by[f"users.(account {owner})"]["by"] == "anna"


def _ask(fleet: Fleet, *lines: str, instead_of: str = "") -> None:
    file = fleet.site_file("atelier")
    kept = file.read_text("utf-8").splitlines()
    if instead_of:
        kept = [lines[0] if each.startswith(instead_of) else each for each in kept]
    else:
        kept += lines
    file.write_text("\n".join(kept) + "\n", "utf-8")


def _planned(fleet: Fleet) -> Any:
    return fleet.wpstate("plan", "atelier", "--format", "json").json["sites"][0]


def _drift(fleet: Fleet) -> set[str]:
    return {noted["address"] for noted in _planned(fleet)["noted"] if noted["sort"] == "drift"}


def _roles(site: Site) -> dict[str, str]:
    rows = site.wp("user", "list", "--fields=user_login,roles", "--format=csv").splitlines()[1:]
    return dict(row.split(",", 1) for row in rows)
