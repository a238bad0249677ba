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
 (2, 4007, {_STAMP}.75, 'shop-owner', '192.0.2.77', 'sessionsecret');
INSERT INTO {{p}}wsal_metadata (occurrence_id, name, value) VALUES
 (1, 'PluginFile', '/srv/www/wp-content/plugins/akismet/akismet.php'),
 (2, 'TargetUserID', '77'),
 (2, 'TargetUserData', 'O:8:"stdClass":2:{{s:8:"Username";s:4:"anna";s:5:"Email";s:1:"x";}}');
"""
_SIMPLE_HISTORY = """
CREATE TABLE {p}simple_history (id bigint AUTO_INCREMENT PRIMARY KEY, date datetime,
 logger varchar(30), level varchar(20), message varchar(255), occasionsID varchar(32),
 initiator varchar(16));
CREATE TABLE {p}simple_history_contexts (context_id bigint AUTO_INCREMENT PRIMARY KEY,
 history_id bigint, `key` varchar(255), value longtext);
INSERT INTO {p}simple_history (id, date, logger, initiator) VALUES
 (1, '2026-11-16 14:20:00', 'SimplePluginLogger', 'wp_user'),
 (2, '2026-11-16 14:20:00', 'SimpleUserLogger', 'wp_cli');
INSERT INTO {p}simple_history_contexts (history_id, `key`, value) VALUES
 (1, '_user_login', 'shop-owner'), (1, 'plugin_slug', 'akismet'),
 (1, '_server_remote_addr', '192.0.2.77'), (2, 'deleted_user_login', 'anna');
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
INSERT INTO {p}stream_meta (record_id, meta_key, meta_value) VALUES (1, 'slug', 'akismet');
"""


@pytest.fixture
def lab() -> Iterator[LabSite]:
    with borrowed("above", reset=True) as site:
        yield site


def _observe() -> ObservedState:
    site = lab_accounts.site("above")
    asked = replace(desired(managed("plugins.akismet", version("1"))), site=site)
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
    assert _author(seen, "plugins.akismet") == Author(_AT, "WP Activity Log", "shop-owner")
    assert _author(seen, "users.anna") == Author(_AT, "WP Activity Log", "shop-owner")
    assert _author(seen, "users.(account 77)") == Author(_AT, "WP Activity Log", "shop-owner")
    lab.rows(f"DROP TABLE {p}wsal_occurrences, {p}wsal_metadata")

    lab.rows(_SIMPLE_HISTORY.replace("{p}", p))
    seen = _observe()
    assert _author(seen, "plugins.akismet") == Author(_AT, "Simple History", "shop-owner")
    assert _author(seen, "users.anna") == Author(_AT, "Simple History", "WP-CLI")
    lab.rows(f"DROP TABLE {p}simple_history, {p}simple_history_contexts")

    lab.rows(_STREAM.replace("{p}", p))
    assert _author(_observe(), "plugins.akismet") == Author(_AT, "Stream", "agency")


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
    file = _author(_observe(), "plugins.akismet")
    assert file is not None
    assert (file.source, file.by) == ("file", None)
