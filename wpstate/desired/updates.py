"""`updates` out of merged layers: windows, days without changes. The schema has checked every form
but what it cannot know: time zones, and that days come in order."""

import re
from collections.abc import Iterator
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from wpstate.desired.layers import Layer
from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.problem import Problem
from wpstate.model.updates import Closure, Updates, Window
from wpstate.resources.nearest import nearest

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"(\S+) (\d\d:\d\d)-(\d\d:\d\d) (\S+)\Z")


def read_updates(merged: Layer) -> Updates:
    """When this site may be changed; nothing said: at any time."""
    said = merged.below("updates")
    window, closed, security = (said.get(key) for key in ("window", "closed", "security"))
    word = security.value if security else None
    return Updates(
        windows=tuple(_window(text) for text in _texts(window.value if window else None)),
        closed=tuple(_closures(closed.value if closed else None)),
        security_at_once=isinstance(word, Text) and word.text == "at once",
    )


def update_problems(merged: Layer) -> Iterator[Problem]:
    """Zones that nobody knows, windows that never open, closures that end before they begin."""
    said = merged.below("updates")
    for text in _texts(said["window"].value) if "window" in said else ():
        window = _window(text)
        yield from _unknown_zone(Text(window.zone, text.span), "updates.window")
        if window.opens == window.closes:
            yield Problem(
                "desired.window",
                "a window closes as it opens",
                text.span,
                "updates.window",
                found=f'"{text.text}"',
                why="nothing could ever be changed in it",
                mend="write another end; for any time of the day leave the window out",
            )
    closed = said["closed"].value if "closed" in said else None
    for entry in closed.items if isinstance(closed, Items) else ():
        if not isinstance(entry, Map):
            continue
        zone, first, last = (entry.text(key) for key in ("zone", "from", "until"))
        if zone:
            yield from _unknown_zone(zone, "updates.closed")
        if first and last and date.fromisoformat(last.text) < date.fromisoformat(first.text):
            yield Problem(
                "desired.closed",
                "days without changes end before they begin",
                last.span,
                "updates.closed",
                found=f'"{first.text}" until "{last.text}"',
                why="the sites would be changed on the days that somebody wanted kept free",
                mend="write the first day as `from` and the last as `until`",
            )


def _window(said: Text) -> Window:
    found = _WINDOW.match(said.text)
    assert found
    days, opens, closes, zone = found.groups()
    return Window(
        frozenset(_days(days)),
        time.fromisoformat(opens),
        time.fromisoformat(closes),
        zone,
        said.text,
    )


def _days(text: str) -> Iterator[int]:
    """`tue`, `mon-fri`, `sat,sun`, `daily`; a range may run over the week's end."""
    if text == "daily":
        yield from range(7)
        return
    for part in text.split(","):
        first, _, last = part.partition("-")
        start = _DAYS.index(first)
        length = (_DAYS.index(last or first) - start) % 7
        yield from ((start + day) % 7 for day in range(length + 1))


def _closures(node: Node | None) -> Iterator[Closure]:
    for entry in node.items if isinstance(node, Items) else ():
        if isinstance(entry, Map):
            first, last, why = (entry.text(key) for key in ("from", "until", "why"))
            zone = entry.text("zone")
            if first and last and why:
                yield Closure(
                    date.fromisoformat(first.text),
                    date.fromisoformat(last.text),
                    zone.text if zone else "UTC",
                    why.text,
                )


def _texts(node: Node | None) -> tuple[Text, ...]:
    match node:
        case Text():
            return (node,)
        case Items():
            return tuple(item for item in node.items if isinstance(item, Text))
        case _:
            return ()


def _unknown_zone(zone: Text, key: str) -> Iterator[Problem]:
    try:
        ZoneInfo(zone.text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = nearest(zone.text, sorted(available_timezones()))
        yield Problem(
            "desired.zone",
            "time zone is not known",
            zone.span,
            key,
            found=f'"{zone.text}"',
            why="a window opens by the clock of one place, summer time and all",
            mend=f"write {close}" if close else "write a name such as Europe/Paris or UTC",
        )
