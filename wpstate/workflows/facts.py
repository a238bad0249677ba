"""Brings the feeds of facts that the fleet names into the local store, each for itself: one that
fails leaves its last good copy in use and holds up no other."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from wpstate.model.desired import Fleet
from wpstate.model.facts import FactSource, FeedState, Part
from wpstate.model.problem import Problem, WpstateError
from wpstate.model.state import kind_of, name_of
from wpstate.ports import Clock, FactDocuments, FactStore
from wpstate.resources.feeds.registry import FEEDS
from wpstate.resources.registry import KIND


@dataclass(frozen=True, slots=True)
class Updated:
    """What came of it."""

    feeds: tuple[FeedState, ...]
    waited: tuple[str, ...]
    """Feeds that may not be asked again yet."""
    problems: tuple[Problem, ...]


def update_facts(
    fleet: Fleet,
    store: FactStore,
    documents: FactDocuments,
    clock: Clock,
    *,
    even_if_smaller: bool = False,
) -> Updated:
    """Ask every feed. Raises Failed only where the store itself cannot be used."""
    parts = tuple(sorted({*store.wanted(clock.now()), *_named(fleet)}))
    waited: list[str] = []
    problems: list[Problem] = []
    for source, state in zip(fleet.facts, store.states(clock.now()), strict=True):
        if _too_soon(source, state, clock.now()):
            waited.append(source.feed)
            continue
        try:
            with documents.opened(source, parts, store.etag(source)) as opened:
                store.take(source, opened, clock.now(), even_if_smaller=even_if_smaller)
        except WpstateError as error:
            problems.extend(error.problems)
            told = "; ".join(f"{p.what}: {p.found}" for p in error.problems)
            store.note_failure(source, told, clock.now())
    return Updated(store.states(clock.now()), tuple(waited), tuple(problems))


def _too_soon(source: FactSource, state: FeedState, now: datetime) -> bool:
    """A feed's own limit; a file has none."""
    wait_s = 0 if source.is_file else FEEDS[source.feed].asked_again_after_s
    return state.tried_at is not None and (now - state.tried_at).total_seconds() < wait_s


def _named(fleet: Fleet) -> Iterator[Part]:
    """What the fleet's files name, whether a site was seen to have it or not."""
    for site in fleet.sites:
        for managed in site.managed:
            kind, version = KIND[kind_of(managed.address)], managed.want.version
            if version is not None:
                yield from kind.in_feeds(name_of(managed.address), version, managed.artifact, None)
