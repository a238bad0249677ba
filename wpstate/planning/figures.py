"""What a pass found of one site, in numbers. How they are shown is left to report."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from wpstate.model.change import Cause
from wpstate.model.facts import Response, Severity
from wpstate.model.passes import KeptPass, SitePassed
from wpstate.model.plan import SitePlan
from wpstate.model.reconciled import Pass, Reconciled, SiteFigures, Standing
from wpstate.model.run import Outcome, Run
from wpstate.model.site import SiteId

_MOVED = ("drift", "conflict")
_AS_ASKED = (Outcome.APPLIED, Outcome.IN_SYNC)


def figures(planned: SitePlan, run: Run | None, *, facts: bool) -> SiteFigures:
    """`planned`: the last look at the site in this pass, `run` what was made of it. `facts`: the
    fleet names feeds."""
    changed = run is not None and run.outcome is Outcome.APPLIED
    drift = sum(noted.sort in _MOVED for noted in planned.noted)
    if not changed:
        drift += sum(change.cause is Cause.DRIFT for change in planned.changes)
    open_ones = Counter(
        found.severity or Severity.UNRATED
        for found in planned.findings
        if found.sort == "vulnerable"
        and found.response is Response.UPDATE
        and not (changed and found.after)
    )
    return SiteFigures(
        up=not any(problem.slug.startswith("observe.") for problem in planned.refusals),
        drift_items=drift,
        vulnerabilities={each: open_ones[each] for each in Severity} if facts else None,
    )


def kept_sites(
    done: Pass, before: Iterable[SitePassed], ended_at: datetime
) -> tuple[SitePassed, ...]:
    """What is kept of the sites of a pass. `before`: how they stood."""
    earlier = {each.site: each.confirmed_at for each in before}
    return tuple(
        SitePassed(
            each.site,
            each.standing,
            each.run.outcome if each.run else None,
            each.figures,
            ended_at if _is_as_asked(each) else earlier.get(each.site),
        )
        for each in done.sites
        if each.figures is not None
    )


def latest(passes: Iterable[KeptPass]) -> tuple[SitePassed, ...]:
    """Each site as the newest of these passes left it, by name. What the newest pass over all sites
    of a fleet does not have, nor a later one, has left it."""
    found: dict[tuple[str, SiteId], SitePassed] = {}
    closed: set[str] = set()
    for one in sorted(passes, key=lambda each: each.started_at, reverse=True):
        if one.fleet in closed:
            continue
        if not one.asked:
            closed.add(one.fleet)
        for each in one.sites:
            found.setdefault((one.fleet, each.site), each)
    return tuple(each for _, each in sorted(found.items(), key=lambda item: item[0][::-1]))


def _is_as_asked(each: Reconciled) -> bool:
    if each.run is not None:
        return each.run.outcome in _AS_ASKED
    return each.standing is Standing.IN_SYNC
