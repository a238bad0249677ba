"""Policy tests on a plan: each returns its typed no, with numbers and what would lift it."""

from collections.abc import Iterable

from wpstate.model.change import Action, Change
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Estimate
from wpstate.model.problem import Problem
from wpstate.model.state import kind_of
from wpstate.planning.copies import copy_problem
from wpstate.planning.estimate import (
    MAINTENANCE_LIMIT_S,
    confirm_within_s,
    frozen_for_s,
    restore_for_s,
    table_scope,
)
from wpstate.planning.host_gates import host_refusals
from wpstate.planning.layout_gates import layout_refusals
from wpstate.planning.scope import Scope
from wpstate.planning.unseen import mend_of
from wpstate.resources.registry import KINDS

_MIB = 1 << 20
_RESERVE_BYTES = 200 * _MIB


def refusals(
    desired: DesiredState,
    observed: ObservedState,
    changes: tuple[Change, ...],
    estimate: Estimate,
) -> tuple[Problem, ...]:
    """Every reason not to apply these changes now. Where there is nothing to apply, only what
    kept us from seeing the site as it will stay (faults, a run that still holds it frozen) and what
    it may not stay as."""
    found = [*_unseen(desired, observed), *_frozen(desired, observed)]
    copied = copy_problem(desired, observed)
    found += [copied] if copied else []
    if not observed.faults:
        for kind in KINDS:
            found += kind.conflicts(desired, observed, changes)
    if changes:
        found += layout_refusals(desired, observed, changes)
        found += _brake(desired, changes)
        found += _unlocked(changes)
        found += _core_downgrade(changes)
        tables = table_scope(desired, observed, changes)
        found += _freeze_limit(desired, tables, estimate)
        found += _budget(desired, tables, estimate)
        found += _space(desired, observed, estimate)
        found += host_refusals(desired, observed, changes)
        for kind in KINDS:
            own = tuple(c for c in changes if kind_of(c.address) == kind.name)
            if own:
                found += kind.refusals(desired, observed, own)
    return tuple(found)


def _unseen(desired: DesiredState, observed: ObservedState) -> Iterable[Problem]:
    for fault in observed.faults:
        yield Problem(
            slug=f"observe.{fault.code}",
            what="the site could not be observed whole",
            key=desired.site.id,
            found=fault.detail,
            why="absence of proof is a refusal: nothing is changed on a site that cannot be seen",
            mend=mend_of(fault, desired.site.id),
        )


def _brake(desired: DesiredState, changes: tuple[Change, ...]) -> Iterable[Problem]:
    policy = desired.policy
    risky = [c for c in changes if c.action in (Action.DELETE, Action.DOWNGRADE)]
    managed = max(len(desired.managed), 1)
    share = len(risky) / managed
    if len(risky) > policy.brake_exempt and share > policy.brake_share:
        yield Problem(
            slug="plan.brake",
            what="the plan deletes or downgrades too much at once",
            key=desired.site.id,
            found=f"{len(risky)} of {managed} managed resources ({share:.0%})",
            why=f"the brake is at {policy.brake_share:.0%} once more than "
            f"{policy.brake_exempt} are concerned",
            mend="apply it in parts with --only KEY, or raise brake: {share: …} in fleet.yml",
        )


def _unlocked(changes: tuple[Change, ...]) -> Iterable[Problem]:
    for change in changes:
        for artifact in change.artifacts:
            if artifact.sha256 is None:
                yield Problem(
                    slug="plan.unlocked",
                    what="the bytes of this version are not locked",
                    where=change.source,
                    key=change.address,
                    found=f"{artifact.slug} {artifact.version}, absent from catalog.lock.yml",
                    why="a plan names the bytes that it installs",
                    mend="wpstate lock",
                )


def _core_downgrade(changes: tuple[Change, ...]) -> Iterable[Problem]:
    for change in changes:
        if change.address == "core.database" and change.action is Action.DOWNGRADE:
            yield Problem(
                slug="plan.core_downgrade",
                what="the database of WordPress cannot go back to an older version",
                where=change.source,
                key=change.address,
                found=f"{change.before.value} → {change.after.value}",
                why="WordPress upgrades its tables one way only",
                mend="ask for a core version of the same database version or newer",
            )


