"""Lets quarantined changes of a site be tried again. Applying them is left to apply."""

from collections.abc import Collection

from wpstate.model.desired import DesiredState
from wpstate.model.problem import Failed, Problem, UsageError
from wpstate.model.run_id import new_run_id
from wpstate.model.state import Address, Json, State
from wpstate.planning.build import build
from wpstate.ports import Observer
from wpstate.resources.nearest import nearest
from wpstate.workflows.attempt import Attempt, giving_back
from wpstate.workflows.phases import PhaseLog
from wpstate.workflows.records import quarantine_record
from wpstate.workflows.take_lock import take_lock
from wpstate.workflows.tools import Tools

Entries = tuple[tuple[Address, State], ...]


def quarantined(desired: DesiredState, observer: Observer) -> Entries:
    """What is not tried again on this site until git asks for something else. Raises Failed
    (`release.unseen`)."""
    site = desired.site
    seen = observer.observe([desired])[site.id]
    if seen.paths is None:
        raise Failed(
            Problem("release.unseen", "the site could not be seen", key=site.id, found=fault.detail)
            for fault in seen.faults
        )
    return seen.applied.quarantined


def release_site(desired: DesiredState, tools: Tools, keys: Collection[str]) -> Entries:
    """Drop these entries under the site's lock; return what stays quarantined.

    Raises UsageError (`usage.quarantine`) for a key that is not quarantined, Refused
    (`run.locked`).
    """
    now = tools.clock.now()
    plan = build("release", "", [], revision=None, dirty=False, now=now)
    run = new_run_id(now)
    log = PhaseLog(desired.site.id, run, tools.clock, tools.progress)
    attempt = Attempt(plan, None, desired, tools, log, run, started_at=now)
    net, _ = take_lock(attempt)
    with giving_back(net.release):
        # Read again under the lock: another run may have added some meanwhile.
        entries = quarantined(desired, tools.observer)
        known = {str(address) for address, _ in entries}
        unknown = [key for key in keys if key not in known]
        if unknown:
            raise UsageError(_not_there(desired, key, known) for key in unknown)
        kept = tuple((address, state) for address, state in entries if address not in keys)
        record: Json = {"quarantine": quarantine_record(dict(kept))}
        net.record(record)
    return kept


def _not_there(desired: DesiredState, key: str, known: Collection[str]) -> Problem:
    near = nearest(key, known)
    return Problem(
        "usage.quarantine",
        "this key is not quarantined",
        key=desired.site.id,
        found=key,
        why="only what a rollback put aside can be released",
        mend=f"did you mean {near}?" if near else f"wpstate release {desired.site.id}",
    )
