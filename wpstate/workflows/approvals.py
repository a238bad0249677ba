"""Finds the plans that people agreed to, and keeps what they are shown. Whether a site still is as
it was then is left to planning.approved."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wpstate.model.approval import ShownPlan
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Problem, UsageError
from wpstate.model.site import SiteId
from wpstate.planning.approved import Approvals, plan_digest, refused_for
from wpstate.ports import Clock, ShownPlans

KEPT = "kept"
"""In place of a plan: any that was shown for a proposal, where just that was merged."""


def approvals(
    named: str, fleet: str, shown: ShownPlans, read_plan: Callable[[Path], Plan]
) -> Approvals:
    """Of a file, a digest, or `kept`. A file is worth no more than its content: its digest is
    computed anew, and what it holds is only compared with.

    Raises UsageError (`usage.approved`), Refused (`plan.unreadable`, `plan.edited`).
    """
    if named == KEPT:
        return Approvals(shown.proposed(fleet))
    if Path(named).is_file():
        plan = read_plan(Path(named))
        if plan.fleet != fleet:
            raise UsageError([_none(named, f"a plan of the fleet {plan.fleet!r}")])
        return Approvals((ShownPlan(plan_digest(plan), plan, is_named=True),))
    kept = shown.of_digest(fleet, named)
    if kept is None:
        raise UsageError([_none(named, "neither a file nor the digest of a plan kept here")])
    return Approvals((kept,))


def named_sites(given: Approvals, asked: Iterable[str]) -> tuple[str, ...]:
    """The sites of a pass: those asked for, else those of the plan that a person named, if any."""
    several = tuple(asked)
    return several or tuple(
        dict.fromkeys(
            site.site for each in given.plans if each.is_named for site in each.plan.sites
        )
    )


@dataclass(frozen=True, slots=True)
class Fresh:
    """The sites that were not as people agreed, as they are now."""

    plan: Plan
    refused: Mapping[SiteId, Problem]
    digest: str
    """Of the plan, by which a person may agree to it."""


def fresh_plan(
    latest: Mapping[SiteId, SitePlan],
    given: Approvals,
    plan: Callable[[tuple[str, ...]], Plan],
    shown: ShownPlans,
    clock: Clock,
) -> Fresh | None:
    """`latest`: what a pass saw last of each site; `plan` looks again, whosever turn it is. None
    where all sites are as people agreed."""
    refused = refused_for(given.judged(each) for each in latest.values())
    if not refused:
        return None
    made = plan(tuple(refused))
    return Fresh(made, refused, shown.keep(made, clock.now(), proposed=False))


def _none(named: str, found: str) -> Problem:
    return Problem(
        "usage.approved",
        "there is no such plan to hold the sites against",
        key="--approved",
        found=f"{named[:200]!r}: {found}",
        why="only what people were shown can have been agreed to",
        mend="name the file that `wpstate plan --out` wrote, the digest that it told, or `kept`",
    )
