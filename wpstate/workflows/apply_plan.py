"""Executes a saved plan, one site after another or several at once.

What is done on a site is left to apply, who runs beside whom to at_once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.progress import SetOut
from wpstate.model.run import Outcome, Run, end_of_run
from wpstate.model.run_id import new_run_id
from wpstate.model.site import Host
from wpstate.planning.verify import plan_problems
from wpstate.planning.vulnerable_changes import parts_of_changes, vulnerable_changes
from wpstate.planning.windows import closed_problem
from wpstate.ports import Clock, Facts, SiteRuns
from wpstate.workflows.apply import apply_site
from wpstate.workflows.at_once import Job, run_at_once
from wpstate.workflows.recording import kept
from wpstate.workflows.tools import Tools


def address_of(host: Host) -> str:
    """A machine, as far as its address tells."""
    return host.account.address


@dataclass(frozen=True, slots=True)
class Several:
    """Sites are changed at the same time, each in a process of its own."""

    runs: SiteRuns
    at_once: int
    elsewhere: bool = False
    """On other machines; a single one too."""
    machine_of: Callable[[Host], str] = address_of
    """Hosts of one machine share its `runs_at_once`."""


def never(_: Sequence[Run]) -> bool:
    """Nothing that happened stops the others."""
    return False


def apply_plan(
    plan: Plan,
    fleet: Fleet,
    tools: Tools,
    *,
    allow_dirty: bool,
    told: Callable[[Run], None],
    facts: Facts | None = None,
    outside_window: bool = False,
    several: Several | None = None,
    apart: bool = False,
    stop: Callable[[Sequence[Run]], bool] = never,
) -> tuple[Run, ...]:
    """Execute a saved plan; `told` hears of each site's run as it ends. A site whose plan brings
    what `facts` hold to be vulnerable by now is refused, and so is one whose window is closed,
    unless `outside_window`; the others go on, until `stop` says of the runs so far that no more
    may begin. The runs come in the plan's order, those that began. `apart`: even a run that is
    alone is made by `several`, so that its end is not ours.

    Raises Refused before any site is looked at where the plan as a whole may not be applied.
    """
    problems = list(plan_problems(plan, fleet.name, tools.clock.now(), allow_dirty=allow_dirty))
    known = {d.site.id: d for d in fleet.sites}
    problems += [_gone(plan, s.site) for s in plan.sites if s.site not in known]
    if problems:
        raise Refused(problems)

    def judged(site_plan: SitePlan) -> SitePlan:
        """As it may be applied at this moment."""
        desired = known[site_plan.site]
        again = _judged_again(site_plan, desired, tools.clock, facts)
        return again if outside_window else _in_window(again, desired, tools.clock)

    tools.progress.tell(SetOut(tools.clock.now(), tuple(each.site for each in plan.sites)))
    to_change = sum(bool(each.changes and not each.refusals) for each in plan.sites)
    beside = several is not None and several.at_once > 1 and to_change > 1
    if several is not None and to_change and (apart or beside or several.elsewhere):
        return run_at_once(
            [
                Job(
                    several.machine_of(known[each.site].site.host),
                    known[each.site].site.host.runs_at_once,
                    _elsewhere(plan, each, judged, fleet, known[each.site], several, tools),
                )
                for each in plan.sites
            ],
            at_once=several.at_once,
            interrupts=tools.interrupts,
            interrupt_runs=several.runs.interrupt,
            told=told,
            stop=stop,
        )
    runs: list[Run] = []
    for site_plan in plan.sites:
        run = apply_site(plan, judged(site_plan), known[site_plan.site], tools)
        told(run)
        runs.append(run)
        if stop(runs):
            break
    return tuple(runs)


def _elsewhere(
    plan: Plan,
    site_plan: SitePlan,
    judged: Callable[[SitePlan], SitePlan],
    fleet: Fleet,
    desired: DesiredState,
    several: Several,
    tools: Tools,
) -> Callable[[], Run]:
    def run() -> Run:
        began = tools.clock.now()
        part = replace(plan, sites=(judged(site_plan),))
        try:
            return several.runs.run(part, replace(fleet, sites=(desired,)))
        except Failed as failed:
            return kept(_lost(plan, desired, failed, began), tools)

    return run


def _lost(plan: Plan, desired: DesiredState, failed: Failed, began: datetime) -> Run:
    """Of a run whose process did not live to say what became of the site."""
    return end_of_run(
        new_run_id(began),
        desired.site.id,
        plan.id,
        Outcome.NEEDS_ATTENTION,
        began,
        failed.problems,
        revision=plan.revision,
    )


def _judged_again(
    site_plan: SitePlan, desired: DesiredState, clock: Clock, facts: Facts | None
) -> SitePlan:
    """With what became known since the plan was made."""
    if facts is None or site_plan.refusals:
        return site_plan
    parts = set(parts_of_changes(desired, site_plan.changes))
    known = facts.known(parts, clock.now())
    refusals = tuple(vulnerable_changes(desired, None, known, site_plan.changes))
    return replace(site_plan, refusals=refusals)


def _in_window(site_plan: SitePlan, desired: DesiredState, clock: Clock) -> SitePlan:
    """With what keeps the site closed at this moment."""
    if site_plan.refusals:
        return site_plan
    problem = closed_problem(desired, site_plan, clock.now())
    return site_plan if problem is None else replace(site_plan, refusals=(problem,))


def _gone(plan: Plan, site: str) -> Problem:
    return Problem(
        slug="plan.stale",
        what="the plan names a site that the fleet no longer has",
        key=site,
        found=f"plan {plan.id}",
        why="what was approved is exactly what is applied, once",
        mend="wpstate plan",
    )
