"""What a run leaves in the site's state folder on its host, as the safety net writes it."""

from collections.abc import Container
from dataclasses import asdict

from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.run import Outcome
from wpstate.model.state import Address, Json, State
from wpstate.planning.by_rule import with_rules
from wpstate.planning.follows import expected, follows_of
from wpstate.workflows.attempt import Attempt


def applied_record(attempt: Attempt) -> Json:
    """Last-applied values of everything that desired state names, the used plan, the summary.

    What is managed and was not changed in this run keeps its former value: only what a run
    confirmed is ours.
    """
    confirmed: dict[Address, State] = {}
    for managed in with_rules(attempt.desired, attempt.before_changes).managed:
        seen = attempt.before_changes.state(managed.address)
        if seen.satisfies(managed.want):
            confirmed[managed.address] = seen
    for one in follows_of(attempt.changes):
        if one.in_background is None:
            confirmed[one.address] = one.after
    for change in attempt.changes:
        confirmed[change.address] = change.after
    values = dict(attempt.before_changes.applied.values) | confirmed
    done = expected(attempt.changes)
    quarantined = [
        (address, want)
        for address, want in attempt.before_changes.applied.quarantined
        if address not in done
    ]
    return {
        "applied": _applied(attempt, values, anew={change.address for change in attempt.changes})
        | {"stood": _stood(attempt, confirmed), "patched": _patched(attempt, confirmed)},
        "plan": attempt.plan.id,
        "summary": _summary(attempt, Outcome.APPLIED, ()),
        "quarantine": quarantine_record(dict(quarantined)),
    }


def rolled_back_record(
    attempt: Attempt, reasons: tuple[Problem, ...], *, whole: bool = True
) -> Json:
    """The summary, the used plan, and the changes that are not to be tried again. Not `whole`:
    rows had to stay, or visitors do not see the site as before."""
    quarantined = dict(attempt.before_changes.applied.quarantined)
    asked = with_rules(attempt.desired, attempt.before_changes)
    wants = {m.address: m.want for m in asked.managed}
    # An interrupt says nothing against the changes themselves.
    for change in attempt.changes if reasons else ():
        quarantined[change.address] = wants.get(change.address, change.after)
    return {
        "applied": None,
        "plan": attempt.plan.id,
        "summary": _summary(
            attempt, attempt.undone_as if whole else Outcome.NEEDS_ATTENTION, reasons
        ),
        "quarantine": quarantine_record(quarantined),
    }


def unapplied_record(attempt: Attempt, reasons: tuple[Problem, ...], *, whole: bool) -> Json:
    """The same after the verdict was settled: what was applied before counts again."""
    before = dict(attempt.before_changes.applied.values)
    undone = rolled_back_record(attempt, reasons, whole=whole)
    again = {"stood": _stood(attempt, ()), "patched": _patched(attempt, ())}
    return {**undone, "applied": _applied(attempt, before) | again}


def by_hand_record(
    attempt: Attempt, after: ObservedState, to: str, outcome: Outcome = Outcome.ROLLED_BACK
) -> Json:
    """After a rollback or a restore by hand: the site as it is counts as applied, and
    what git still asks otherwise waits until it asks for something else."""
    asked = with_rules(attempt.desired, after)
    looked_at = [m for m in asked.managed if not m.visited]
    values = {m.address: after.state(m.address) for m in looked_at}
    undone = {
        m.address: m.want
        for m in looked_at
        if not values[m.address].satisfies(m.want)
        and attempt.before_changes.state(m.address) != values[m.address]
    }
    return {
        "applied": _applied(attempt, values),
        "plan": None,
        "summary": {**_summary(attempt, outcome, ()), "to": to},
        "quarantine": quarantine_record(dict(attempt.before_changes.applied.quarantined) | undone),
    }


def claimed_record(attempt: Attempt) -> Json:
    """A site that begins anew where it is: nothing was applied here yet."""
    return {"applied": _applied(attempt, {}), "quarantine": quarantine_record({})}


def _patched(attempt: Attempt, confirmed: Container[Address]) -> Json:
    """What git asked of what patches changed past it: of earlier ones until a run confirms or
    changes it, of this one's own changes from now on."""
    kept = {
        address: asked
        for address, asked in attempt.before_changes.applied.patched
        if address not in confirmed
    }
    for managed in attempt.desired.managed:
        if managed.patches is not None and managed.address in confirmed:
            kept[managed.address] = managed.patches
    return {str(address): _state(asked) for address, asked in sorted(kept.items())}


def _stood(attempt: Attempt, confirmed: Container[Address]) -> Json:
    """Drift that stays keeps the time after which records explain it."""
    before = attempt.before_changes.applied
    earlier = dict(before.stood)
    at = {address: earlier.get(address, before.at) for address, _ in before.values}
    return {
        str(address): time.isoformat()
        for address, time in sorted(at.items())
        if time is not None and address not in confirmed
    }


def _applied(
    attempt: Attempt, values: dict[Address, State], *, anew: Container[Address] = ()
) -> Json:
    """`anew`: what this run brought. Drift that it put back has not been there since the first."""
    now, before = attempt.tools.clock.now(), attempt.before_changes.applied
    were, since = dict(before.values), dict(before.since)
    return {
        "format": 1,
        "run": attempt.run,
        "at": now.isoformat(),
        "values": {address: _state(state) for address, state in sorted(values.items())},
        "since": {
            str(address): (
                since.get(address, before.at or now)
                if were.get(address) == state and address not in anew
                else now
            ).isoformat()
            for address, state in sorted(values.items())
        },
        "fingerprint": asdict(here) if (here := attempt.before_changes.fingerprint) else None,
    }


def _summary(attempt: Attempt, outcome: Outcome, reasons: tuple[Problem, ...]) -> Json:
    return {
        "run": attempt.run,
        "plan": attempt.plan.id,
        "outcome": outcome.value,
        "controller": attempt.tools.controller,
        "started_at": attempt.started_at.isoformat(),
        "changes": [
            {
                "address": c.address,
                "action": c.action.value,
                "before": _state(c.before),
                "after": _state(c.after),
            }
            for c in attempt.changes
        ],
        "in_background": list(attempt.in_background) if outcome is Outcome.APPLIED else [],
        "reasons": [{"slug": p.slug, "found": p.found} for p in reasons],
        "caches": [
            {"name": p.cache.name, "proven": p.proven, "detail": p.detail} for p in attempt.purged
        ],
    }


def quarantine_record(changes: dict[Address, State]) -> Json:
    """quarantine.json: what is not tried again until git asks for something else."""
    return {
        "format": 1,
        "changes": {str(address): _state(state) for address, state in changes.items()},
    }


def _state(state: State) -> Json:
    return {
        "present": state.present,
        "version": state.version,
        "active": state.active,
        "value": state.value,
    }
