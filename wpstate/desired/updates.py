"""`updates` out of merged layers: windows, days without changes. The schema has checked every form
but what it cannot know: time zones, and that days come in order."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from wpstate.desired.layers import Layer
from wpstate.desired.quantities import duration_s, share
from wpstate.model.node import Items, Map, Node, Text, texts_in
from wpstate.model.problem import Problem
from wpstate.model.updates import Closure, Ring, Updates, Window
from wpstate.resources.nearest import nearest

AT_ONCE = "at once"
_WITHIN = "bypass window within "
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"(\S+) (\d\d:\d\d)-(\d\d:\d\d) (\S+)\Z")


def read_updates(merged: Layer) -> Updates:
    """When this site may be changed; nothing said: at any time."""
    said = merged.below("updates")
    window, closed, security, ring = (
        said.get(key) for key in ("window", "closed", "security", "ring")
    )
    word = security.value if security else None
    return Updates(
        windows=tuple(window_of(text) for text in texts_in(window.value if window else None)),
        closed=tuple(_closures(closed.value if closed else None)),
        security_within_s=_within_s(word.text) if isinstance(word, Text) else None,
        ring=ring.value.text if ring and isinstance(ring.value, Text) else None,
    )


def _within_s(text: str) -> int | None:
    """`at once` → 0, `bypass window within 24h` → 86400, `window` → None."""
    return 0 if text == AT_ONCE else duration_s(text.removeprefix(_WITHIN))


def read_rings(root: Map) -> tuple[Ring, ...]:
    """Of fleet.yml, in the order in which they stand there."""
    named = root.get("rings")
    return tuple(_rings(named)) if isinstance(named, Map) else ()


def _rings(named: Map) -> Iterator[Ring]:
    for name, said in named.entries:
        after: Text | None = said if isinstance(said, Text) else None
        part = None
        if isinstance(said, Map):
            after, part = said.text("after"), said.text("share")
        after_s = duration_s(after.text) if after else None
        yield Ring(name.text, after_s or 0, share(part.text) if part else 0.0)


def read_halt(root: Map) -> int | float:
    """How many failed runs, or what share of a pass's runs, stop it."""
    said = root.text("halt_after")
    if said is None:
        return 1
    return share(said.text) if said.text.endswith("%") else int(said.text)


def ring_problems(root: Map, sites: Iterable[Layer]) -> Iterator[Problem]:
    """Rings that nobody declared, and shares of more than all sites."""
    rings = read_rings(root)
    names = tuple(ring.name for ring in rings)
    if sum(ring.share for ring in rings) > 1:
        named = root.get("rings")
        assert named
        yield Problem(
            "desired.rings",
            "rings share out more than all sites",
            named.span,
            "rings",
            found=f"{sum(ring.share for ring in rings):.0%} in all",
            why="each site is in one ring",
            mend="write smaller shares: what is left is in the last ring",
        )
    told = set()
    for merged in sites:
        said = merged.below("updates").get("ring")
        if said and isinstance(said.value, Text) and said.value.text not in names:
            if said.value.span in told:
                continue
            told.add(said.value.span)
            close = nearest(said.value.text, names)
            yield Problem(
                "desired.ring",
                "ring is not one of the fleet's",
                said.value.span,
                "updates.ring",
                found=f'"{said.value.text}"',
                why="known are: " + (", ".join(names) or "none; fleet.yml names no rings"),
                mend=f"write {close}" if close else f"name it under `rings` in {root.span.file}",
            )


def update_problems(merged: Layer) -> Iterator[Problem]:
    """Zones that nobody knows, windows that never open, closures that end before they begin."""
    said = merged.below("updates")
    for text in texts_in(said["window"].value) if "window" in said else ():
        window = window_of(text)
        yield from unknown_zone(Text(window.zone, text.span), "updates.window")
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
            yield from unknown_zone(zone, "updates.closed")
        if first and last and _is_yearly(first) != _is_yearly(last):
            yield Problem(
                "desired.closed",
                "days without changes begin in each year and end in one, or the other way round",
                last.span,
                "updates.closed",
                found=f'"{first.text}" until "{last.text}"',
                why="nobody could tell which days are meant",
                mend="write both with their year, or both without",
            )
        elif first and last and not _is_yearly(first) and _day(last) < _day(first):
            yield Problem(
                "desired.closed",
                "days without changes end before they begin",
                last.span,
                "updates.closed",
                found=f'"{first.text}" until "{last.text}"',
                why="the sites would be changed on the days that somebody wanted kept free",
                mend="write the first day as `from` and the last as `until`",
            )


def window_of(said: Text) -> Window:
    found = _WINDOW.match(said.text)
    assert found
    days, opens, closes, zone = found.groups()
    return Window(
        frozenset(days_of(days)),
        time.fromisoformat(opens),
        time.fromisoformat(closes),
        zone,
        said.text,
    )


def days_of(text: str) -> Iterator[int]:
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
                    _day(first),
                    _day(last),
                    zone.text if zone else "UTC",
                    why.text,
                    _is_yearly(first),
                )


def _is_yearly(said: Text) -> bool:
    """`12-01`: a day of each year."""
    return len(said.text) == len("MM-DD")


def _day(said: Text) -> date:
    """One of each year as that of a leap year, which has them all."""
    return date.fromisoformat(f"2024-{said.text}" if _is_yearly(said) else said.text)


def unknown_zone(zone: Text, key: str) -> Iterator[Problem]:
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
