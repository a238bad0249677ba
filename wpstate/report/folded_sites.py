"""Sites of a plan as folds of a comment: those of which the same is told share one, as agencies
change hundreds in one way; what is refused comes first, as many as fit.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from wpstate.model.plan import SitePlan
from wpstate.report.lines import some
from wpstate.report.markdown import body_markdown, code, site_markdown
from wpstate.report.plan_text import counts, size

_MOST_NAMES = 400
_MOST_REASONS = 10
_NAMED = 3


def folded(sites: Iterable[SitePlan], most_bytes: int) -> tuple[list[str], int]:
    """Folds within so many bytes, and how many sites found no room."""
    told: list[str] = []
    left = used = 0
    for several in _alike(sites):
        block = _fold(several)
        if left or used + (taken := size_bytes(block)) > most_bytes:
            left += len(several)
        else:
            used += taken
            told.append(block)
    return told, left


def refused_table(sites: Sequence[SitePlan]) -> Iterator[str]:
    """Why sites are refused, each reason once; nothing where none is."""
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for site in sites:
        for slug in dict.fromkeys(problem.slug for problem in site.refusals):
            reasons[slug].append(site.site)
    if len(sites) < 2 or not reasons:
        return
    rows = ["| refused | sites | |", "| --- | ---: | --- |"]
    ordered = sorted(reasons.items(), key=lambda each: (-len(each[1]), each[0]))
    for slug, names in ordered[:_MOST_REASONS]:
        rows.append(f"| {code(slug)} | {len(names)} | {some(names, _NAMED)} |")
    if len(ordered) > _MOST_REASONS:
        rows.append(f"| and {len(ordered) - _MOST_REASONS} more | | |")
    yield "\n".join(rows)


def size_bytes(block: str) -> int:
    return len(block.encode("utf-8", "surrogatepass")) + 2


def _alike(sites: Iterable[SitePlan]) -> list[list[SitePlan]]:
    """Refused ones first, then what people must decide about, then the many that are alike."""
    groups: defaultdict[tuple[str, str], list[SitePlan]] = defaultdict(list)
    for site in sites:
        if site.changes or site.refusals or site.findings or counts(site):
            groups[counts(site), body_markdown(site)].append(site)

    def place(several: list[SitePlan]) -> tuple[bool, bool, int, str]:
        first = several[0]
        return not first.refusals, not first.changes, -len(several), first.site

    return sorted((sorted(g, key=lambda s: s.site) for g in groups.values()), key=place)


def _fold(several: Sequence[SitePlan]) -> str:
    """Names of sites are letters, digits and hyphens, and counts are words of ours."""
    first = several[0]
    if len(several) == 1:
        name, body = str(first.site), site_markdown(first)
    else:
        name = f"{len(several)} sites alike, {first.site} and others"
        body = "\n".join([_names(several), body_markdown(first), *_costs(several)])
    head = f"<b>{name}</b>: {counts(first) or 'in sync'}"
    return f"<details><summary>{head}</summary>\n\n{body.strip()}\n\n</details>"


def _names(several: Sequence[SitePlan]) -> str:
    return some([site.site for site in several], _MOST_NAMES)


def _costs(several: Sequence[SitePlan]) -> Iterator[str]:
    if not several[0].changes:
        return
    frozen = [site.estimate.frozen_s for site in several]
    span = " to ".join(dict.fromkeys(f"{of(frozen):.0f}" for of in (min, max)))
    snapshots = sum(site.estimate.snapshot_bytes for site in several)
    yield ""
    yield f"* frozen: ≈ {span} s each"
    yield f"* snapshots: {size(snapshots)} in all"
