"""Whose turn is it in a pass over the fleet, what may be done there, and when does the pass stop.

Pure. Doing it is left to workflows.reconcile.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.observed import OF_HOSTS
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Problem
from wpstate.model.reconciled import Pass, Reconciled, Standing
from wpstate.model.run import Outcome, Run
from wpstate.planning.approved import Approvals
from wpstate.planning.figures import figures
from wpstate.planning.rollout import ring_of
from wpstate.planning.windows import closed_problem, urgent_now

_DECIDED_BY_PEOPLE = (
    "drift", "conflict", "identity", "modified", "quarantined", "patched", "out_of_reach",
    "forbidden",
)  # fmt: skip
_DRIFT = ("drift", "conflict")
_COMMANDS = "adopt, revert or exempt"
_FAILED = (Outcome.ROLLED_BACK, Outcome.NEEDS_ATTENTION, Outcome.FAILED)


def turns(fleet: Fleet, sites: Sequence[DesiredState]) -> tuple[tuple[DesiredState, ...], ...]:
    """The sites ring by ring, each ring in the order given; without rings all at once."""
    if not fleet.rings:
        return (tuple(sites),)
    placed = [(ring_of(desired, fleet.rings), desired) for desired in sites]
    return tuple(
        tuple(desired for at, desired in placed if at == place) for place in range(len(fleet.rings))
    )


def as_planned(
    fleet: Fleet,
    sites: Sequence[DesiredState],
    plan: Plan,
    now: datetime,
    approvals: Approvals | None = None,
) -> Pass:
    """What a pass would begin with, nothing done yet. `plan` is over these sites."""
    judged = approvals.judged if approvals else _as_it_is
    planned = {each.site: judged(each) for each in plan.sites}
    return Pass(
        tuple(
            Reconciled(
                desired.site.id,
                *standing(
                    desired,
                    planned[desired.site.id],
                    now,
                    decided=approvals is not None and approvals.covers(planned[desired.site.id]),
                ),
                ring_name(fleet, desired),
                figures=figures(planned[desired.site.id], None, facts=bool(fleet.facts)),
            )
            for ring in turns(fleet, sites)
            for desired in ring
        ),
        None,
    )


def _as_it_is(planned: SitePlan) -> SitePlan:
    return planned


def ring_name(fleet: Fleet, desired: DesiredState) -> str | None:
    return fleet.rings[ring_of(desired, fleet.rings)].name if fleet.rings else None


def standing(
    desired: DesiredState, planned: SitePlan, now: datetime, *, decided: bool = False
) -> tuple[Standing, str]:
    """What a pass makes of this site, before anything is done, and why. `decided`: by people, who
    need no `mode: apply`."""
    if planned.refusals:
        return Standing.REFUSED, "; ".join(map(_told, planned.refusals))
    if planned.changes:
        if not (desired.policy.applies or decided):
            return Standing.REPORTED, f"{_changes(planned)} pending; mode: observe"
        closed = closed_problem(desired, planned, now)
        if closed is not None and not urgent_now(desired.policy.updates, planned, now):
            return Standing.WAITS, closed.found or closed.what
        return Standing.DUE, _changes(planned)
    waits = [noted for noted in planned.noted if noted.sort == "waits"]
    if waits:
        return Standing.WAITS, "; ".join(f"{noted.address}: {noted.text}" for noted in waits)
    moved = [str(n.address) for n in planned.noted if n.sort in _DECIDED_BY_PEOPLE]
    if moved:
        drifted = [str(n.address) for n in planned.noted if n.sort in _DRIFT]
        named = f"; wpstate {_COMMANDS} {planned.site} {drifted[0]}" if drifted else ""
        return Standing.REPORTED, f"for you to decide: {', '.join(moved)}{named}"
    return Standing.IN_SYNC, ""


def _told(refusal: Problem) -> str:
    """In few words; those about a whole host name it, to be told once for its sites."""
    words = refusal.found if refusal.slug in OF_HOSTS and refusal.found else refusal.what
    return f"{refusal.slug}: {words}"


def urgent_part(planned: SitePlan, named: SitePlan) -> SitePlan:
    """`named` holds what is urgent in `planned`, planned again by its keys. Keys are a person's
    decision over drift and conflicts, and a pass decides nothing: what moved in between is
    refused."""
    known = {(each.address, each.before, each.after, each.cause) for each in planned.changes}
    moved = [
        str(each.address)
        for each in named.changes
        if (each.address, each.before, each.after, each.cause) not in known
    ]
    if not moved:
        return named
    problem = Problem(
        "plan.stale",
        "the site moved while the pass went on",
        key=planned.site,
        found=", ".join(moved),
        why="what a pass may change was decided before",
        mend="nothing: the next pass looks again",
    )
    return replace(named, refusals=(*named.refusals, problem))


def halt(fleet: Fleet, due: int, runs: Sequence[Run]) -> str | None:
    """Why no further site may be changed in this pass; None where it goes on. `due`: how many
    sites it set out to change."""
    failed = [run for run in runs if run.outcome in _FAILED]
    limit = fleet.halt_after
    reached = len(failed) >= limit if isinstance(limit, int) else len(failed) >= limit * due
    if not failed or not reached:
        return None
    named = ", ".join(f"{run.site} {run.outcome.value}" for run in failed)
    return f"{named}; halt_after: {limit if isinstance(limit, int) else f'{limit:.0%}'}"


def _changes(planned: SitePlan) -> str:
    first, more = planned.changes[0].address, len(planned.changes) - 1
    return f"{first} and {more} more" if more else str(first)
