"""Something of every kind is changed by hand: each is found with who did it, put back by one run,
and stays as the hand left it where that run fails later on."""

from typing import Any

import pytest

from tests.e2e import shop_plugin
from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

pytestmark = pytest.mark.xdist_group("getenv")

_ASKED = """client: layout
url: {url}
profiles: [maintenance]
language: en
core: {{auto_updates: off}}
plugins:
  akismet: {{version: 5.5, state: inactive}}
  lab-guestbook: 1.0
  woocommerce: 2.0.0
themes: {{lab-paper: active}}
mu_plugins: {{agency.php: files/agency.php}}
dropins: {{db-error.php: files/db-error.php}}
options: {{timezone_string: Asia/Tokyo, date_format: Y-m-d}}
constants: {{WP_POST_REVISIONS: 10}}
rewrite: {{structure: /%year%/%postname%/, tag_base: mot}}
cron: {{must_not: [old_report]}}
mail: off
security: {{registration: off}}
admins: [agency]
users:
  anna: {{role: editor, email: anna@x.example}}
  evil: {{state: absent, reassign_to: agency}}
content: {{pages: [contact], restore_from_trash: true}}
checks: {{/: Getenv}}
"""
_CODE = "<?php\n// the agency's\n"
_MU_PLUGIN, _DROPIN = "wp-content/mu-plugins/agency.php", "wp-content/db-error.php"
_NO_MAIL = "wp-content/mu-plugins/wpstate-no-mail.php"
_NEVER = "define( 'AUTOMATIC_UPDATER_DISABLED', true );\n"
_AS_ASKED = {
    "auto_updates": "disabled\ndisabled",
    "constants": "10",
    "content": "contact\tpublish",
    "core": "",
    "cron": "0",
    "dropins": _CODE,
    "mail": "held back",
    "migrations": "2.0.0, orders of 10.00 EUR",
    "mu_plugins": _CODE,
    "options": "Y-m-d\nAsia/Tokyo",
    "plugins": "active",
    "rewrite": "/%year%/%postname%/\n/mot",
    "security": "0",
    "themes": "lab-paper",
    "users": "agency administrator, anna editor, redactrice editor",
}
_LOG = """
CREATE TABLE {p}simple_history (id bigint AUTO_INCREMENT PRIMARY KEY, date datetime,
 logger varchar(30), level varchar(20), message varchar(255), occasionsID varchar(32),
 initiator varchar(16));
CREATE TABLE {p}simple_history_contexts (context_id bigint AUTO_INCREMENT PRIMARY KEY,
 history_id bigint, `key` varchar(255), value longtext);
INSERT INTO {p}simple_history (id, date, logger, initiator) VALUES
 (1, UTC_TIMESTAMP(), 'SimplePluginLogger', 'wp_user'),
 (2, UTC_TIMESTAMP(), 'SimpleThemeLogger', 'wp_user'),
 (3, UTC_TIMESTAMP(), 'SimpleOptionsLogger', 'wp_user'),
 (4, UTC_TIMESTAMP(), 'SimpleOptionsLogger', 'wp_user'),
 (5, UTC_TIMESTAMP(), 'SimpleOptionsLogger', 'wp_user'),
 (6, UTC_TIMESTAMP(), 'SimpleOptionsLogger', 'wp_user'),
 (7, UTC_TIMESTAMP(), 'SimpleCoreUpdatesLogger', 'wp_user'),
 (8, UTC_TIMESTAMP(), 'PluginWPCrontrolLogger', 'wp_user'),
 (9, UTC_TIMESTAMP(), 'SimpleUserLogger', 'wp_user');
INSERT INTO {p}simple_history_contexts (history_id, `key`, value)
 SELECT id, '_user_login', 'shop-owner' FROM {p}simple_history;
INSERT INTO {p}simple_history_contexts (history_id, `key`, value) VALUES
 (1, 'plugin_slug', '.'), (1, 'plugin_name', 'Hello Dolly'),
 (1, '_message_key', 'plugin_deactivated'),
 (2, 'theme_name', 'Twenty Twenty-Five'), (2, 'prev_theme_name', 'Lab Paper'),
 (3, 'option', 'timezone_string'), (4, 'option', 'permalink_structure'),
 (5, 'option', 'WPLANG'), (6, 'option', 'users_can_register'),
 (7, '_message_key', 'core_major_auto_updates_setting_enabled'),
 (8, 'event_hook', 'old_report'), (8, '_message_key', 'added_new_event'),
 (9, 'edited_user_login', 'anna'), (9, '_message_key', 'user_role_updated');
"""
"""As Simple History writes what the hand did in wp-admin."""
_OWNER = ("Simple History", "shop-owner")
_WHO = {
    "auto_updates.core": _OWNER,
    "constants.WP_POST_REVISIONS": ("file", None),
    "content.pages.contact": ("page", None),
    "core.locale": _OWNER,
    "cron.hooks.old_report": _OWNER,
    "dropins.db-error.php": ("file", None),
    "mail.sending": ("file", None),
    "migrations.woocommerce": None,
    "mu_plugins.agency.php": ("file", None),
    "options.date_format": None,
    "options.timezone_string": _OWNER,
    "plugins.hello": _OWNER,
    "rewrite.structure": _OWNER,
    "rewrite.tag_base": None,
    "security.registration": _OWNER,
    "themes.lab-paper": _OWNER,
    "users.anna": _OWNER,
    "users.evil": ("account", None),
}
"""None where no record of the site tells."""


