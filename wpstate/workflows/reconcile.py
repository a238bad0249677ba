"""One pass over the fleet: look at all sites, end what was abandoned, change what policy lets
nobody decide, ring by ring, and tell what became of each.

Deciding is left to planning.turns, rollout and windows, changing sites to apply_plan.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeAlias

from wpstate.model.change import Cause
from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.observed import OUT_OF_REACH
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.progress import SetOut
from wpstate.model.reconciled import Pass, Reconciled, Standing
from wpstate.model.run import Run
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.planning.approved import NOT_AGREED, Approvals
from wpstate.planning.figures import figures
from wpstate.planning.turns import as_planned, halt, ring_name, standing, turns, urgent_part
from wpstate.planning.windows import closed_problem, urgent_now
from wpstate.ports import Ledger
from wpstate.workflows.apply_plan import Several, apply_plan
from wpstate.workflows.plan import chosen
from wpstate.workflows.recover import recover_first
from wpstate.workflows.tools import Tools

Healed: TypeAlias = dict[SiteId, frozenset[Address]]


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
    several: Several | None = None,
    approvals: Approvals | None = None,
    on_whose_word: Callable[[Plan], Plan] | None = None,
) -> Pass:
    """`told` hears of each run as it ends. `dry_run`: nothing is changed, nor recovered.
    `approvals`: what git asks for is done only as people agreed to it, but then in any mode.
    `on_whose_word`: a plan with its authority.

    Raises UsageError for unknown names, Refused where the fleet's files are not committed.
    """
    sites = chosen(fleet, names)
    healed = healed_before(sites, tools.ledger)
    first = plan(_names(sites), healed=healed)
    if dry_run:
        return as_planned(fleet, sites, first, tools.clock.now(), approvals)
    if on_whose_word is not None:
        first = on_whose_word(first)
    over = _Passing(fleet, first, plan, tools, healed, told, several, approvals)
    over.recover(sites)
    over.count(sites)
    for ring in turns(fleet, sites):
        over.take_turn(ring)
    return Pass(tuple(over.done), over.stopped)


@dataclass(slots=True)
class _Passing:
    fleet: Fleet
    first: Plan
    plan: MakePlan
    tools: Tools
    healed: Healed
    told: Callable[[Run], None]
    several: Several | None
    approvals: Approvals | None
    due: int = 0
    """How many sites the pass set out to change."""
    runs: list[Run] = field(default_factory=list)
    done: list[Reconciled] = field(default_factory=list)
    stopped: str | None = None
    _planned: dict[SiteId, SitePlan] = field(init=False)

    def __post_init__(self) -> None:
        self._planned = {each.site: self._judged(each) for each in self.first.sites}

    def _judged(self, planned: SitePlan) -> SitePlan:
        return self.approvals.judged(planned) if self.approvals else planned

    def recover(self, sites: Sequence[DesiredState]) -> None:
        """End what was abandoned. The probe told of the locks: asking each host for its own would
        double what a pass in sync costs."""
        planned = self._planned
        locked = [d for d in sites if planned[d.site.id].locked or _may_be_held(planned[d.site.id])]
        if locked:
            recover_first(locked, self.tools)
            self._look_again(locked)

    def count(self, sites: Sequence[DesiredState]) -> None:
        due = [d.site.id for d in sites if self._standing(d)[0] is Standing.DUE]
        self.due = len(due)
        if due:
            self.tools.progress.tell(SetOut(self.tools.clock.now(), tuple(due)))

    def take_turn(self, ring: Sequence[DesiredState]) -> None:
        if self.runs and not self.stopped:
            # What the earlier ring was given may now be due here, or held back. All that can be due
            # is seen anew, so a plan that must not grow old begins its time again.
            expires_at = self._look_again([d for d in ring if self._is_open(d)])
            self.first = replace(self.first, expires_at=expires_at or self.first.expires_at)
        told = {desired.site.id: self._standing(desired) for desired in ring}
        due = [d for d in ring if told[d.site.id][0] is Standing.DUE]
        ran = {run.site: run for run in (() if self.stopped or not due else self._apply(due))}
        for desired in ring:
            word, why = told[desired.site.id]
            run = ran.get(desired.site.id)
            if run is not None:
                word = Standing.RUN
            elif word is Standing.DUE:
                word, why = Standing.HALTED, self.stopped or ""
            name = ring_name(self.fleet, desired)
            planned = self._planned[desired.site.id]
            seen = figures(planned, run, facts=bool(self.fleet.facts))
            self.done.append(Reconciled(desired.site.id, word, why, name, run, seen))

    def _apply(self, due: Sequence[DesiredState]) -> tuple[Run, ...]:
        def stop(runs: Sequence[Run]) -> bool:
            self.stopped = halt(self.fleet, self.due, (*self.runs, *runs))
            return self.stopped is not None

        runs = apply_plan(
            replace(self.first, sites=tuple(self._in_its_window(desired) for desired in due)),
            self.fleet,
            self.tools,
            allow_dirty=False,
            told=self.told,
            several=self.several,
            apart=True,
            stop=stop,
        )
        self.runs += runs
        return runs

    def _in_its_window(self, desired: DesiredState) -> SitePlan:
        """All of a site's plan in its window; outside it what mends a vulnerability alone."""
        planned, now = self._planned[desired.site.id], self.tools.clock.now()
        if closed_problem(desired, planned, now) is None:
            return planned
        only = urgent_now(desired.policy.updates, planned, now)
        again = self.plan((desired.site.id,), only=only, healed=self.healed).sites[0]
        return urgent_part(planned, again)

    def _standing(self, desired: DesiredState) -> tuple[Standing, str]:
        planned, now = self._planned[desired.site.id], self.tools.clock.now()
        decided = self.approvals is not None and self.approvals.covers(planned)
        return standing(desired, planned, now, decided=decided)

    def _is_open(self, desired: DesiredState) -> bool:
        planned = self._planned[desired.site.id]
        return bool(planned.changes) or any(noted.sort == "waits" for noted in planned.noted)

    def _look_again(self, sites: Sequence[DesiredState]) -> datetime | None:
        """Until when that holds; None where there was nothing to look at."""
        if not sites:
            return None
        plan = self.plan(_names(sites), healed=self.healed)
        for again in plan.sites:
            self._planned[again.site] = self._judged(again)
        return plan.expires_at


def _may_be_held(planned: SitePlan) -> bool:
    """What could not be seen whole may be held; whose host did not answer would not now either, and
    what is only not agreed to was seen."""
    known = {*OUT_OF_REACH, *NOT_AGREED}
    return bool(planned.refusals) and not any(p.slug in known for p in planned.refusals)


def _names(sites: Sequence[DesiredState]) -> tuple[str, ...]:
    return tuple(desired.site.id for desired in sites)


def healed_before(sites: Sequence[DesiredState], ledger: Ledger) -> Healed:
    """What was put back before: a second time it is a person who moves it, and nobody tugs."""
    wants = {
        desired.site.id: {managed.address: managed.want for managed in desired.managed}
        for desired in sites
        if desired.policy.heal or any(managed.heals for managed in desired.managed)
    }
    found = defaultdict[SiteId, set[Address]](set)
    for run in ledger.that_healed(wants) if wants else ():
        asked = wants[run.site]
        found[run.site] |= {
            change.address
            for change in run.changes
            if change.cause is Cause.DRIFT
            and change.address in asked
            and change.after.satisfies(asked[change.address])
        }
    return {site: frozenset(found[site]) for site in wants}
