"""Is a saved plan still true? Absence of proof is a refusal."""

from collections.abc import Iterable
from datetime import datetime

from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, short
from wpstate.planning.by_rule import with_rules
from wpstate.planning.compare import completed
from wpstate.planning.digest import desired_digest, digest, observed_digest
from wpstate.planning.follows import expected

_MOST_TOLD = 10
"""Facts that one problem names."""


def plan_problems(
    plan: Plan, fleet: str, now: datetime, *, allow_dirty: bool
) -> tuple[Problem, ...]:
    """What forbids this plan before any site is looked at."""
    found: list[Problem] = []
    if plan.fleet != fleet:
        found.append(
            Problem(
                slug="plan.foreign",
                what="this plan belongs to another fleet",
                key=plan.id,
                found=f"made for {plan.fleet!r}, this fleet is {fleet!r}",
                why="a plan is bound to the fleet that it was made from",
                mend="run it in its own fleet folder, or plan again here",
            )
        )
    if now >= plan.expires_at:
        found.append(
            Problem(
                slug="plan.expired",
                what="this plan has expired",
                key=plan.id,
                found=f"valid until {plan.expires_at:%Y-%m-%d %H:%M} UTC",
                why="what was approved long ago may no longer be what is wanted",
                mend="wpstate plan",
            )
        )
    if plan.dirty and not allow_dirty:
        found.append(
            Problem(
                slug="plan.dirty",
                what="this plan was made from uncommitted files",
                key=plan.id,
                found="the fleet folder had changes that git does not hold",
                why="nobody could review what would be applied",
                mend="commit and plan again, or apply it yourself with --allow-dirty",
            )
        )
    return tuple(found)


def site_problems(
    plan: Plan, site_plan: SitePlan, desired: DesiredState, observed: ObservedState
) -> tuple[Problem, ...]:
    """What forbids this plan for one site, judged inside the site's lock."""
    if plan.id in observed.applied.used_plans:
        return (_problem("plan.used", "this plan was already applied here", plan, site_plan),)
    desired = with_rules(desired, observed)
    found: list[Problem] = []
    if desired_digest(desired) != site_plan.digests.desired:
        found.append(_stale(plan, site_plan, _moved_desired(site_plan, desired)))
    if digest(desired.policy) != site_plan.digests.policy:
        found.append(_stale(plan, site_plan, "the policy of this site has changed"))
    if observed_digest(desired, observed) != site_plan.digests.observed:
        found.append(_stale(plan, site_plan, _moved_observed(site_plan, observed)))
    return tuple(found)


def _moved_desired(site_plan: SitePlan, desired: DesiredState) -> str:
    wants = {m.address: m.want for m in desired.managed}
    moved = [
        f"{c.address}: planned {short(c.after)}, git now asks "
        f"{short(wants[c.address]) if c.address in wants else 'nothing'}"
        for c in site_plan.changes
        if c.address not in wants or completed(wants[c.address], c.before) != c.after
    ]
    return "; ".join(moved) or "desired state of this site has changed"


def _moved_observed(site_plan: SitePlan, observed: ObservedState) -> str:
    moved = [
        f"{c.address}: planned from {short(c.before)}, "
        f"the site has {short(observed.state(c.address))}"
        for c in site_plan.changes
        if observed.state(c.address) != c.before
    ]
    faults = [f.detail for f in observed.faults]
    return "; ".join(moved + faults) or "another managed fact of the site has changed"


def not_as_before(desired: DesiredState, before: ObservedState, seen: ObservedState) -> str:
    """What a rollback did not bring back, in words, of that which `observed_digest` is over."""
    was, is_now = dict(before.resources), dict(seen.resources)
    moved = [
        f"{m.address}: was {short(was.get(m.address, ABSENT))}, "
        f"is {short(is_now.get(m.address, ABSENT))}"
        for m in desired.managed
        if m.applies and not m.visited and was.get(m.address) != is_now.get(m.address)
    ]
    told = [*(f.detail for f in seen.faults), *moved][:_MOST_TOLD]
    return "; ".join(told) or "something about the site that is not managed one by one"


def _stale(plan: Plan, site_plan: SitePlan, found: str) -> Problem:
    return _problem(
        "plan.stale", "the plan no longer matches git or the site", plan, site_plan, found
    )


def _problem(
    slug: str, what: str, plan: Plan, site_plan: SitePlan, found: str | None = None
) -> Problem:
    return Problem(
        slug=slug,
        what=what,
        key=site_plan.site,
        found=found or f"plan {plan.id}",
        why="what was approved is exactly what is applied, once",
        mend=f"wpstate plan {site_plan.site}",
    )


def unconfirmed(site_plan: SitePlan, observed: ObservedState) -> Iterable[str]:
    """Changes that a fresh observation does not confirm, in words; empty when all are there."""
    for address, wants in expected(site_plan.changes).items():
        seen = observed.state(address)
        if not any(seen.satisfies(want) for want in wants):
            yield f"{address}: asked {short(wants[0])}, found {short(seen)}"
