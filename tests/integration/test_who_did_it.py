"""The tables of activity logs on a real site, read as their plugins write them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.builders import desired, managed, replace, version
from tests.integration import lab_accounts
from tests.integration.lab_site import LabSite, borrowed
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.observer import ProbeObserver
from wpstate.model.event import Author
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address
from wpstate.planning.authorship import author_of

_AT = datetime(2026, 11, 16, 14, 20, tzinfo=UTC)
_STAMP = int(_AT.timestamp())
_WSAL = f"""
CREATE TABLE {{p}}wsal_occurrences (id bigint AUTO_INCREMENT PRIMARY KEY, site_id bigint,
 alert_id bigint, created_on double, client_ip varchar(255), severity varchar(255),
 object varchar(255), event_type varchar(255), user_agent varchar(255), user_roles varchar(255),
 username varchar(255), user_id bigint, session_id varchar(255), post_status varchar(255),
 post_type varchar(255), post_id bigint);
CREATE TABLE {{p}}wsal_metadata (id bigint AUTO_INCREMENT PRIMARY KEY, occurrence_id bigint,
 name varchar(100), value longtext);
INSERT INTO {{p}}wsal_occurrences (id, alert_id, created_on, username, client_ip, session_id)
 VALUES (1, 5001, {_STAMP}.25, 'shop-owner', '192.0.2.77', 'sessionsecret'),
 (2, 4007, {_STAMP}.75, 'shop-owner', '192.0.2.77', 'sessionsecret'),
 (3, 5006, {_STAMP}.75, 'shop-owner', '192.0.2.77', 'sessionsecret'),
 (4, 6067, {_STAMP}.75, 'shop-owner', '192.0.2.77', 'sessionsecret'),
 (5, 6005, {_STAMP}.75, 'shop-owner', '192.0.2.77', 'sessionsecret'),
 (6, 5028, {_STAMP}.75, 'shop-owner', '192.0.2.77', 'sessionsecret'),
 (7, 2046, {_STAMP}.75, 'shop-owner', '192.0.2.77', 'sessionsecret'),
 (8, 6070, {_STAMP}.75, 'shop-owner', '192.0.2.77', 'sessionsecret');
INSERT INTO {{p}}wsal_metadata (occurrence_id, name, value) VALUES
 (1, 'PluginFile', '/srv/www/wp-content/plugins/akismet/akismet.php'),
 (2, 'TargetUserID', '77'),
 (2, 'TargetUserData', 'O:8:"stdClass":2:{{s:8:"Username";s:4:"anna";s:5:"Email";s:1:"x";}}'),
 (3, 'Theme', 'O:8:"stdClass":2:{{s:4:"Name";s:18:"Twenty Twenty-Four";s:7:"Version";s:3:"1.6";}}'),
 (4, 'task_name', 'old_report'), (6, 'name', 'Hello Dolly'),
 (7, 'Theme', '/srv/www/wp-content/themes/twentytwentyfive'), (8, 'task_name', 'wp_version_check');
"""
_SIMPLE_HISTORY = """
CREATE TABLE {p}simple_history (id bigint AUTO_INCREMENT PRIMARY KEY, date datetime,
 logger varchar(30), level varchar(20), message varchar(255), occasionsID varchar(32),
 initiator varchar(16));
CREATE TABLE {p}simple_history_contexts (context_id bigint AUTO_INCREMENT PRIMARY KEY,
 history_id bigint, `key` varchar(255), value longtext);
INSERT INTO {p}simple_history (id, date, logger, initiator) VALUES
 (1, '2026-11-16 14:20:00', 'SimplePluginLogger', 'wp_user'),
 (2, '2026-11-16 14:20:00', 'SimpleUserLogger', 'wp_cli'),
 (3, '2026-11-16 14:20:00', 'SimpleThemeLogger', 'wp_user'),
 (4, '2026-11-16 14:20:00', 'SimpleOptionsLogger', 'wp_user'),
 (5, '2026-11-16 14:20:00', 'PluginWPCrontrolLogger', 'wp_user'),
 (6, '2026-11-16 15:20:00', 'AvailableUpdatesLogger', 'wp');
INSERT INTO {p}simple_history_contexts (history_id, `key`, value) VALUES
 (1, '_user_login', 'shop-owner'), (1, 'plugin_slug', 'akismet'),
 (1, '_server_remote_addr', '192.0.2.77'), (2, 'deleted_user_login', 'anna'),
 (3, '_user_login', 'shop-owner'), (3, 'theme_name', 'Twenty Twenty-Four'),
 (4, '_user_login', 'shop-owner'), (4, 'option', 'permalink_structure'),
 (5, '_user_login', 'shop-owner'), (5, 'event_hook', 'old_report'),
 (6, '_message_key', 'plugin_update_available'), (6, 'plugin_name', 'Akismet Anti-spam');
