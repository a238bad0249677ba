"""Before the freeze: copies the tables that are too large to be dumped while visitors wait."""

from wpstate.model.problem import Refused
from wpstate.model.state import kind_of, name_of
from wpstate.planning.estimate import frozen_for_s, table_scope
from wpstate.ports import SafetyNet
from wpstate.workflows.attempt import Attempt

_MIB = 1 << 20


def copy_large_tables(attempt: Attempt, net: SafetyNet, touched: tuple[str, ...] = ()) -> None:
    """Decide what is dumped under the freeze, and copy the rest now.

    The plan knew the names of the components; here their code is on the host and tells which tables
    it uses. `touched`: tables that will be written for another reason.

    Raises Refused (`plan.freeze_limit`), Failed (`snapshot.*`, `database.*`); visitors noticed
    nothing.
    """
    desired, seen = attempt.desired, attempt.before_changes
    attempt.tables = table_scope(desired, seen, attempt.changes, touched)
    if not attempt.tables.before:
        return
    plugins = tuple(name_of(c.address) for c in attempt.changes if kind_of(c.address) == "plugins")
    named = net.named_tables(plugins)
    attempt.tables = tables = table_scope(desired, seen, attempt.changes, (*touched, *named))
    frozen_s = frozen_for_s(desired, seen, attempt.changes, tables)
    limit_s = desired.policy.freeze.at_most_s
    if frozen_s > limit_s:
        raise Refused(
            [
                attempt.problem(
                    "plan.freeze_limit",
                    "visitors would wait longer than allowed",
                    f"about {frozen_s:.0f} s, the limit is {limit_s} s; the code of these changes "
                    f"names {tables.touched_bytes // _MIB} MiB of tables",
                    "what the changes can touch is dumped while visitors wait",
                    "raise freeze.at_most for this site, or apply fewer changes with --only KEY",
                )
            ]
        )
    if tables.before:
        net.copy_tables(tables.before)