def test_it_is_attributed_healed_and_taken_back_where_a_later_change_fails(
    take: Take, fleet: Fleet
) -> None:
    (site,) = take("getenv")
    _prepare(site, fleet)
    fleet.wpstate("apply", "getenv", "--yes")
    assert _as_it_is(site) == _AS_ASKED
    fleet.wpstate("plan", "getenv", "--detailed-exitcode", code=0)

    _change_by_hand(site)
    site.sql(_LOG)
    by_hand = _as_it_is(site)
    assert [kind for kind in by_hand if by_hand[kind] == _AS_ASKED[kind]] == []
    drift = _drift(fleet)
    assert {address: _who(one["author"]) for address, one in drift.items()} == _WHO
    assert "agency" in drift["constants.WP_POST_REVISIONS"]["author"]["signed_in"]
    assert " by shop-owner (Simple History)" in fleet.wpstate("plan", "getenv").out

    fleet.pin("getenv", "lab-guestbook", "2.8")
    fleet.wpstate("lock")
    site.warm()
    before = site.whole()
    fleet.wpstate("apply", "getenv", "--yes", "--heal", code=4)
    assert _as_it_is(site) == by_hand
    site.assert_as(before)

    fleet.pin("getenv", "lab-guestbook", "1.0")
    fleet.wpstate("lock")
    fleet.wpstate("release", "getenv", *_WHO)
    fleet.wpstate("apply", "getenv", "--yes", "--heal")
    assert _as_it_is(site) == _AS_ASKED
    fleet.wpstate("plan", "getenv", "--detailed-exitcode", code=0)
    assert _drift(fleet) == {}
    site.assert_open()


def _prepare(site: Site, fleet: Fleet) -> None:
    config = site.root / "wp-config.php"
    config.write_text(config.read_text("utf-8").replace(_NEVER, ""), "utf-8")
    # Nobody started the lab's own events since it was built.
    site.wp("eval", "update_option( 'cron', array( 'version' => 2 ) );")
    shop_plugin.install(site)
    shop_plugin.offer(fleet)
    fleet.catalog("themes: {lab-paper: 1.0}\n")
    folder = fleet.folder / "files"
    folder.mkdir()
    for name in ("agency.php", "db-error.php"):
        (folder / name).write_text(_CODE, "utf-8")
    fleet.site_file("getenv").write_text(_ASKED.format(url=site.url), "utf-8")
    fleet.wpstate("lock")