"""
_STREAM = """
CREATE TABLE {p}stream (ID bigint AUTO_INCREMENT PRIMARY KEY, site_id bigint, blog_id bigint,
 object_id bigint, user_id bigint, user_role varchar(20), summary longtext, created datetime,
 connector varchar(100), context varchar(100), action varchar(100), ip varchar(39));
CREATE TABLE {p}stream_meta (meta_id bigint AUTO_INCREMENT PRIMARY KEY, record_id bigint,
 meta_key varchar(200), meta_value varchar(200));
INSERT INTO {p}stream (ID, object_id, user_id, created, connector, context, action, ip)
 SELECT 1, NULL, ID, '2026-11-16 14:20:00', 'installer', 'plugins', 'activated', '192.0.2.77'
 FROM {p}users WHERE user_login = 'agency';
INSERT INTO {p}stream (ID, object_id, user_id, created, connector, context, action, ip) VALUES
 (2, NULL, 77, '2026-11-16 14:20:00', 'installer', 'themes', 'activated', '192.0.2.77'),
 (3, NULL, 0, '2026-11-16 14:20:00', 'settings', 'permalink', 'updated', ''),
 (4, NULL, 77, '2026-11-16 14:20:00', 'installer', 'WordPress', 'updated', '192.0.2.77');
INSERT INTO {p}stream_meta (record_id, meta_key, meta_value) VALUES (1, 'slug', 'akismet'),
 (2, 'name', 'Twenty Twenty-Four'), (2, 'user_meta[user_login]', 'gone-since'),
 (3, 'option', 'permalink_structure'), (3, 'user_meta[agent]', 'wp_cli'),
 (4, 'new_version', '6.8.7'), (4, 'user_meta[user_login]', 'gone-since');