def _freeze_limit(desired: DesiredState, tables: Scope, estimate: Estimate) -> Iterable[Problem]:
    if estimate.frozen_s > estimate.freeze_limit_s:
        yield Problem(
            slug="plan.freeze_limit",
            what="visitors would wait longer than allowed",
            key=desired.site.id,
            found=f"about {estimate.frozen_s:.0f} s, the limit is {estimate.freeze_limit_s} s; "
            f"these changes can touch {tables.touched_bytes // _MIB} MiB of tables",
            why="freeze: {at_most: …} bounds the time in which visitors get 503",
            mend="raise freeze.at_most for this site, or apply fewer changes with --only KEY",
        )


def _budget(desired: DesiredState, tables: Scope, estimate: Estimate) -> Iterable[Problem]:
    room_s = confirm_within_s(tables.frozen_bytes)
    if room_s < 2 * estimate.frozen_s:
        yield Problem(
            slug="plan.freeze_budget",
            what="a rollback might outlast WordPress's own limit on maintenance mode",
            key=desired.site.id,
            found=f"{tables.frozen_bytes // _MIB} MiB of tables leave {max(room_s, 0)} s of "
            f"{MAINTENANCE_LIMIT_S} s for a run of about {estimate.frozen_s:.0f} s",
            why="visitors would be let in while tables are still being put back",
            mend="apply fewer changes with --only KEY",
        )


def rewinding_refusals(
    desired: DesiredState, observed: ObservedState, rewound: tuple[str, ...]
) -> tuple[Problem, ...]:
    """Why a rollback by hand may not rewind these tables: it takes its time under the freeze, and
    undoing it must still fit in."""
    tables = table_scope(desired, observed, (), rewound)
    takes_s = frozen_for_s(desired, observed, (), tables) + restore_for_s(tables.touched_bytes)
    room_s = confirm_within_s(tables.frozen_bytes)
    if takes_s <= room_s:
        return ()
    return (
        Problem(
            slug="plan.freeze_budget",
            what="a rollback might outlast WordPress's own limit on maintenance mode",
            key=desired.site.id,
            found=f"rewinding {tables.touched_bytes // _MIB} MiB of tables may take "
            f"{takes_s:.0f} s; of {MAINTENANCE_LIMIT_S} s {max(room_s, 0)} s are left for it, the "
            "rest is kept for undoing it",
            why="visitors would be let in while tables are still being put back",
            mend=f"wpstate rollback {desired.site.id} without --accept-loss, or of one plugin",
        ),
    )


def _space(desired: DesiredState, observed: ObservedState, estimate: Estimate) -> Iterable[Problem]:
    free = estimate.free_after_bytes
    if free is not None and free < _RESERVE_BYTES:
        yield Problem(
            slug="plan.space",
            what="the host lacks room for the snapshot and the new code",
            key=desired.site.id,
            found=f"{(observed.free_bytes or 0) // _MIB} MiB free, {free // _MIB} MiB after it",
            why=f"{_RESERVE_BYTES // _MIB} MiB must stay free while the run works",
            mend="free space in the account, or remove old snapshots in ~/.wpstate",
        )


def _frozen(desired: DesiredState, observed: ObservedState) -> Iterable[Problem]:
    if observed.frozen_by is not None:
        whose = "another run of wpstate" if observed.frozen_by == "wpstate" else "somebody else"
        yield Problem(
            slug="freeze.foreign",
            what="the site is already in maintenance mode",
            key=desired.site.id,
            found=f".maintenance written by {whose}, younger than ten minutes",
            why="its run may still change the site or put it back",
            mend=f"wait until it ends; if it died: wpstate recover {desired.site.id}"
            if observed.frozen_by == "wpstate"
            else "wait until it ends, then plan again",
        )
