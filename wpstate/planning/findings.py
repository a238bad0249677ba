"""What facts say of a site: vulnerable, closed, no longer kept up, licence ended.

Pure: the facts were looked up before. Judging changes is left to vulnerable_changes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from wpstate.model.change import Change
from wpstate.model.desired import DesiredState
from wpstate.model.facts import Answer, Finding, Known, Listing, Part, Vulnerability
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address
from wpstate.planning.affected import (
    Installed,
    affecting,
    answers_of,
    decide,
    fixes,
    in_feeds,
    installed,
    name_of_hole,
    versions_of,
)
from wpstate.planning.vulnerable_changes import brought
from wpstate.resources.catalog import WORDPRESS_ORG

ABANDONED_AFTER_DAYS = 730
LICENCE_TOLD_DAYS = 30


def findings(
    desired: DesiredState | None,
    observed: ObservedState,
    known: Known,
    changes: Sequence[Change] = (),
) -> tuple[Finding, ...]:
    """Everything that facts hold against what is on a site, asked for or not, by address.

    Without desired state nothing is managed and nothing was accepted: the look of a first day.
    """
    licensed_until = desired.approval.licensed_until if desired else {}
    if known.at is None or not (known.feeds or licensed_until):
        return ()
    answers, today = answers_of(desired), known.at.date()
    planned = {change.address: change for change in changes}
    found: list[Finding] = []
    for each in installed(desired, observed):
        if each.address in licensed_until:
            found.extend(_licence(each, date.fromisoformat(licensed_until[each.address]), today))
        if not known.feeds:
            continue
        parts = in_feeds(each.address, each.version, each.artifact, observed)
        change = planned.get(each.address)
        for one in affecting(known, parts, each.version):
            after = _after(one, each, change, observed, known)
            found.append(_vulnerable(one, each, answers, today, after))
        if each.artifact is None or each.artifact.source == WORDPRESS_ORG:
            found.extend(_listed(each, known, parts))
    return tuple(found)


def unknown(
    desired: DesiredState | None, observed: ObservedState, known: Known
) -> tuple[Address, ...]:
    """Components of which no fresh feed would tell that they are vulnerable, and none does."""
    if not known.feeds:
        return tuple(address for address, _ in versions_of(observed))
    return tuple(
        each.address
        for each in installed(desired, observed)
        if not _is_known(in_feeds(each.address, each.version, each.artifact, observed), each, known)
    )


def _is_known(parts: Iterable[Part], each: Installed, known: Known) -> bool:
    if not each.version:
        return False
    return any(part in known.covered or part in known.vulnerabilities for part in parts)


def _vulnerable(
    one: Vulnerability,
    each: Installed,
    answers: dict[str, Answer],
    today: date,
    after: str | None,
) -> Finding:
    decision = decide(one, answers, today)
    return Finding(
        address=each.address,
        sort="vulnerable",
        version=each.version,
        managed=each.managed,
        feed=one.feed,
        text=one.title,
        response=decision.response,
        id=one.id,
        severity=one.severity,
        score=one.score,
        cves=one.cves,
        fixed_in=fixes(one, each.version),
        link=one.link,
        answer=decision.answer,
        after=after,
        notices=one.notices,
        since=one.since,
    )


def _after(
    one: Vulnerability,
    each: Installed,
    change: Change | None,
    observed: ObservedState,
    known: Known,
) -> str | None:
    """What the plan does about it, in words."""
    if change is None or change.after.version == each.version:
        return None
    if not change.after.present:
        return "this plan removes it"
    still = brought(change, change.after.version or "", observed, known)
    if name_of_hole(one) in {name_of_hole(other) for other in still}:
        return None
    return f"this plan mends it with {change.after.version}"


def _listed(each: Installed, known: Known, parts: Iterable[Part]) -> Iterator[Finding]:
    """At most one finding: what is closed is not also told as no longer kept up."""
    listings = [listing for part in parts for listing in known.listings.get(part, ())]
    closed = next((listing for listing in listings if listing.closed), None)
    if closed:
        yield _plain(each, closed, "closed", _closed(closed))
        return
    dated = [listing for listing in listings if listing.updated_on]
    newest = max(dated, key=lambda listing: listing.updated_on or date.min, default=None)
    if newest and newest.updated_on and known.at:
        days = (known.at.date() - newest.updated_on).days
        if days > ABANDONED_AFTER_DAYS:
            text = f"not updated by its authors since {newest.updated_on}"
            yield _plain(each, newest, "abandoned", text)


def _licence(each: Installed, until: date, today: date) -> Iterator[Finding]:
    days = (until - today).days
    if days < 0:
        text = f"its licence ended on {until}: no update may come any more"
    elif days <= LICENCE_TOLD_DAYS:
        text = f"its licence ends on {until}, in {days} days"
    else:
        return
    yield Finding(each.address, "licence", each.version, each.managed, "catalog", text)


def _closed(listing: Listing) -> str:
    since = f" on {listing.closed_on}" if listing.closed_on else ""
    reason = f": {listing.reason}" if listing.reason else ""
    return f"closed in the directory{since}{reason}"


def _plain(each: Installed, listing: Listing, sort: str, text: str) -> Finding:
    return Finding(each.address, sort, each.version, each.managed, listing.feed, text)
