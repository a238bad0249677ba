"""Since when a site has what was applied: what later rings wait for."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from tests.builders import NOW, desired, managed, observed, version
from wpstate.model.state import Address, State
from wpstate.planning.build import build
from wpstate.reaching import Unwatched
from wpstate.workflows.attempt import Attempt
from wpstate.workflows.phases import PhaseLog
from wpstate.workflows.records import applied_record, unapplied_record
from wpstate.workflows.tools import Tools

OLD, NEW = version("1.0"), version("1.1")
X, Y = Address("plugins.x"), Address("plugins.y")
LONG_AGO = NOW - timedelta(days=9)


def _attempt(x: State, *, applied: State, since: dict[Address, datetime]) -> Attempt:
    """A run on a site with x so; y is as it was applied."""
    asked = desired(managed(X, NEW), managed(Y, OLD))
    seen = observed({X: x, Y: OLD}, applied={X: applied, Y: OLD})
    at = LONG_AGO + timedelta(days=1)
    seen = replace(seen, applied=replace(seen.applied, at=at, since=tuple(since.items())))
    plan = build(
        "p", "f", [(asked, seen)], revision=None, dirty=False, now=NOW, only=("plugins.*",)
    )
    tools = cast("Tools", SimpleNamespace(clock=SimpleNamespace(now=lambda: NOW), controller="me"))
    log = PhaseLog(asked.site.id, "r", tools.clock, Unwatched())
    attempt = Attempt(plan, plan.sites[0], asked, tools, log, "r", started_at=NOW)
    attempt.seen = seen
    return attempt


def _since(record: Any) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(at) for name, at in record["applied"]["since"].items()}


def test_what_a_run_brings_is_new_and_all_else_as_old_as_it_was() -> None:
    attempt = _attempt(OLD, applied=OLD, since={X: LONG_AGO, Y: LONG_AGO})
    assert _since(applied_record(attempt)) == {X: NOW, Y: LONG_AGO}


def test_what_was_recorded_before_ages_were_is_as_old_as_that_record() -> None:
    attempt = _attempt(OLD, applied=OLD, since={})
    assert _since(applied_record(attempt)) == {X: NOW, Y: LONG_AGO + timedelta(days=1)}


def test_drift_that_is_put_back_proves_itself_anew() -> None:
    attempt = _attempt(OLD, applied=NEW, since={X: LONG_AGO, Y: LONG_AGO})
    assert _since(applied_record(attempt)) == {X: NOW, Y: LONG_AGO}


def test_what_is_undone_after_all_is_as_old_as_before() -> None:
    attempt = _attempt(OLD, applied=NEW, since={X: LONG_AGO, Y: LONG_AGO})
    undone = unapplied_record(attempt, (), whole=True)
    assert _since(undone) == {X: LONG_AGO, Y: LONG_AGO}


def _patched(record: Any) -> set[str]:
    return set(record["applied"]["patched"])


def test_what_a_patch_went_past_is_remembered_until_a_run_brings_it_about() -> None:
    attempt = _attempt(OLD, applied=OLD, since={})
    one = replace(attempt.desired.managed[0], patches=OLD)
    attempt.desired = replace(attempt.desired, managed=(one, *attempt.desired.managed[1:]))
    assert _patched(applied_record(attempt)) == {X}
    assert attempt.seen is not None
    before = replace(attempt.seen.applied, patched=((X, OLD), (Address("plugins.z"), OLD)))
    attempt.seen = replace(attempt.seen, applied=before)
    assert _patched(unapplied_record(attempt, (), whole=True)) == {X, "plugins.z"}
    # Later git asks for it: the run that confirms it forgets.
    attempt.desired = desired(managed(X, NEW), managed(Y, OLD))
    assert _patched(applied_record(attempt)) == {"plugins.z"}
