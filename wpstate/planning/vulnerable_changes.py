"""Judges changes by what is known of the versions that they bring."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from wpstate.model.change import Action, Change
from wpstate.model.desired import DesiredState
from wpstate.model.facts import Answer, Known, Part, Response, Vulnerability
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.planning.affected import affecting, answers_of, decide, fixes, in_feeds, name_of_hole

_SHOWN = 3


def vulnerable_changes(
    desired: DesiredState,
    observed: ObservedState | None,
    known: Known,
    changes: Sequence[Change],
) -> Iterator[Problem]:
    """Changes that bring a version known to be vulnerable, unless policy accepts or mitigates each
    vulnerability, or the change mends others and brings none."""
    if known.at is None or not known.vulnerabilities:
        return
    answers = answers_of(desired)
    artifacts = {managed.address: managed.artifact for managed in desired.managed}
    for change in changes:
        change = replace(change, artifact=change.artifact or artifacts.get(change.address))
        version = change.after.version
        if not change.after.present or version is None or change.action is Action.DEACTIVATE:
            continue
        open_ones = [
            one
            for one in brought(change, version, observed, known)
            if decide(one, answers, known.at.date()).response is Response.UPDATE
        ]
        before = brought(change, change.before.version or "", observed, known)
        lessens = {name_of_hole(one) for one in open_ones} < {name_of_hole(one) for one in before}
        if open_ones and not lessens:
            yield _refusal(change, version, open_ones, answers, known.at.date())


def parts_of_changes(desired: DesiredState, changes: Iterable[Change]) -> Iterator[Part]:
    """All that must be asked of the feeds to judge these changes again."""
    artifacts = {managed.address: managed.artifact for managed in desired.managed}
    for change in changes:
        artifact = change.artifact or artifacts.get(change.address)
        for version in (change.before.version, change.after.version):
            if version is not None:
                yield from in_feeds(change.address, version, artifact, None)


def brought(
    change: Change, version: str, observed: ObservedState | None, known: Known
) -> tuple[Vulnerability, ...]:
    parts = in_feeds(change.address, version, change.artifact, observed)
    return affecting(known, parts, version)


def _refusal(
    change: Change,
    version: str,
    open_ones: Sequence[Vulnerability],
    answers: dict[str, Answer],
    today: date,
) -> Problem:
    gravest = open_ones[0]
    told = [
        f"{name_of_hole(one)} ({one.severity.value}, {one.feed}): {one.title}"
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
