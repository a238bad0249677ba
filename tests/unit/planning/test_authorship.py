"""Who did it: what logs, pages and files tell, and what they must not be taken to tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import NOW, desired, managed, replace, version
from tests.unit.test_observation import IDENTITY, codes, entry, plugin, text_of
from wpstate.model.event import Author
from wpstate.model.observed import LastApplied, ObservedState
from wpstate.model.site import SiteId
from wpstate.model.state import Address, kind_of
from wpstate.planning.authorship import author_of
from wpstate.planning.build import build_site
from wpstate.report.moves import by_whom
from wpstate.resources.observation import observed_states
from wpstate.resources.registry import KIND

MONDAY = datetime(2026, 11, 16, 14, 20, tzinfo=UTC)
AKISMET = Address("plugins.akismet")


def _event(source: str, who: str = "shop-owner", at: datetime = MONDAY, **facts: str) -> Any:
    stamp = int(at.timestamp())
    return {"source": source, "at": stamp, "until": None, "who": who, "facts": facts}


def _seen(*events: Any) -> ObservedState:
    plugins = [
        plugin("akismet/akismet.php", name="Akismet Anti-spam"),
        plugin("hello.php", name="Hello Dolly"),
    ]
    theme = {"folder": "paper", "name": "Lab Paper", "version": "1.0", "parent": ""}
    theme |= {"requires_wp": "", "requires_php": ""} | dict.fromkeys(IDENTITY, "")
    file = {"name": "there.php", "sha256": "0" * 64, "link": False}
    kinds = {
        "themes": {"themes": [theme], "active": "paper"},
        "mu_plugins": {"folder": "/s/wp-content/mu-plugins", "link": False, "files": [file]},
    }
    text = text_of(entry(plugins=plugins, kinds=kinds, events=list(events)))
    seen = observed_states(text, [SiteId("shop")], NOW)[SiteId("shop")]
    assert codes(seen) == []
    return seen


_FILE = "akismet/akismet.php"
_PATH = f"/home/shop/www/wp-content/plugins/{_FILE}"
_CORE, _CORE_MAJOR = "SimpleCoreUpdatesLogger", "core_major_auto_updates_setting_enabled"
_AUTO, _MAYBE = "plugin_auto_updates_disabled", "plugin_update_available"
_FAILED = "plugin_bulk_updated_failed"


_SAID: tuple[tuple[str, Any], ...] = (
    ("plugins.akismet", _event("wsal", alert="5001", PluginFile=_PATH)),
    ("plugins.akismet", _event("wsal", alert="5004", PluginData="Akismet Anti-spam")),
    ("plugins.akismet", _event("simple_history", plugin_slug="akismet")),
    ("plugins.akismet", _event("simple_history", plugin="akismet/akismet.php")),
    (
        "plugins.akismet",
        _event("stream", connector="installer", context="plugins", name="Akismet Anti-spam"),
    ),
    ("users.anna", _event("wsal", alert="4002", TargetUsername="anna")),
    ("users.anna", _event("wsal", alert="4007", TargetUserData="anna")),
    ("users.anna", _event("simple_history", deleted_user_login="anna")),
    ("users.anna", _event("stream", connector="users", context="profiles", login="anna")),
    ("users.anna/application_passwords", _event("wsal", alert="4025", TargetUsername="anna")),
    ("users.(account 7)", _event("wsal", alert="4007", TargetUserID="7")),
    ("users.(account 7)", _event("simple_history", deleted_user_id="7")),
    ("core.version", _event("wsal", alert="6004")),
    ("security.registration", _event("wsal", alert="6001")),
    ("rewrite.structure", _event("wsal", alert="6005")),
    ("options.blogname", _event("simple_history", option="blogname")),
    ("options.seo.titles.home", _event("simple_history", option="seo")),
    ("constants.WP_DEBUG", _event("file", config="1")),
    ("security.file_editor", _event("file", config="1")),
    ("themes.astra", _event("file", theme="astra")),
    ("mu_plugins.loader.php", _event("file", mu_plugin="loader.php")),
    ("mail.sending", _event("file", mu_plugin="wpstate-no-mail.php")),
    ("core.version", _event("simple_history", logger="SimpleCoreUpdatesLogger")),
    ("core.database", _event("file", core="1")),
    ("core.version", _event("stream", connector="installer", context="WordPress")),
    ("core.locale", _event("wsal", alert="6045")),
    ("core.locale", _event("stream", connector="settings", context="general", option="WPLANG")),
    ("plugins.hello", _event("simple_history", plugin_slug=".", plugin_name="Hello Dolly")),
    ("plugins.akismet", _event("wsal", alert="2051", Plugin="akismet/akismet.php")),
    (
        "plugins.akismet",
        _event("stream", connector="editor", context="plugins", plugin_slug=_FILE),
    ),
    ("themes.paper", _event("wsal", alert="5006", Theme="Lab Paper")),
    ("themes.paper", _event("simple_history", theme_slug="paper")),
    ("themes.paper", _event("simple_history", theme_name="Lab Paper")),
    ("themes.paper", _event("simple_history", theme_name="x", prev_theme_name="Lab Paper")),
    ("themes.paper", _event("stream", connector="installer", context="themes", slug="paper")),
    (
        "themes.paper",
        _event("stream", connector="installer", context="themes", name="Lab Paper"),
    ),
    ("content.theme_files", _event("file", theme_files="1")),
    ("content.theme_files", _event("wsal", alert="2046", Theme="/s/wp-content/themes/paper")),
    ("content.theme_files", _event("simple_history", theme_stylesheet_path="paper")),
    (
        "content.theme_files",
        _event("stream", connector="editor", context="themes", theme_slug="paper"),
    ),
    ("content.indexable", _event("wsal", alert="6008")),
    ("content.home", _event("wsal", alert="6036")),
    ("options.timezone_string", _event("wsal", alert="6040")),
    ("options.blogname", _event("wsal", alert="6059")),
    ("rewrite.tag_base", _event("stream", connector="settings", option="tag_base")),
    ("auto_updates.core", _event("wsal", alert="6044")),
    ("auto_updates.core", _event("simple_history", _message_key=_CORE_MAJOR, logger=_CORE)),
    ("auto_updates.plugins.akismet", _event("wsal", alert="5028", name="Akismet Anti-spam")),
    (
        "auto_updates.plugins.akismet",
        _event("simple_history", _message_key="plugin_auto_updates_enabled", plugin_slug=_FILE),
    ),
    (
        "auto_updates.plugins.akismet",
        _event("stream", connector="settings", option="auto_update_plugins"),
    ),
    ("cron.wp_cron", _event("file", config="1")),
    ("cron.hooks.report", _event("wsal", alert="6067", task_name="report")),
    ("cron.hooks.report", _event("simple_history", event_hook="report")),
    ("caches.wp-super-cache", _event("wsal", alert="5002", PluginFile="wp-super-cache/x.php")),
    ("caches.object-cache", _event("file", dropin="object-cache.php")),
    ("migrations.woocommerce", _event("simple_history", option="woocommerce_db_version")),
    ("mu_plugins.gone.php", _event("file", mu_plugins_folder="1")),
    ("mail.sending", _event("file", mu_plugins_folder="1")),
    ("security.version", _event("file", mu_plugins_folder="1")),
    ("security.directory_listing", _event("file", htaccess="root")),
    ("dropins.db.php", _event("file", dropin="db.php")),
    ("users.evil", _event("account", login="evil")),
    ("languages.fr_FR", _event("file", language="fr_FR.mo")),
    ("languages.fr_FR.plugins.akismet", _event("file", language="plugins/akismet-fr_FR.mo")),
)
_NOT_KNOWN = {"network"}
"""Kinds of which no record of a site speaks."""


@pytest.mark.parametrize(("address", "event"), _SAID)
def test_what_a_log_says_of_a_resource(address: str, event: Any) -> None:
    author = author_of(Address(address), _seen(event))
    assert author is not None
    assert (author.since, author.by) == (MONDAY, "shop-owner")


def test_records_are_read_for_every_kind_of_which_there_are_any() -> None:
    assert {kind_of(Address(address)) for address, _ in _SAID} == KIND.keys() - _NOT_KNOWN


@pytest.mark.parametrize(
    ("address", "event"),
    [
        ("plugins.akismet", _event("simple_history", _message_key=_MAYBE, plugin_slug="akismet")),
        ("plugins.akismet", _event("simple_history", _message_key=_FAILED, plugin_slug="akismet")),
        ("plugins.akismet", _event("wsal", alert="5028", name="Akismet Anti-spam")),
        ("plugins.akismet", _event("simple_history", _message_key=_AUTO, plugin_slug="akismet")),
        ("auto_updates.plugins.hello", _event("wsal", alert="5028", name="Akismet Anti-spam")),
        ("core.version", _event("simple_history", _message_key=_CORE_MAJOR, logger=_CORE)),
        (
            "cron.hooks.report",
            _event("simple_history", _message_key="ran_event", event_hook="report"),
        ),
        ("content.theme_files", _event("file", theme="other")),
        ("content.theme_files", _event("wsal", alert="2046", Theme="/s/wp-content/themes/other")),
        ("themes.paper", _event("wsal", alert="2046", Theme="/s/wp-content/themes/paper")),
        ("users.anna", _event("stream", connector="users", context="sessions", login="anna")),
        ("dropins.gone.php", _event("file", mu_plugins_folder="1")),
        ("mu_plugins.there.php", _event("file", mu_plugins_folder="1")),
        ("network.plugins", _event("wsal", alert="5001", PluginFile="akismet/akismet.php")),
    ],
)
def test_what_a_log_says_of_something_else_explains_nothing(address: str, event: Any) -> None:
    assert author_of(Address(address), _seen(event)) is None


def test_a_log_counts_more_than_the_time_of_a_file() -> None:
    later = _event("file", "", MONDAY + timedelta(hours=3), plugin="akismet/akismet.php")
    author = author_of(AKISMET, _seen(later, _event("simple_history", plugin_slug="akismet")))
    assert author == Author(MONDAY, "Simple History", "shop-owner")


def test_where_only_the_time_is_known_it_is_told_who_was_signed_in() -> None:
    file = _event("file", "", plugin="akismet/akismet.php")
    until = int((MONDAY + timedelta(days=2)).timestamp())
    there = _event("session", "agency", MONDAY - timedelta(hours=1)) | {"until": until}
    after = _event("session", "anna", MONDAY + timedelta(hours=1)) | {"until": until}
    author = author_of(AKISMET, _seen(file, there, after))
    assert author == Author(MONDAY, "file", signed_in=("agency",))
    assert by_whom(author) == ", since Mon 16 Nov 14:20 UTC (file; signed in then: agency)"


def test_what_lies_before_the_last_confirmed_run_explains_nothing() -> None:
    seen = _seen(_event("simple_history", plugin_slug="akismet"))
    assert author_of(AKISMET, seen) is not None
    values = ((AKISMET, version("5.5")),)
    applied = LastApplied("r", MONDAY + timedelta(minutes=1), values)
    assert author_of(AKISMET, replace(seen, applied=applied)) is None


def test_drift_that_a_run_left_standing_keeps_its_author() -> None:
    seen = _seen(_event("simple_history", plugin_slug="akismet"))
    at, values = MONDAY + timedelta(days=7), ((AKISMET, version("5.5")),)
    found = [
        author_of(AKISMET, replace(seen, applied=LastApplied("r", at, values, stood=stood)))
        for stood in (((AKISMET, MONDAY - timedelta(1)),), ((AKISMET, MONDAY + timedelta(1)),))
    ]
    assert [author.by if author else None for author in found] == ["shop-owner", None]


def test_what_no_run_ever_confirmed_keeps_its_author() -> None:
    """As an administrator whom nobody listed, after a run that changed other things."""
    seen = _seen(_event("wsal", alert="4002", TargetUsername="evil"))
    applied = LastApplied("r", MONDAY + timedelta(days=7), ((AKISMET, version("5.5")),))
    author = author_of(Address("users.evil"), replace(seen, applied=applied))
    assert author is not None
    assert author.by == "shop-owner"


def test_what_speaks_of_something_else_explains_nothing() -> None:
    other = _event("simple_history", plugin_slug="akismet-tools")
    assert author_of(AKISMET, _seen(other, _event("simple_history", who="x"))) is None


def test_a_time_that_is_still_to_come_is_no_record() -> None:
    ahead = NOW + timedelta(days=1)
    assert (
        author_of(AKISMET, _seen(_event("wsal", at=ahead, alert="5001", Plugin="akismet"))) is None
    )


def test_drift_and_its_healing_tell_who_and_pending_changes_do_not() -> None:
    seen = _seen(_event("simple_history", "evil\u202e\x1b[2J", plugin_slug="akismet"))
    applied = LastApplied("r", MONDAY - timedelta(days=1), ((AKISMET, version("5.7.2")),))
    moved = replace(seen, applied=applied)
    asked = desired(managed("plugins.akismet", version("5.7.2")))
    (noted,) = [n for n in build_site(asked, moved).noted if n.sort == "drift"]
    assert noted.author is not None
    assert noted.author.by == "evil\\u202e\\x1b[2J"
    (healed,) = build_site(asked, moved, heal_all=True).changes
    assert healed.author == noted.author
    (pending,) = build_site(asked, seen).changes
    assert pending.author is None


@pytest.mark.parametrize(
    "event",
    [
        _event("elsewhere"),
        _event("wsal", at=MONDAY) | {"at": -1},
        _event("wsal") | {"facts": {"alert": "x" * 300}},
        _event("wsal") | {"ip": "192.0.2.1"},
    ],
)
def test_a_record_of_another_shape_is_not_believed(event: Any) -> None:
    text = text_of(entry(events=[event]))
    assert codes(observed_states(text, [SiteId("shop")], NOW)[SiteId("shop")]) == [
        "untrusted_output"
    ]
