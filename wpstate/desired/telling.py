"""`tell` out of fleet.yml: receivers, digest, quiet hours. The schema has checked every form but
what it cannot know: names of receivers, and time zones."""

from collections.abc import Iterator
from datetime import time

from wpstate.desired.quantities import duration_s
from wpstate.desired.secrets import reference_of
from wpstate.desired.updates import days_of, unknown_zone, window_of
from wpstate.model.node import Map, Node, Text, texts_in
from wpstate.model.problem import Problem
from wpstate.model.telling import AT_ONCE, TICKETS, DigestTime, Sort, Telling
from wpstate.resources.nearest import nearest

_KEY = "tell"


def read_telling(root: Map) -> Telling:
    """Nothing said: nobody is told."""
    said = root.get(_KEY)
    if not isinstance(said, Map):
        return Telling()
    receivers = said.get("to")
    assert isinstance(receivers, Map)
    named = tuple((name.text, reference_of(value)) for name, value in receivers.entries)
    tickets = _texts(said, "tickets", "to")
    others = tuple(name for name, _ in named if name not in tickets)
    digest, quiet = _texts(said, "digest", "at"), _nodes(said, "quiet", "hours")
    silent, heartbeat = said.text("silent_after"), said.get("heartbeat")
    at_once = said.get("at_once")
    return Telling(
        receivers=named,
        digest=_digest(digest[0]) if digest else None,
        digest_to=_texts(said, "digest", "to", short=False) or others,
        at_once=_sorts(at_once.get("for") if isinstance(at_once, Map) else at_once) or AT_ONCE,
        at_once_to=_texts(said, "at_once", "to", short=False) or others,
        tickets=_sorts_below(said, "tickets", "for") or TICKETS,
        tickets_to=tickets,
        quiet=window_of(quiet[0]) if quiet else None,
        wakes=_sorts_below(said, "quiet", "but"),
        heartbeat=reference_of(heartbeat) if heartbeat else None,
        silent_after_s=duration_s(silent.text) if silent else None,
    )


def telling_problems(root: Map) -> Iterator[Problem]:
    """Names that nobody declared, zones that nobody knows, hours that are never."""
    said = root.get(_KEY)
    receivers = said.get("to") if isinstance(said, Map) else None
    if not isinstance(said, Map) or not isinstance(receivers, Map):
        return
    names = tuple(name.text for name, _ in receivers.entries)
    for key, short in (("digest", False), ("at_once", False), ("tickets", True)):
        for text in _nodes(said, key, "to", short=short):
            if text.text not in names:
                close = nearest(text.text, names)
                yield Problem(
                    "desired.receiver",
                    "no receiver has this name",
                    text.span,
                    f"tell.{key}",
                    found=f'"{text.text}"',
                    why="known are: " + ", ".join(names),
                    mend=f"write {close}" if close else "name it under `tell.to`",
                )
    for text in _nodes(said, "digest", "at"):
        yield from unknown_zone(Text(_digest(text.text).zone, text.span), "tell.digest")
    for text in _nodes(said, "quiet", "hours"):
        window = window_of(text)
        yield from unknown_zone(Text(window.zone, text.span), "tell.quiet")
        if window.opens == window.closes:
            yield Problem(
                "desired.quiet",
                "quiet hours end as they begin",
                text.span,
                "tell.quiet",
                found=f'"{text.text}"',
                why="what they hold back would never be told, or nothing held back",
                mend="write another end",
            )


def _digest(text: str) -> DigestTime:
    days, at, zone = text.split(" ")
    return DigestTime(frozenset(days_of(days)), time.fromisoformat(at), zone, text)


def _nodes(said: Map, key: str, below: str, *, short: bool = True) -> tuple[Text, ...]:
    """What stands under `below`, or, in the short form, in its place."""
    node = said.get(key)
    if isinstance(node, Map):
        return tuple(texts_in(node.get(below)))
    return tuple(texts_in(node)) if short else ()


def _texts(said: Map, key: str, below: str, *, short: bool = True) -> tuple[str, ...]:
    return tuple(text.text for text in _nodes(said, key, below, short=short))


def _sorts_below(said: Map, key: str, below: str) -> tuple[Sort, ...]:
    node = said.get(key)
    return _sorts(node.get(below)) if isinstance(node, Map) else ()


def _sorts(node: Node | None) -> tuple[Sort, ...]:
    return tuple(Sort(text.text) for text in texts_in(node))
