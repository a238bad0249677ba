"""What a pass found that people are to be told of: one trouble for each cause, with its sites.

Pure. Who is told of it, and when, is left to planning.telling.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.facts import Response
from wpstate.model.plan import Noted, SitePlan
from wpstate.model.problem import Problem
from wpstate.model.run import Outcome, Run
from wpstate.model.schedule import Schedule
from wpstate.model.site import SiteId
from wpstate.model.state import kind_of, short
from wpstate.model.telling import Sort, Trouble
from wpstate.planning.schedule import due_at
from wpstate.resources.foreign_text import unmarked
from wpstate.resources.registry import KIND

_DOWN = {
    "observe.unreachable": "the host does not answer, or lets nobody in",
    "observe.database_down": "the database does not answer",
    "observe.tables_missing": "the tables of WordPress are gone",
    "observe.core_missing": "WordPress is gone",
    "observe.wp_config_missing": "wp-config.php is gone",
    "observe.wp_config_parse_error": "wp-config.php is broken",
    "observe.web_unseen": "the address does not answer as it should",
    "site.sick": "ill as visitors see it",
}
_OF_HOSTS = {"observe.banned": "observe.unreachable", "observe.timeout": "observe.unreachable"}
"""A host that is gone shows itself to its first sites in one way and to the others in another."""
_UNSCHEDULED = timedelta(hours=25)
_SHORTEST_SILENCE = timedelta(hours=1)
_MOVED = ("drift", "conflict", "identity", "modified", "patched", "out_of_reach", "forbidden")


def troubles(
    fleet: Fleet,
    planned: Mapping[SiteId, SitePlan],
    runs: Mapping[SiteId, Run],
    before: Iterable[Trouble] = (),
) -> tuple[Trouble, ...]:
    """All of them, sorted by cause. `planned`: as the pass saw each site last; `runs`: what it
    made. A site of `before` that needed attention does so until it may be changed again."""
    found: dict[str, tuple[Sort, str, dict[SiteId, str]]] = {}
    for desired in fleet.sites:
        site = desired.site.id
        if site in planned:
            for cause, sort, text, detail in _of_site(desired, planned[site], runs.get(site)):
                _, _, sites = found.setdefault(_word(cause), (sort, unmarked(text), {}))
                sites.setdefault(site, unmarked(detail))
    for trouble in before:
        if trouble.sort is Sort.NEEDS_ATTENTION:
            for site, detail in trouble.sites:
                if site in planned and (planned[site].refusals or planned[site].locked):
                    _, _, sites = found.setdefault(trouble.cause, (trouble.sort, trouble.text, {}))
                    sites.setdefault(site, detail)
    return tuple(
        Trouble(cause, sort, text, tuple(sorted(sites.items())))
        for cause, (sort, text, sites) in sorted(found.items())
    )


def silence(
    passed_at: datetime, began_at: datetime, after_s: int | None, schedule: Schedule | None
) -> Trouble | None:
    """That no pass was made for too long, found by the next one. Where nobody said how long that
    is (`after_s`): half as late again as the schedule has it, or 25 hours without a schedule."""
    if began_at <= _until(passed_at, after_s, schedule):
        return None
    text = f"no pass from {passed_at:%Y-%m-%d %H:%M} to {began_at:%Y-%m-%d %H:%M} UTC"
    return Trouble(Sort.SILENT.value, Sort.SILENT, text)


def _until(passed_at: datetime, after_s: int | None, schedule: Schedule | None) -> datetime:
    if after_s is not None:
        return passed_at + timedelta(seconds=after_s)
    if schedule is None:
        return passed_at + _UNSCHEDULED
    first = due_at(schedule, passed_at, passed_at, passed_at, 1)
    second = due_at(schedule, first, first, first, 1)
    return max(first + (second - first) / 2, passed_at + _SHORTEST_SILENCE)


_Found = tuple[str, Sort, str, str]


def _of_site(desired: DesiredState, planned: SitePlan, run: Run | None) -> Iterator[_Found]:
    host = f"{desired.site.host.account.address}:{desired.site.host.account.port}"
    refused: Sequence[Problem] = planned.refusals
    if run is not None and run.outcome is Outcome.REFUSED:
        refused = (*refused, *run.reasons)
    yield from _refused(refused, host)
    if run is not None and run.outcome in (Outcome.NEEDS_ATTENTION, Outcome.FAILED):
        sort = Sort.NEEDS_ATTENTION if run.outcome is Outcome.NEEDS_ATTENTION else Sort.REFUSED
        slug, what = _first(run.reasons, run.outcome.value)
        yield f"{sort.value}:{slug}:{host}", sort, what, _said(run.reasons)
    yield from _put_back(planned, run)
    for finding in planned.findings:
        if finding.sort == "vulnerable" and finding.response is Response.UPDATE:
            name = finding.id or finding.text
            yield (
                f"vulnerable:{_word(name)}",
                Sort.VULNERABLE,
                unmarked(f"{finding.address}: {finding.text} ({name})"),
                f"{finding.address} {finding.version or ''}".strip(),
            )
    for noted in planned.noted:
        if noted.sort in _MOVED:
            cause = f"drift:{_word(noted.address)}"
            yield cause, Sort.DRIFT, unmarked(f"{noted.address} is not as git says"), _moved(noted)


def _refused(problems: Iterable[Problem], host: str) -> Iterator[_Found]:
    for problem in problems:
        slug = _OF_HOSTS.get(problem.slug, problem.slug)
        down = _DOWN.get(slug)
        sort = Sort.SITE_DOWN if down else Sort.REFUSED
        yield (
            f"{sort.value}:{slug}:{host}",
            sort,
            f"{down or problem.what} ({slug}, host {host})",
            problem.found or problem.what,
        )


def _put_back(planned: SitePlan, run: Run | None) -> Iterator[_Found]:
    """As long as it is quarantined, the one cause that was there when it went back."""
    for noted in planned.noted:
        if noted.sort == "quarantined":
            cause = f"rolled_back:{_word(noted.address)}"
            yield cause, Sort.ROLLED_BACK, unmarked(f"{noted.address} was put back"), noted.text
    if run is not None and run.outcome is Outcome.ROLLED_BACK:
        for change in run.changes:
            cause = f"rolled_back:{_word(change.address)}"
            text = unmarked(f"{change.address} was put back")
            yield cause, Sort.ROLLED_BACK, text, _said(run.reasons)


def _moved(noted: Noted) -> str:
    """What it is instead, but for personal data, and who did it, as far as the site knows."""
    kind, by = KIND.get(kind_of(noted.address)), noted.author
    shown = noted.asked is not None and kind is not None and not kind.is_personal(noted.address)
    values = f"{short(noted.asked)} → {short(noted.state)}, " if shown and noted.asked else ""
    who = f", by {by.by} since {by.since:%a %d %b %H:%M} UTC" if by and by.by else ""
    return f"{values}{noted.text}{who}"


def _first(reasons: Sequence[Problem], without: str) -> tuple[str, str]:
    return (reasons[0].slug, reasons[0].what) if reasons else (without, without)


def _said(reasons: Sequence[Problem]) -> str:
    return "; ".join(f"{each.slug}: {each.found or each.what}" for each in reasons)


def _word(text: str) -> str:
    """As part of a cause's name, which people type: without blanks."""
    return "_".join(unmarked(text).split())
