"""What a plan holds against sites and their files, each at its line, for programs that show it
there (SARIF, annotations). One telling for all sites that share a line.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from wpstate.model.desired import Fleet
from wpstate.model.facts import Finding, Response, Severity
from wpstate.model.plan import Plan
from wpstate.model.problem import Problem
from wpstate.model.site import SiteId
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address
from wpstate.report.facts_text import details, headline
from wpstate.resources.feeds.feed import link
from wpstate.resources.foreign_text import visible

Lines: TypeAlias = Mapping[tuple[SiteId, Address], SourceSpan]
"""Which line decides a managed value."""
_SCORES = {Severity.CRITICAL: 9.5, Severity.HIGH: 8.0, Severity.MEDIUM: 5.5, Severity.LOW: 2.0}
_MOST_CHARACTERS = 1_000
_SHOWN_SITES = 10


class Level(Enum):
    """Gravest first, as SARIF names them."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Told:
    """One telling at one line."""

    rule: str
    """Stable: a problem's slug, a CVE, a feed's own id."""
    level: Level
    title: str
    text: str
    where: SourceSpan
    key: str
    sites: tuple[str, ...]
    score: float | None = None
    link: str | None = None

    @property
    def shown(self) -> str:
        """The text, and which sites it is about."""
        return self.text + (f" ({_listed(self.sites)})" if self.sites else "")


def lines_of(fleet: Fleet) -> Lines:
    return {(d.site.id, m.address): m.span for d in fleet.sites for m in d.managed}


def tellings(plan: Plan, policy: Iterable[Problem], lines: Lines) -> tuple[Told, ...]:
    """Gravest first, then by line."""
    found: dict[tuple[str, SourceSpan, str], Told] = {}
    for one in (*_of_plan(plan, lines), *map(_of_rule, policy)):
        key = one.rule, one.where, one.key
        known = found.get(key)
        sites = (*known.sites, *one.sites) if known else one.sites
        graver = min((known or one, one), key=lambda each: _ORDER[each.level])
        found[key] = Told(
            graver.rule, graver.level, graver.title, graver.text, graver.where, graver.key,
            tuple(dict.fromkeys(sites)), graver.score, graver.link,
        )  # fmt: skip
    return tuple(sorted(found.values(), key=_order))


def told_problem(problem: Problem) -> Told:
    """A problem of the fleet's files."""
    return _of_problem(problem, Level.ERROR, (), SourceSpan("fleet.yml", 1, 1))


def _of_plan(plan: Plan, lines: Lines) -> Iterator[Told]:
    for site in plan.sites:
        own = SourceSpan(f"sites/{site.site}.yml", 1, 1)
        for problem in site.refusals:
            yield _of_problem(problem, Level.ERROR, (site.site,), own)
        for finding in site.findings:
            yield _of_finding(finding, site.site, lines.get((site.site, finding.address), own))


def _of_rule(problem: Problem) -> Told:
    return _of_problem(problem, Level.WARNING, (), SourceSpan("fleet.yml", 1, 1))


def _of_problem(
    problem: Problem, level: Level, sites: tuple[str, ...], otherwise: SourceSpan
) -> Told:
    words = [problem.what, problem.key, problem.found, problem.mend]
    text = "; ".join(_harmless(word) for word in words if word)
    where, key = problem.where or otherwise, _harmless(problem.key or "")
    return Told(problem.slug, level, _harmless(problem.what), text, where, key, sites)


def _of_finding(finding: Finding, site: str, where: SourceSpan) -> Told:
    rule = (*finding.cves, finding.id or "")[0] or f"wpstate.{finding.sort}"
    text = "; ".join(map(_harmless, (headline(finding), *details(finding, with_link=False))))
    score = finding.score
    if score is None and finding.severity:
        score = _SCORES.get(finding.severity)
    title = _harmless(finding.text)
    return Told(
        _harmless(rule), _level(finding), title, text, where, finding.address, (site,), score,
        link(finding.link),
    )  # fmt: skip


def _level(finding: Finding) -> Level:
    """What this plan mends, or somebody answers for, is only noted."""
    if finding.after or finding.response in (Response.ACCEPT, Response.MITIGATE):
        return Level.NOTE
    return Level.ERROR if finding.response is Response.UPDATE else Level.WARNING


def _harmless(text: str) -> str:
    return " ".join(visible(text, _MOST_CHARACTERS).split())


def _listed(sites: tuple[str, ...]) -> str:
    more = f" and {len(sites) - _SHOWN_SITES} more" if len(sites) > _SHOWN_SITES else ""
    return ", ".join(sites[:_SHOWN_SITES]) + more


_ORDER = {level: place for place, level in enumerate(Level)}


def _order(told: Told) -> tuple[int, float, SourceSpan, str, str]:
    return _ORDER[told.level], -(told.score or 0.0), told.where, told.rule, told.key
