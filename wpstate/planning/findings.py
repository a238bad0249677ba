"""What facts say of a site (vulnerable, closed, no longer kept up, licence ended) and of the
changes that a plan would make. Pure: the facts were looked up before."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from wpstate.model.change import Action, Change
from wpstate.model.desired import DesiredState
from wpstate.model.facts import Answer, Finding, Known, Listing, Part, Response, Vulnerability
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import Address
from wpstate.planning.affected import (
    Installed,
    affecting,
    decide,
    fixes,
    in_feeds,
    installed,
)
from wpstate.resources.catalog import WORDPRESS_ORG

ABANDONED_AFTER_DAYS = 730
LICENCE_TOLD_DAYS = 30
_SHOWN = 3


def findings(
    desired: DesiredState | None,
    observed: ObservedState,
    known: Known,
    changes: Sequence[Change] = (),
) -> tuple[Finding, ...]:
    """Everything that facts hold against what is on a site, asked for or not, by address.

    Without desired state nothing is managed and nothing was accepted: the look of a first day.
    """
    if known.at is None:
        return ()
    answers, today = _answers(desired), known.at.date()
    planned = {change.address: change for change in changes}
    licensed_until = desired.approval.licensed_until if desired else {}
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
        return tuple(each.address for each in installed(desired, observed))
    return tuple(
        each.address
        for each in installed(desired, observed)
        if not _is_known(in_feeds(each.address, each.version, each.artifact, observed), each, known)
    )


def vulnerable_changes(
    desired: DesiredState, observed: ObservedState, known: Known, changes: Sequence[Change]
) -> Iterator[Problem]:
    """Changes that bring a version known to be vulnerable, unless policy accepts or mitigates each
    vulnerability, or the change mends others and brings none."""
    if known.at is None:
        return
    answers = _answers(desired)
    for change in changes:
        version = change.after.version
        if not change.after.present or version is None or change.action is Action.DEACTIVATE:
            continue
        open_ones = [
            one
            for one in _of(change, version, observed, known)
            if decide(one, answers, known.at.date()).response is Response.UPDATE
        ]
        before = _of(change, change.before.version or "", observed, known)
        lessens = {_name(one) for one in open_ones} < {_name(one) for one in before}
        if open_ones and not lessens:
            yield _refusal(change, version, open_ones, answers, known.at.date())


def _answers(desired: DesiredState | None) -> dict[str, Answer]:
    return {each.to: each for each in desired.policy.vulnerabilities} if desired else {}


def _of(
    change: Change, version: str, observed: ObservedState, known: Known
) -> tuple[Vulnerability, ...]:
    parts = in_feeds(change.address, version, change.artifact, observed)
    return affecting(known, parts, version)


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
    still = _of(change, change.after.version or "", observed, known)
    if _name(one) in {_name(other) for other in still}:
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


def _name(one: Vulnerability) -> str:
    return one.cves[0] if one.cves else f"{one.feed} {one.id}"


def _refusal(
    change: Change,
    version: str,
    open_ones: Sequence[Vulnerability],
    answers: dict[str, Answer],
    today: date,
) -> Problem:
    gravest = open_ones[0]
    told = [
        f"{_name(one)} ({one.severity.value}, {one.feed}): {one.title}"
        for one in open_ones[:_SHOWN]
    ]
    more = f"; {len(open_ones) - _SHOWN} more" if len(open_ones) > _SHOWN else ""
    ended = decide(gravest, answers, today).answer
    mended = [each[-1] for one in open_ones if (each := fixes(one, version))]
    name = gravest.cves[0] if gravest.cves else gravest.id
    accept = f"vulnerabilities: {{{name}: {{accept: WHY, until: DAY, owner: NAME}}}}"
    ask = f"ask for {mended[0]} or newer, or " if mended else "ask for another version, or "
    return Problem(
        "plan.vulnerable",
        "the plan would bring a version that is known to be vulnerable",
        change.source,
        change.address,
        found=f"{version}: {'; '.join(told)}{more}",
        why=ended or f"what to do about {gravest.severity.value} ones is: update",
        mend=f"{ask}accept it until a day: {accept}",
    )