"""


@pytest.fixture
def lab() -> Iterator[LabSite]:
    with borrowed("above", reset=True) as site:
        yield site


def _observe() -> ObservedState:
    site = lab_accounts.site("above")
    asked = desired(managed("plugins.akismet", version("1")))
    asked = replace(asked, site=site, questions={"themes": {}, "mu_plugins": {}})
    with lab_accounts.shells() as shells:
        seen = ProbeObserver(shells, SystemClock()).observe([asked])[site.id]
    assert seen.faults == ()
    assert "192.0.2" not in repr(seen)
    assert "sessionsecret" not in repr(seen)
    return seen


def _author(seen: ObservedState, address: str) -> Author | None:
    return author_of(Address(address), seen)


def test_each_log_names_who_did_what(lab: LabSite) -> None:
    p = lab.prefix
    lab.rows(_WSAL.replace("{p}", p).replace("{{", "{").replace("}}", "}"))
    seen = _observe()
    for address in (
        *("plugins.akismet", "users.anna", "users.(account 77)", "themes.twentytwentyfour"),
        *("cron.hooks.old_report", "rewrite.structure", "auto_updates.plugins.hello"),
        "content.theme_files",
    ):
        assert _author(seen, address) == Author(_AT, "WP Activity Log", "shop-owner"), address
    assert _author(seen, "cron.hooks.wp_version_check") is None  # it ran: nobody changed it
    lab.rows(f"DROP TABLE {p}wsal_occurrences, {p}wsal_metadata")

    lab.rows(_SIMPLE_HISTORY.replace("{p}", p))
    seen = _observe()
    for address in (
        *("plugins.akismet", "themes.twentytwentyfour"),
        *("rewrite.structure", "cron.hooks.old_report"),
    ):
        assert _author(seen, address) == Author(_AT, "Simple History", "shop-owner"), address
    assert _author(seen, "users.anna") == Author(_AT, "Simple History", "WP-CLI")
    lab.rows(f"DROP TABLE {p}simple_history, {p}simple_history_contexts")

    lab.rows(_STREAM.replace("{p}", p))
    seen = _observe()
    assert _author(seen, "plugins.akismet") == Author(_AT, "Stream", "agency")
    assert _author(seen, "themes.twentytwentyfour") == Author(_AT, "Stream", "gone-since")
    assert _author(seen, "rewrite.structure") == Author(_AT, "Stream", "WP-CLI")
    assert _author(seen, "core.version") == Author(_AT, "Stream", "gone-since")


def test_passwords_that_bots_try_do_not_push_out_what_was_changed(lab: LabSite) -> None:
    p = lab.prefix
    lab.rows(_SIMPLE_HISTORY.replace("{p}", p))
    lab.rows(
        f"INSERT INTO {p}simple_history (id, date, logger, initiator)"
        " SELECT 10 + seq, '2026-11-17 00:00:00', 'SimpleUserLogger', 'web_user' FROM seq_1_to_900;"
        f" INSERT INTO {p}simple_history_contexts (history_id, `key`, value)"
        f" SELECT id, '_message_key', 'user_login_failed' FROM {p}simple_history WHERE id > 10;"
    )
    seen = _observe()
    assert _author(seen, "plugins.akismet") == Author(_AT, "Simple History", "shop-owner")


def test_a_log_is_bounded_and_one_that_is_damaged_is_no_fault(lab: LabSite) -> None:
    p = lab.prefix
    lab.rows(_SIMPLE_HISTORY.replace("{p}", p))
    lab.rows(
        f"INSERT INTO {p}simple_history (date, logger, initiator)"
        f" SELECT '2026-11-17 00:00:00', 'SimplePluginLogger', 'wp' FROM {p}posts a, {p}posts b,"
        f" {p}posts c LIMIT 5000;"
        f" INSERT INTO {p}simple_history_contexts (history_id, `key`, value)"
        f" SELECT id, 'plugin_slug', REPEAT('x', 100000) FROM {p}simple_history WHERE id < 300;"
    )
    seen = _observe()
    assert len(seen.events) < 400
    assert max(len(name) for event in seen.events for name in event.about) < 300
    lab.rows(f"ALTER TABLE {p}simple_history DROP COLUMN logger")
    assert _author(_observe(), "plugins.akismet") is not None


def test_without_a_log_revisions_and_files_tell(lab: LabSite) -> None:
    agency = "(SELECT ID FROM {p}users WHERE user_login = 'agency')".replace("{p}", lab.prefix)
    p = lab.prefix
    page = lab.rows(f"SELECT ID FROM {p}posts WHERE post_type = 'page' LIMIT 1").strip()
    lab.rows(
        f"UPDATE {p}posts SET post_modified_gmt = '2026-11-16 14:20:00' WHERE ID = {page};"
        f" INSERT INTO {p}posts (post_author, post_parent, post_type, post_status, post_content,"
        " post_title, post_excerpt, to_ping, pinged, post_content_filtered, post_modified_gmt)"
        f" VALUES ({agency}, {page}, 'revision', 'inherit', '', '', '', '', '', '',"
        " '2026-11-16 14:20:00')"
    )
    seen = _observe()
    told = [e for e in seen.events if e.about == (f"posts.{page}",)]
    assert [(e.at, e.who, e.source) for e in told] == [(_AT, "agency", "page")]
    lab.rows(f"UPDATE {p}posts SET post_status = 'trash' WHERE ID = {page}")
    told = [e for e in _observe().events if e.about == (f"posts.{page}",)]
    assert [e.who for e in told] == [None]
    lab.rows(
        f"INSERT INTO {p}posts (post_author, post_type, post_status, post_content, post_title,"
        " post_excerpt, to_ping, pinged, post_content_filtered, post_modified_gmt)"
        f" VALUES ({agency}, 'wpcf7_contact_form', 'publish', '', '', '', '', '', '',"
        " '2026-11-16 14:20:00')"
    )
    form = lab.rows(f"SELECT MAX(ID) FROM {p}posts").strip()
    told = [e for e in _observe().events if e.about == (f"posts.{form}",)]
    assert [(e.at, e.who) for e in told] == [(_AT, None)]

    lab.rows(
        f"INSERT INTO {p}users (user_login, user_registered)"
        " VALUES ('evil', '2026-11-16 14:20:00'), ('buyer', '2026-11-16 14:20:00');"
        f" INSERT INTO {p}usermeta (user_id, meta_key, meta_value)"
        f" SELECT ID, '{p}capabilities', 'a:1:{{s:13:\"administrator\";b:1;}}' FROM {p}users"
        " WHERE user_login = 'evil'"
    )
    seen = _observe()
    assert _author(seen, "users.evil") == Author(_AT, "account")
    assert _author(seen, "users.buyer") is None
    pack = lab.path / "wp-content" / "languages" / "plugins" / "akismet-fr_FR.mo"
    pack.parent.mkdir(parents=True, exist_ok=True)
    pack.write_bytes(b"mine")
    seen = _observe()
    for address in (
        "plugins.akismet",
        "constants.WP_DEBUG",
        "cron.wp_cron",
        "core.version",
        "languages.fr_FR.plugins.akismet",
    ):
        file = _author(seen, address)
        assert file is not None, address
        assert (file.source, file.by) == ("file", None)
