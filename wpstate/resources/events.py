"""What activity logs, pages, files and sessions tell, read into events that name addresses.

Their text is a stranger's: schema-checked, short, made visible. Whether an event explains a
difference is left to planning.authorship; probe/events.php collects them.

Sources: WP Activity Log 5 (alerts and their names: classes/Sensors), Simple History 5 (contexts of
its loggers), Stream 4 (connectors).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wpstate.model.event import Event
from wpstate.model.observed import Component
from wpstate.resources.foreign_text import visible

_Facts = Mapping[str, str]
_AHEAD = timedelta(minutes=5)
"""A clock may be off; what lies further ahead is no record."""

# Alerts of WP Activity Log whose option has a fixed name.
_WSAL_OPTIONS = {
    "6001": "users_can_register",
    "6002": "default_role",
    "6003": "admin_email",
    "6005": "permalink_structure",
    "6024": "siteurl",
    "6025": "home",
}
_WSAL_CORE = "6004"
_SOURCES = {
    "wsal": "WP Activity Log",
    "simple_history": "Simple History",
    "stream": "Stream",
    "page": "page",
    "file": "file",
    "session": "session",
}


def read_events(
    told: Iterable[Mapping[str, Any]], plugins: Iterable[Component], now: datetime
) -> tuple[Event, ...]:
    """Newest first; sessions among them. What names nothing that could be asked about is left
    out."""
    slugs = {component.name: component.slug for component in plugins}
    found = []
    for each in told:
        at = _instant(each["at"])
        until = _instant(each["until"]) if each["until"] else None
        source = each["source"]
        facts = {str(key): visible(value, 200) for key, value in each["facts"].items()}
        about = tuple(dict.fromkeys(_READERS[source](facts, slugs)))
        if at <= now + _AHEAD and (about or source == "session"):
            who = visible(each["who"], 60) or None
            found.append(Event(at, about, _SOURCES[source], who, until))
    return tuple(sorted(found, key=lambda event: event.at, reverse=True))


def _wsal(facts: _Facts, slugs: Mapping[str, str]) -> Iterator[str]:
    alert = facts.get("alert", "")
    for key in ("TargetUsername", "TargetUserData", "NewUserData"):
        if facts.get(key):
            yield f"users.{facts[key]}"
    if facts.get("TargetUserID"):
        yield f"users.(account {facts['TargetUserID']})"
    if alert[:1] == "5":
        for key in ("PluginFile", "Plugin", "PluginData"):
            yield from _plugin(facts.get(key, ""), slugs)
    if facts.get("post", facts.get("PostID", "")) not in ("", "0"):
        yield f"posts.{facts.get('post') or facts['PostID']}"
    if alert in _WSAL_OPTIONS:
        yield f"options.{_WSAL_OPTIONS[alert]}"
    if alert == _WSAL_CORE:
        yield "core.version"


def _simple_history(facts: _Facts, slugs: Mapping[str, str]) -> Iterator[str]:
    for key in ("edited_user_login", "created_user_login", "deleted_user_login"):
        if facts.get(key):
            yield f"users.{facts[key]}"
    if facts.get("deleted_user_id"):
        yield f"users.(account {facts['deleted_user_id']})"
    for key in ("plugin_slug", "plugin", "plugin_name"):
        yield from _plugin(facts.get(key, ""), slugs)
    if facts.get("post_id"):
        yield f"posts.{facts['post_id']}"
    if facts.get("option"):
        yield f"options.{facts['option']}"
    if facts.get("theme_slug"):
        yield f"themes.{facts['theme_slug']}"
    if facts.get("logger") == "SimpleCoreUpdatesLogger":
        yield "core.version"


def _stream(facts: _Facts, slugs: Mapping[str, str]) -> Iterator[str]:
    match facts.get("connector"), facts.get("context"):
        case "users", _:
            if facts.get("login"):
                yield f"users.{facts['login']}"
            yield f"users.(account {facts.get('object')})"
        case "installer", "plugins":
            for key in ("slug", "plugin", "name"):
                yield from _plugin(facts.get(key, ""), slugs)
        case "installer", "wordpress":
            yield "core.version"
        case "posts", _:
            yield f"posts.{facts.get('object')}"
        case "settings", _ if facts.get("option"):
            yield f"options.{facts['option']}"
        case _:
            pass


def _page(facts: _Facts, slugs: Mapping[str, str]) -> Iterator[str]:
    yield f"posts.{facts.get('post', '')}"


def _file(facts: _Facts, slugs: Mapping[str, str]) -> Iterator[str]:
    if "plugin" in facts:
        yield from _plugin(facts["plugin"], slugs)
    for fact, kind in (("theme", "themes"), ("mu_plugin", "mu_plugins"), ("dropin", "dropins")):
        if fact in facts:
            yield f"{kind}.{facts[fact]}"
    if "core" in facts:
        yield "core.version"
    if "theme" in facts:
        yield "content.theme_files"
    if "config" in facts:
        yield "constants"


def _plugin(told: str, slugs: Mapping[str, str]) -> Iterator[str]:
    """A path, a main file, a slug or a name as address."""
    if not told:
        return
    below = told.rsplit("/plugins/", 1)[-1]
    slug = below.partition("/")[0].removesuffix(".php")
    yield f"plugins.{slugs.get(told, slug)}"


_READERS: Mapping[str, Callable[[_Facts, Mapping[str, str]], Iterator[str]]] = {
    "wsal": _wsal,
    "simple_history": _simple_history,
    "stream": _stream,
    "page": _page,
    "file": _file,
    "session": lambda facts, slugs: iter(()),
}


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
