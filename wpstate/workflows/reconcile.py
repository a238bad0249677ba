"""One pass over the fleet: end what was abandoned, look at all sites, change what policy lets
nobody decide, ring by ring, and tell what became of each.

Deciding is left to planning.turns, rollout and windows, changing a site to apply.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from wpstate.model.change import Cause
from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.reconciled import Pass, Reconciled, Standing
from wpstate.model.run import Outcome, Run
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.planning.turns import as_planned, halt, ring_name, standing, turns
from wpstate.planning.windows import closed_problem
from wpstate.workflows.plan import apply_plan, chosen
from wpstate.workflows.recover import recover_first
from wpstate.workflows.tools import Tools

Healed = Mapping[SiteId, frozenset[Address]]


class MakePlan(Protocol):
    """Looks at the named sites now and compares (workflows.plan.make_plan)."""

    def __call__(
        self, names: tuple[str, ...], *, only: tuple[str, ...] = (), healed: Healed
    ) -> Plan: ...


def reconcile(
    fleet: Fleet,
    names: Iterable[str],
    plan: MakePlan,
    tools: Tools,
    *,
    dry_run: bool,
    told: Callable[[Run], None],
) -> Pass:
    """`told` hears of each run as it ends. `dry_run`: nothing is changed, nor recovered.

    Raises UsageError for unknown names, Refused where the fleet's files are not committed.
    """
    sites = chosen(fleet, names)
    if dry_run:
        return as_planned(
            fleet,
            sites,
            plan(tuple(d.site.id for d in sites), healed=_healed(sites, tools)),
            tools.clock.now(),
        )
    healed = _healed(sites, tools)
    first = plan(tuple(d.site.id for d in sites), healed=healed)
    planned = {each.site: each for each in first.sites}
    for freed in _recovered(sites, planned, plan, healed, tools):
        planned[freed.site] = freed
    at = tools.clock.now()
    due = sum(standing(d, planned[d.site.id], at)[0] is Standing.DUE for d in sites)
    done: list[Reconciled] = []
    stopped: str | None = None
    for ring in turns(fleet, sites):
        if any(each.run for each in done) and not stopped:
            # What the earlier ring was given may now be due here, or held back.
            for again in _again(ring, planned, plan, healed):
                planned[again.site] = again
        for desired in ring:
            site_plan = planned[desired.site.id]
            word, why = standing(desired, site_plan, tools.clock.now())
            run = None
            if word is Standing.DUE and stopped:
                word, why = Standing.HALTED, stopped
            elif word is Standing.DUE:
                whole = replace(first, sites=(site_plan,))
                whole = _in_its_window(desired, whole, plan, healed, tools)
                (run,) = apply_plan(whole, fleet, tools, allow_dirty=False, told=told)
                word = Standing.RUN
                stopped = halt(fleet, due, [*(e.run for e in done if e.run), run])
            done.append(Reconciled(desired.site.id, word, why, ring_name(fleet, desired), run))
    return Pass(tuple(done), stopped)


def _recovered(
    sites: Sequence[DesiredState],
    planned: Mapping[SiteId, SitePlan],
    plan: MakePlan,
    healed: Healed,
    tools: Tools,
) -> tuple[SitePlan, ...]:
    """Sites with a lock on them, once what was abandoned there is ended. The probe told of the
    locks: asking each host for its own would double what a pass in sync costs."""
    locked = tuple(d for d in sites if planned[d.site.id].locked or planned[d.site.id].refusals)
    if not locked:
        return ()
    recover_first(locked, tools)
    return plan(tuple(d.site.id for d in locked), healed=healed).sites


def _again(
    ring: Sequence[DesiredState],
    planned: Mapping[SiteId, SitePlan],
    plan: MakePlan,
    healed: Healed,
) -> tuple[SitePlan, ...]:
    """Sites of a ring that had something to do or to wait for, looked at once more."""
    open_ones = tuple(
        d.site.id
        for d in ring
        if planned[d.site.id].changes or any(n.sort == "waits" for n in planned[d.site.id].noted)
    )
    return plan(open_ones, healed=healed).sites if open_ones else ()


def _in_its_window(
    desired: DesiredState, whole: Plan, plan: MakePlan, healed: Healed, tools: Tools
) -> Plan:
    """All of a site's plan in its window; outside it what mends a vulnerability alone."""
    (site_plan,) = whole.sites
    if closed_problem(desired, site_plan, tools.clock.now()) is None:
        return whole
    return plan((desired.site.id,), only=site_plan.urgent, healed=healed)


def _healed(sites: Sequence[DesiredState], tools: Tools) -> dict[SiteId, frozenset[Address]]:
    """What was put back before: a second time it is a person who moves it, and nobody tugs."""
    found = {}
    for desired in sites:
        if not (desired.policy.heal or any(managed.heals for managed in desired.managed)):
            continue
        wants = {managed.address: managed.want for managed in desired.managed}
        found[desired.site.id] = frozenset(
            change.address
            for run in tools.ledger.runs(desired.site.id)
            if run.outcome is Outcome.APPLIED
            for change in run.changes
            if change.cause is Cause.DRIFT
            and change.address in wants
            and change.after.satisfies(wants[change.address])
        )
    return found
