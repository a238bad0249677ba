"""What activity logs, pages, files, accounts and sessions tell, read into events that name
addresses.

Their text is a stranger's: schema-checked, short, made visible. What each log means is left to
activity_logs, whether an event explains a difference to planning.authorship; probe/events.php
collects them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wpstate.model.event import Event
from wpstate.resources.activity_logs import Facts, Names, simple_history, stream, wp_activity_log
from wpstate.resources.foreign_text import visible
from wpstate.resources.language_packs import told_apart

_AHEAD = timedelta(minutes=5)
"""A clock may be off; what lies further ahead is no record."""
_SOURCES = {
    "wsal": "WP Activity Log",
    "simple_history": "Simple History",
    "stream": "Stream",
    "page": "page",
    "file": "file",
    "account": "account",
    "session": "session",
}


def read_events(
    told: Iterable[Mapping[str, Any]], names: Names, now: datetime
) -> tuple[Event, ...]:
    """Newest first; sessions among them. What names nothing that could be asked about is left
    out."""
    found = []
    for each in told:
        at = _instant(each["at"])
        until = _instant(each["until"]) if each["until"] else None
        source = each["source"]
        facts = {str(key): visible(value, 200) for key, value in each["facts"].items()}
        about = tuple(dict.fromkeys(_READERS[source](facts, names)))
        if at <= now + _AHEAD and (about or source == "session"):
            who = visible(each["who"], 60) or None
            found.append(Event(at, about, _SOURCES[source], who, until))
    return tuple(sorted(found, key=lambda event: event.at, reverse=True))


def _page(facts: Facts, names: Names) -> Iterator[str]:
    yield f"posts.{facts.get('post', '')}"


def _file(facts: Facts, names: Names) -> Iterator[str]:
    if "plugin" in facts:
        yield from names.plugin(facts["plugin"])
    for fact, kind in (("theme", "themes"), ("mu_plugin", "mu_plugins"), ("dropin", "dropins")):
        if fact in facts:
            yield f"{kind}.{facts[fact]}"
    if "language" in facts:
        locale, component = told_apart(facts["language"].removesuffix(".mo"))
        yield f"languages.{locale}" + ("" if component == "core" else f".{component}")
    if "core" in facts:
        yield "core.version"
    if "theme_files" in facts:
        yield "content.theme_files"
    if "config" in facts:
        yield "constants"
    if "htaccess" in facts:
        yield f"htaccess.{facts['htaccess']}"
    if "mu_plugins_folder" in facts:
        yield "mu_plugins"


def _account(facts: Facts, names: Names) -> Iterator[str]:
    yield f"users.{facts.get('login', '')}"


_READERS: Mapping[str, Callable[[Facts, Names], Iterator[str]]] = {
    "wsal": wp_activity_log,
    "simple_history": simple_history,
    "stream": stream,
    "page": _page,
    "file": _file,
    "account": _account,
    "session": lambda facts, names: iter(()),
}


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
