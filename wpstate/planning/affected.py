"""Which known vulnerabilities affect which version, and what policy says to do about them.

Where there is no feed nothing is known, which is never the same as safe.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from wpstate.model.desired import Artifact, DesiredState
from wpstate.model.facts import Answer, Known, Part, Response, Severity, VersionRange, Vulnerability
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, kind_of, name_of
from wpstate.resources.registry import KIND
from wpstate.resources.versions import compare, sort_key

_GRAVITY = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Installed:
    """One component of one site that facts may speak of."""

    address: Address
    version: str
    """Empty where it does not tell."""
    managed: bool
    artifact: Artifact | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about one vulnerability."""

    response: Response
    answer: str | None = None
    """Who says so until when; or whose word has ended."""


def installed(desired: DesiredState | None, observed: ObservedState) -> Iterator[Installed]:
    """All that was seen and has a version, asked for or not."""
    managed = {each.address: each.artifact for each in desired.managed} if desired else {}
    for address, version in versions_of(observed):
        yield Installed(address, version, address in managed, managed.get(address))


def versions_of(observed: ObservedState) -> Iterator[tuple[Address, str]]:
    """What is there and has a version; empty where it does not tell it."""
    for address, state in observed.resources:
        if state.present and state.version is not None:
            yield address, state.version


def in_feeds(
    address: Address, version: str, artifact: Artifact | None, observed: ObservedState | None
) -> tuple[Part, ...]:
    kind = KIND[kind_of(address)]
    return kind.in_feeds(name_of(address), version, artifact, observed)


def parts_of(desired: DesiredState | None, observed: ObservedState) -> Iterator[Part]:
    """All that must be asked of the feeds to judge this site, as it is and as git asks for it."""
    for each in installed(desired, observed):
        yield from in_feeds(each.address, each.version, each.artifact, observed)
    for managed in desired.managed if desired else ():
        if managed.want.version is not None:
            asked = managed.address, managed.want.version, managed.artifact
            yield from in_feeds(*asked, observed)


def affecting(known: Known, parts: Iterable[Part], version: str) -> tuple[Vulnerability, ...]:
    """Gravest first; of those that feeds give one CVE, the gravest."""
    found = [
        one
        for part in parts
        for one in known.vulnerabilities.get(part, ())
        if version and any(within(version, each) for each in one.ranges)
    ]
    found.sort(key=lambda one: (_GRAVITY[one.severity], -(one.score or 0.0)))
    told: dict[str, Vulnerability] = {}
    kept: list[Vulnerability] = []
    for one in found:
        names = one.cves or (f"{one.feed} {one.id}",)
        if told.keys().isdisjoint(names):
            kept.append(one)
        told.update(dict.fromkeys(names, one))
    return tuple(kept)


def fixes(one: Vulnerability, version: str) -> tuple[str, ...]:
    """Versions that its feed says mend it and that are newer, oldest first."""
    newer = (
        each
        for each in one.fixed_in
        if compare(each, version) > 0 and not any(within(each, span) for span in one.ranges)
    )
    return tuple(sorted(set(newer), key=sort_key))


def decide(one: Vulnerability, answers: Mapping[str, Answer], today: date) -> Decision:
    """Its id's answer before its severity's; an answer that has ended counts no more."""
    ended = None
    for name in (*one.cves, one.id, one.severity.value):
        answer = answers.get(name)
        if answer is None:
            continue
        if answer.until is None:
            return Decision(answer.response, ended)
        told = f"{_WORDS[answer.response]} until {answer.until} by {answer.owner}: {answer.why}"
        if date.fromisoformat(answer.until) >= today:
            return Decision(answer.response, told)
        ended = ended or f"{told} (that has ended)"
    return Decision(Response.UPDATE, ended)


_WORDS = {
    Response.UPDATE: "to be updated",
    Response.MITIGATE: "mitigated",
    Response.ACCEPT: "accepted",
}


@lru_cache(maxsize=1 << 16)
def within(version: str, span: VersionRange) -> bool:
    if span.oldest is not None:
        order = compare(version, span.oldest)
        if order < 0 or (order == 0 and not span.oldest_in):
            return False
    if span.newest is not None:
        order = compare(version, span.newest)
        if order > 0 or (order == 0 and not span.newest_in):
            return False
    return True


def answers_of(desired: DesiredState | None) -> dict[str, Answer]:
    return {each.to: each for each in desired.policy.vulnerabilities} if desired else {}


def name_of_hole(one: Vulnerability) -> str:
    return one.cves[0] if one.cves else f"{one.feed} {one.id}"