def _change_by_hand(site: Site) -> None:
    site.wp("plugin", "deactivate", "hello")
    site.wp("theme", "activate", "twentytwentyfive")
    for path in (_MU_PLUGIN, _DROPIN):
        site.write(path, _CODE + "// and a back door\n")
    (site.wp_path / _NO_MAIL).unlink()
    site.wp("config", "set", "WP_POST_REVISIONS", "3", "--raw")
    for option, value in (
        ("timezone_string", "Europe/Paris"),
        ("permalink_structure", "/%postname%/"),
        ("users_can_register", "1"),
        ("auto_update_core_major", "enabled"),
    ):
        site.wp("option", "update", option, value)
    _set(site, "WPLANG", "fr_FR")
    _set(site, "date_format", "j F")
    _set(site, "tag_base", "")
    site.wp("cron", "event", "schedule", "old_report", "now", "hourly")
    site.wp("user", "set-role", "anna", "administrator")
    site.wp("user", "create", "evil", "evil@x.example", "--role=administrator")
    site.wp("post", "delete", site.sql("SELECT ID FROM {p}posts WHERE post_name = 'contact'"))
    site.sql("UPDATE {p}wc_orders SET currency = '', total = '10.00'")
    _set(site, "woocommerce_db_version", "1.0.0")


def _set(site: Site, option: str, value: str) -> None:
    """Past WordPress, which keeps no language whose pack is missing."""
    site.sql(
        f"REPLACE INTO {{p}}options (option_name, option_value) VALUES ('{option}', '{value}')"
    )


def _as_it_is(site: Site) -> dict[str, str]:
    """By kind, as WP-CLI, SQL and the files tell it."""
    roles = site.wp("user", "list", "--fields=user_login,roles", "--format=csv").splitlines()[1:]
    return {
        "auto_updates": _options(site, "auto_update_core_major", "auto_update_core_minor"),
        "constants": site.wp("eval", "echo WP_POST_REVISIONS;"),
        "content": site.sql(
            "SELECT post_name, post_status FROM {p}posts WHERE ID = " + _page(site)
        ),
        "core": _options(site, "WPLANG"),
        "cron": site.wp("cron", "event", "list", "--hook=old_report", "--format=count"),
        "dropins": (site.wp_path / _DROPIN).read_text("utf-8"),
        "mail": "held back" if (site.wp_path / _NO_MAIL).exists() else "sent",
        "migrations": _options(site, "woocommerce_db_version")
        + site.sql("SELECT CONCAT(', orders of ', total) FROM {p}wc_orders WHERE id = 1"),
        "mu_plugins": (site.wp_path / _MU_PLUGIN).read_text("utf-8"),
        "options": _options(site, "date_format", "timezone_string"),
        "plugins": site.wp("plugin", "get", "hello", "--field=status"),
        "rewrite": _options(site, "permalink_structure", "tag_base"),
        "security": _options(site, "users_can_register"),
        "themes": _options(site, "stylesheet"),
        "users": ", ".join(sorted(row.replace(",", " ") for row in roles)),
    }


def _options(site: Site, *names: str) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    values = "SELECT option_value FROM {p}options WHERE option_name IN"
    return site.sql(f"{values} ({listed}) ORDER BY option_name")


def _page(site: Site) -> str:
    return site.sql(
        "SELECT ID FROM {p}posts WHERE post_type = 'page' AND post_name LIKE 'contact%' LIMIT 1"
    )


def _who(author: Any) -> tuple[str, str | None] | None:
    return (author["source"], author.get("by")) if author else None


def _drift(fleet: Fleet) -> dict[str, Any]:
    """What healing changes by itself stands among the changes already."""
    (site,) = fleet.wpstate("plan", "getenv", "--format", "json").json["sites"]
    changes = {each["address"]: each for each in site["changes"]}
    assert {each["cause"] for each in changes.values()} <= {"drift"}
    noted = {each["address"]: each for each in site["noted"] if each["sort"] == "drift"}
    return changes | noted
