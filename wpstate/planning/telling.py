"""Who is told what after a pass: each cause once while it lasts, and nothing lost over quiet hours.

Pure. The words are left to report, sending and remembering to workflows.tell.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wpstate.model.site import SiteId
from wpstate.model.telling import (
    Acknowledgement,
    Ended,
    Held,
    Lasting,
    News,
    Sort,
    Telling,
    Told,
    Trouble,
    What,
)
from wpstate.planning.hours import is_quiet, last_digest

_REMIND = timedelta(days=1)
_MOST_ENDED = 1000
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Passed:
    """What one pass saw."""

    troubles: tuple[Trouble, ...]
    looked_at: Collection[SiteId]
    """Of all others nothing new is known."""
    sites: Collection[SiteId]
    """All of the fleet: troubles of others go with them."""


def after_pass(
    policy: Telling,
    before: Told,
    passed: Passed,
    acknowledged: Sequence[Acknowledgement],
    now: datetime,
) -> tuple[Told, tuple[News, ...]]:
    """What is known now, and what is to be told of it."""
    before = _not_ahead(before, now)
    lasting, ended = _moved(before, passed, now)
    quiet = policy.quiet is not None and is_quiet(policy.quiet, now)
    news: list[News] = []
    held = {each.trouble.cause: each for each in before.held}
    for gone in ended:
        if gone.trouble.cause in held:
            held[gone.trouble.cause] = replace(held[gone.trouble.cause], ended_at=now)
    after: list[Lasting] = []
    for found in lasting:
        loud = loud_sites(found.trouble, acknowledged, now)
        each, what = _told(policy, found, loud, now)
        cause = each.trouble.cause
        if cause in held and not quiet:  # its end tells of it, as it is now
            held[cause] = Held(each.trouble, each.since)
            each = _marked(each, now)
        elif what is not None and quiet and each.trouble.sort not in policy.wakes:
            if what is not What.STILL:  # a reminder is for the day
                held[cause] = Held(each.trouble, each.since)
                each = _marked(each, now)
        elif what is not None:
            news.append(News(what, policy.at_once_to, each))
            each = _marked(each, now)
            held.pop(cause, None)
        if _wants_ticket(policy, each, loud):
            news.append(News(What.TICKET, policy.tickets_to, each))
            each = replace(each, ticket_at=now)
        after.append(each)
    with_ticket = {each.trouble.cause for each in before.lasting if each.ticket_at}
    for gone in ended:
        if gone.trouble.cause in with_ticket and policy.tickets_to:
            news.append(News(What.TICKET_ENDED, policy.tickets_to, ended=(gone,)))
    if held and not quiet:
        loud_held = tuple(_still_loud(held.values(), acknowledged, now))
        if loud_held:
            news.append(News(What.HELD, policy.at_once_to, held=loud_held))
        held = {}
    told = replace(
        before,
        passed_at=now,
        lasting=tuple(after),
        ended=(*before.ended, *ended)[-_MOST_ENDED:],
        held=tuple(held[cause] for cause in sorted(held)),
    )
    if policy.digest is not None and not {*passed.sites} <= {*passed.looked_at}:
        return told, tuple(news)  # a digest of some sites would be taken for that of all
    return _with_digest(policy, told, news, now)


def loud_sites(
    trouble: Trouble, acknowledged: Iterable[Acknowledgement], now: datetime
) -> frozenset[SiteId] | None:
    """Its sites that nobody has acknowledged; None where all of it is."""
    left = trouble.names
    for each in acknowledged:
        sites = dict(each.covers).get(trouble.cause)
        if sites is None or each.until <= now:
            continue
        if each.named != trouble.cause:
            left -= frozenset(sites)
        elif not _has_spread(left, sites):
            return None
    return left if left or not trouble.sites else None


def outdated(
    acknowledged: Iterable[Acknowledgement], lasting: Iterable[Lasting], now: datetime
) -> tuple[str, ...]:
    """Acknowledgements that have ended: by their day, or with all that they covered."""
    has = {each.trouble.cause: each.trouble.names for each in lasting}
    return tuple(
        each.named
        for each in acknowledged
        if each.until <= now
        or not any(
            cause in has and (each.named == cause or has[cause] & frozenset(sites))
            for cause, sites in each.covers
        )
    )


def covered(named: str, lasting: Iterable[Lasting]) -> tuple[tuple[str, tuple[SiteId, ...]], ...]:
    """What acknowledging this cause, or this site, covers now; empty where there is nothing."""
    found = []
    for each in lasting:
        sites = tuple(sorted(each.trouble.names))
        if each.trouble.cause == named:
            return ((named, sites),)
        if named in sites:
            found.append((each.trouble.cause, (SiteId(named),)))
    return tuple(found)


def _not_ahead(before: Told, now: datetime) -> Told:
    """A clock that was set back since had shown times for which digests and reminders would wait.
    One that is set back a bit keeps them: nothing is told twice for it."""
    latest = now + _CLOCKS_DIFFER
    lasting = (
        replace(each, told_at=now) if each.told_at and each.told_at > latest else each
        for each in before.lasting
    )
    digest_at = now if before.digest_at > latest else before.digest_at
    return replace(before, digest_at=digest_at, lasting=tuple(lasting))


def _moved(before: Told, passed: Passed, now: datetime) -> tuple[list[Lasting], list[Ended]]:
    """What lasts, sorted by cause, and what has ended. Sites that were not looked at stay as they
    were."""
    seen = {trouble.cause: trouble for trouble in passed.troubles}
    lasting: list[Lasting] = []
    ended: list[Ended] = []
    for old in before.lasting:
        kept = [
            (site, text)
            for site, text in old.trouble.sites
            if site not in passed.looked_at and site in passed.sites
        ]
        new = seen.pop(old.trouble.cause, None)
        if new is None and not kept:
            ended.append(Ended(old.trouble, old.since, now))
            continue
        merged = tuple(sorted({**dict(kept), **dict(new.sites if new else ())}.items()))
        lasting.append(replace(old, trouble=replace(new or old.trouble, sites=merged)))
    lasting += [Lasting(trouble, now) for trouble in seen.values()]
    return sorted(lasting, key=lambda each: each.trouble.cause), ended


def _told(
    policy: Telling, each: Lasting, loud: frozenset[SiteId] | None, now: datetime
) -> tuple[Lasting, What | None]:
    if loud is None:
        return replace(each, is_hushed=True), None
    if each.trouble.sort not in policy.at_once or not policy.at_once_to:
        return replace(each, is_hushed=False), None
    if each.is_hushed:
        return replace(each, is_hushed=False), What.UNHUSHED
    if each.told_at is None:
        return each, What.BEGAN
    if _has_spread(loud, each.told_sites):
        return each, What.SPREAD
    return each, What.STILL if now - each.told_at >= _REMIND else None


def _has_spread(sites: frozenset[SiteId], known: Collection[SiteId]) -> bool:
    """To as many more as there were: a cause that takes one site after another would otherwise be
    told once for each of them."""
    return len(sites - frozenset(known)) >= max(1, len(known))


def _marked(each: Lasting, now: datetime) -> Lasting:
    known = frozenset(each.told_sites) | each.trouble.names
    return replace(each, told_at=now, told_sites=tuple(sorted(known)))


def _wants_ticket(policy: Telling, each: Lasting, loud: frozenset[SiteId] | None) -> bool:
    return bool(
        policy.tickets_to
        and each.trouble.sort in policy.tickets
        and each.ticket_at is None
        and loud is not None
    )


def _still_loud(
    held: Iterable[Held], acknowledged: Sequence[Acknowledgement], now: datetime
) -> Iterator[Held]:
    for each in held:
        if each.ended_at or loud_sites(each.trouble, acknowledged, now) is not None:
            yield each


def _with_digest(
    policy: Telling, told: Told, news: list[News], now: datetime
) -> tuple[Told, tuple[News, ...]]:
    if policy.digest is None or not policy.digest_to:
        return replace(told, ended=(), digest_at=now), tuple(news)
    if last_digest(policy.digest, now) <= told.digest_at:
        return told, tuple(news)
    news.append(News(What.DIGEST, policy.digest_to, ended=told.ended, since=told.digest_at))
    return replace(told, ended=(), digest_at=now), tuple(news)


def gravest_first(lasting: Iterable[Lasting]) -> tuple[Lasting, ...]:
    order = tuple(Sort)
    return tuple(sorted(lasting, key=lambda each: (order.index(each.trouble.sort), each.since)))
