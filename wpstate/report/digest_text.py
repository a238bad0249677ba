"""The digest of a fleet: what happened since the one before, and what waits, in plain words."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from wpstate.model.reconciled import Pass, Standing
from wpstate.model.run import Outcome, Run
from wpstate.model.telling import Acknowledgement, Ended, Lasting, Sort
from wpstate.report.moves import change_span
from wpstate.report.notice_text import (
    acknowledged_words,
    bounded,
    ended_line,
    headline,
    site_lines,
)
from wpstate.report.personal import masked_change
from wpstate.resources.foreign_text import unmarked

_SHOWN = 40
_SORTS = (
    ("Needs somebody", (Sort.SITE_DOWN, Sort.NEEDS_ATTENTION, Sort.SILENT)),
    ("Known vulnerabilities", (Sort.VULNERABLE,)),
    ("Drift, and what else is for you to decide", (Sort.DRIFT,)),
    ("Refused", (Sort.REFUSED,)),
)


def digest(
    fleet: str,
    done: Pass,
    runs: Sequence[Run],
    lasting: Sequence[Lasting],
    ended: Sequence[Ended],
    known: Sequence[Acknowledgement],
    *,
    since: datetime,
    now: datetime,
) -> tuple[str, str]:
    """Title and text. `done`: the last pass; `runs`: all of the fleet's since the last digest."""
    in_sync = sum(each.standing is Standing.IN_SYNC for each in done.sites)
    title = f"{fleet}: {in_sync} of {len(done.sites)} sites in sync"
    parts = (
        *((name, tuple(_lasting(lasting, sorts, known, now))) for name, sorts in _SORTS[:1]),
        ("Changed", tuple(_changed(runs))),
        ("Rolled back", tuple(_put_back(runs, lasting))),
        *((name, tuple(_lasting(lasting, sorts, known, now))) for name, sorts in _SORTS[1:]),
        ("Waits", tuple(_waits(done))),
        ("Well again", tuple(ended_line(each) for each in ended)),
    )
    return title, bounded(_lines(title, parts, since, now))


def _lines(
    title: str, parts: Iterable[tuple[str, Collection[str]]], since: datetime, now: datetime
) -> Iterator[str]:
    yield title
    yield f"{since:%a %d %b %H:%M} to {now:%a %d %b %H:%M} UTC"
    told = [(name, lines) for name, lines in parts if lines]
    for name, lines in told:
        yield ""
        yield name
        yield from (f"  {text}" for text in tuple(lines)[:_SHOWN])
        if len(lines) > _SHOWN:
            yield f"  and {len(lines) - _SHOWN} more"
    if not told:
        yield ""
        yield "Nothing happened, and nothing waits."


def _changed(runs: Iterable[Run]) -> Iterator[str]:
    for run in runs:
        if run.outcome is Outcome.APPLIED:
            for change in run.changes:
                yield f"{run.site}: {change.address} {unmarked(change_span(masked_change(change)))}"


def _put_back(runs: Iterable[Run], lasting: Iterable[Lasting]) -> Iterator[str]:
    for run in runs:
        if run.outcome is Outcome.ROLLED_BACK:
            why = "; ".join(f"{each.slug}: {each.found or each.what}" for each in run.reasons)
            what = ", ".join(str(change.address) for change in run.changes)
            yield unmarked(f"{run.site}: {what}: {why}")
    for each in lasting:
        if each.trouble.sort is Sort.ROLLED_BACK:
            yield f"{headline(each.trouble)}: waits until git asks for something else"


def _lasting(
    lasting: Iterable[Lasting],
    sorts: tuple[Sort, ...],
    known: Sequence[Acknowledgement],
    now: datetime,
) -> Iterator[str]:
    for each in lasting:
        if each.trouble.sort in sorts:
            yield f"{headline(each.trouble)}, since {each.since:%a %d %b %H:%M} UTC"
            yield from site_lines(each.trouble, 5)
            names = each.trouble.names
            for words in acknowledged_words(each.trouble.cause, names, known, now):
                yield f"  {words}"


def _waits(done: Pass) -> Iterator[str]:
    if done.halted:
        yield unmarked(f"the pass stopped: {done.halted}")
    for each in done.sites:
        if each.standing in (Standing.WAITS, Standing.HALTED, Standing.REPORTED):
            yield unmarked(f"{each.site}: {each.told}")
