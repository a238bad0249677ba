"""Who changed what differs, and since when, as far as the site's own records tell.

A record explains a difference where it speaks of it and is no older than the last confirmed run
that found or made it otherwise. Reading records is left to resources.events.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from wpstate.model.change import Cause, Change
from wpstate.model.event import Author, Event
from wpstate.model.observed import LastApplied, ObservedState
from wpstate.model.plan import Noted
from wpstate.model.state import Address, kind_of
from wpstate.resources.registry import KIND

_MOVED = ("drift", "conflict", "identity", "updated_itself")
_ONLY_TIMES = ("file", "account")
_SLACK = timedelta(seconds=2)
"""Records hold whole seconds."""


def with_authors(noted: Iterable[Noted], observed: ObservedState) -> tuple[Noted, ...]:
    return tuple(
        replace(one, author=author_of(one.address, observed)) if one.sort in _MOVED else one
        for one in noted
    )


def changes_with_authors(changes: Iterable[Change], observed: ObservedState) -> tuple[Change, ...]:
    return tuple(
        change
        if change.cause is Cause.PENDING
        else replace(change, author=author_of(change.address, observed))
        for change in changes
    )


def author_of(address: Address, observed: ObservedState) -> Author | None:
    """A log's word first, then who saved the page, then when the file changed or the account was
    made."""
    traces = KIND[kind_of(address)].traces(address, observed)
    since = _left_at(address, observed.applied)
    speaking = [
        event
        for event in observed.events
        if any(trace in event.about for trace in traces)
        and (since is None or event.at >= since - _SLACK)
    ]
    told = [event for event in speaking if event.source not in _ONLY_TIMES]
    newest = next(iter((*told, *speaking)), None)
    if newest is None:
        return None
    if newest.who:
        return Author(newest.at, newest.source, newest.who)
    return Author(newest.at, newest.source, signed_in=_signed_in(observed.events, newest.at))


def _left_at(address: Address, applied: LastApplied) -> datetime | None:
    """None of what no run ever found as it was asked for: an account that nobody listed."""
    if address not in dict(applied.values):
        return None
    return dict(applied.stood).get(address, applied.at)


def _signed_in(events: Iterable[Event], at: datetime) -> tuple[str, ...]:
    names = {
        event.who
        for event in events
        if event.until is not None and event.who and event.at <= at <= event.until
    }
    return tuple(sorted(names))
