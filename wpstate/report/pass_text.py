"""A pass over the fleet as a table: whose turn it was, and what became of each site."""

from collections.abc import Iterable
from dataclasses import replace

from wpstate.model.observed import OF_HOSTS
from wpstate.model.reconciled import Pass, Reconciled, Standing
from wpstate.model.site import SiteId
from wpstate.report.lines import Line, Tone, columns, line, some
from wpstate.report.run_text import OUTCOME_TONES

STANDING_TONES = {
    Standing.IN_SYNC: Tone.GOOD,
    Standing.RUN: Tone.GOOD,
    Standing.REPORTED: Tone.WARN,
    Standing.WAITS: Tone.FAINT,
    Standing.HALTED: Tone.WARN,
    Standing.REFUSED: Tone.WARN,
    Standing.DUE: Tone.CHANGE,
}


def pass_lines(done: Pass) -> Iterable[Line]:
    """A line for each site that is not in sync, or one for all sites of a host that let us in
    nowhere, then how many are in sync."""
    others = [each for each in done.sites if each.standing is not Standing.IN_SYNC]
    told = list(_each_cause_once(others))
    rings = any(each.ring for each in done.sites)
    if told:
        head = ("RING", "SITE", "STANDING", "") if rings else ("SITE", "STANDING", "")
        rows = [head, *(_row(each, rings=rings) for each in told)]
        first, *body = columns(rows)
        yield line(first, Tone.STRONG)
        for each, text in zip(told, body, strict=True):
            yield line(
                text,
                OUTCOME_TONES[each.run.outcome] if each.run else STANDING_TONES[each.standing],
            )
    if done.halted:
        yield line(f"Stopped: {done.halted}", Tone.BAD)
    in_sync = len(done.sites) - len(others)
    yield line(f"Pass: {in_sync} of {len(done.sites)} sites in sync.", Tone.STRONG)


def _each_cause_once(several: Iterable[Reconciled]) -> Iterable[Reconciled]:
    """A host's own fault is told of the first of its sites, for all of them in its ring."""
    alike: dict[tuple[str | None, str], list[Reconciled]] = {}
    for at, each in enumerate(several):
        of_host = each.run is None and each.told.partition(":")[0] in OF_HOSTS
        alike.setdefault((each.ring, each.told if of_host else str(at)), []).append(each)
    for same in alike.values():
        yield replace(same[0], site=SiteId(some([str(each.site) for each in same])))


def _row(each: Reconciled, *, rings: bool) -> tuple[str, ...]:
    word = each.run.outcome.value if each.run else each.standing.value
    row = (each.site, word, each.told)
    return ((each.ring or ""), *row) if rings else row
