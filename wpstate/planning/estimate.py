"""How long visitors will wait and how much room a run needs.

The constants of the frozen time come from script/bench (docs/performance.md): a one-plugin update
on two cores held visitors back for 3 s to 5 s where a site has 1 MB of tables, for 6 s to 10 s
where it has 320 MB, on a quiet machine and on a busy one. They lie between.
"""

from collections.abc import Iterable

from wpstate.model.change import Change
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Estimate
from wpstate.model.state import kind_of
from wpstate.planning.follows import takes_s
from wpstate.planning.looks import asked_in_run
from wpstate.planning.scope import Scope, scope

MAINTENANCE_LIMIT_S = 600
"""Older than this WordPress lets everybody in again (wp_is_maintenance_mode, 7.1)."""
_RESTORE_BASE_S = 15
_RESTORE_BYTES_PER_S = 5_000_000
"""Tables read back on a busy two-core host; a quiet one is four times as fast."""
_MARGIN_S = 45
_AIM_S = 10.0
"""Tables that the changes cannot touch are dumped under a freeze that lasts this long at most."""
_BASE_S = 3.2
_CORE_S = 2.0
_LOOK_S = 0.06
_DATABASE_S_PER_BYTE = 1.15e-8
_COMPRESSED_CODE = 0.45
_COMPRESSED_DATABASE = 0.25
_STAGED_COPIES = 2
"""A core update keeps the new and the old code beside each other until the verdict."""


def estimate(
    desired: DesiredState, observed: ObservedState, changes: tuple[Change, ...]
) -> Estimate:
    """Frozen seconds and bytes for these changes; zeros where there is nothing to do."""
    limit_s = desired.policy.freeze.at_most_s
    if not changes:
        return Estimate(0.0, 0, observed.free_bytes, limit_s)
    database_bytes = observed.database.size_bytes if observed.database else 0
    code_bytes = observed.code_bytes or 0
    core = _changes_core(changes)
    tables = table_scope(desired, observed, changes)
    frozen_s = frozen_for_s(desired, observed, changes, tables)
    snapshot_bytes = int(code_bytes * _COMPRESSED_CODE + database_bytes * _COMPRESSED_DATABASE)
    needed = snapshot_bytes + (code_bytes * _STAGED_COPIES if core else code_bytes // 4)
    free_after = None if observed.free_bytes is None else observed.free_bytes - needed
    copied_bytes = database_bytes - tables.frozen_bytes
    return Estimate(round(frozen_s, 1), snapshot_bytes, free_after, limit_s, copied_bytes)


def table_scope(
    desired: DesiredState,
    observed: ObservedState,
    changes: tuple[Change, ...],
    named: Iterable[str] = (),
) -> Scope:
    """The tables dumped under the freeze; `named` as planning.scope has it."""
    spare_s = min(_AIM_S, desired.policy.freeze.at_most_s) - _fixed_s(desired, observed, changes)
    room_bytes = int(max(0.0, spare_s) / _DATABASE_S_PER_BYTE)
    return scope(observed.database, changes, room_bytes, named=named)


def frozen_for_s(
    desired: DesiredState, observed: ObservedState, changes: tuple[Change, ...], tables: Scope
) -> float:
    """How long visitors wait where these tables are dumped under the freeze. No changes: a rollback
    by hand."""
    fixed_s = _fixed_s(desired, observed, changes)
    return fixed_s + _DATABASE_S_PER_BYTE * tables.frozen_bytes


def _fixed_s(desired: DesiredState, observed: ObservedState, changes: tuple[Change, ...]) -> float:
    core_s = _CORE_S if _changes_core(changes) else 0.0
    looks = len(desired.looks) * 2 + len(asked_in_run(desired, observed, changes))
    return _BASE_S + core_s + takes_s(changes) + _LOOK_S * looks


def _changes_core(changes: tuple[Change, ...]) -> bool:
    return any(kind_of(change.address) == "core" for change in changes)


def confirm_within_s(tables_bytes: int) -> int:
    """Seconds from the freeze until the host restores by itself if nobody confirmed the run.

    `tables_bytes`: what a rollback may have to put back, the tables dumped under the freeze.
    WordPress ends a maintenance mode after ten minutes, and a restore must be over by then. May be
    zero or less: such a site leaves no room for a frozen run.
    """
    return int(MAINTENANCE_LIMIT_S - restore_for_s(tables_bytes) - _MARGIN_S)


def restore_for_s(tables_bytes: int) -> float:
    """How long putting these tables back may take on a busy host."""
    return _RESTORE_BASE_S + tables_bytes / _RESTORE_BYTES_PER_S
