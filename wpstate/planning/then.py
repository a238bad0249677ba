"""What runs had confirmed of a site by some moment, put beside what was asked of it then. Pure: the
revision was composed and the ledger read before."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from wpstate.model.desired import DesiredState
from wpstate.model.run import Outcome, Run
from wpstate.model.state import Address
from wpstate.model.then import AskedThen, Confirmed, RunThen, Then


def then(
    desired: DesiredState,
    runs: Iterable[Run],
    *,
    revision: str,
    committed_at: datetime,
    until: datetime,
) -> Then:
    """`runs`: of this site, in any order. Those that had not ended by then confirmed nothing."""
    began = sorted((r for r in runs if r.started_at <= until), key=lambda r: (r.started_at, r.id))
    known = _confirmed(run for run in began if _ended_at(run) <= until)
    asked = {managed.address: managed for managed in desired.managed}
    last = began[-1] if began else None
    return Then(
        site=desired.site.id,
        revision=revision,
        committed_at=committed_at,
        until=until,
        resources=tuple(
            AskedThen(
                address,
                managed.want if (managed := asked.get(address)) else None,
                managed.span if managed else None,
                managed.label if managed else "",
                known.get(address),
            )
            for address in sorted({*asked, *known})
        ),
        last_run=RunThen(last.id, last.outcome, last.started_at, last.revision) if last else None,
    )


def _confirmed(runs: Iterable[Run]) -> dict[Address, Confirmed]:
    """A run that was rolled back saw what was there before. How one that failed or needs attention
    left a value nobody knows: what was known of it holds no more."""
    known: dict[Address, Confirmed] = {}
    for run in runs:
        for change in run.changes:
            match run.outcome:
                case Outcome.APPLIED:
                    state = change.after
                case Outcome.ROLLED_BACK:
                    state = change.before
                case Outcome.NEEDS_ATTENTION:
                    known.pop(change.address, None)
                    continue
                case _:  # nothing was changed
                    continue
            known[change.address] = Confirmed(state, run.id, _ended_at(run))
    return known


def _ended_at(run: Run) -> datetime:
    return run.started_at + timedelta(seconds=run.took_s)
