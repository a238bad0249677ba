"""A pass goes ring by ring, does only what policy lets nobody decide, and stops where it goes
wrong."""

from dataclasses import replace
from datetime import time

import pytest

from tests.builders import NOW, desired, managed, observed, version
from wpstate.model.desired import DesiredState, Fleet, Policy
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.reconciled import Standing
from wpstate.model.run import Outcome, Run
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.model.updates import Ring, Updates, Window
from wpstate.planning.build import build_site
from wpstate.planning.turns import halt, standing, turns, urgent_part

OLD, NEW = version("1.0"), version("1.1")
NIGHTS = Window(frozenset({1}), time(2), time(5), "UTC", "tue 02:00-05:00 UTC")
APPLIES = Policy(applies=True)


def judged(
    policy: Policy, seen: ObservedState | None = None, *, waiting: str | None = None
) -> tuple[Standing, str]:
    asked = desired(managed("plugins.x", NEW), policy=policy)
    seen = seen or observed({"plugins.x": OLD})
    told = {Address("plugins.x"): waiting} if waiting else {}
    return standing(asked, build_site(asked, seen, waiting=told), NOW)


def test_a_site_that_is_not_asked_to_is_not_changed() -> None:
    assert judged(Policy()) == (Standing.REPORTED, "plugins.x pending; mode: observe")
    assert judged(APPLIES) == (Standing.DUE, "plugins.x")


def test_in_sync_is_in_sync_in_any_mode() -> None:
    assert judged(Policy(), observed({"plugins.x": NEW})) == (Standing.IN_SYNC, "")


def test_outside_its_window_a_site_waits() -> None:
    word, why = judged(replace(APPLIES, updates=Updates((NIGHTS,))))
    assert word is Standing.WAITS
    assert "outside tue 02:00-05:00 UTC" in why


def test_what_other_sites_must_prove_first_waits() -> None:
    assert judged(APPLIES, waiting="a has it not yet") == (
        Standing.WAITS,
        "plugins.x: a has it not yet",
    )


def test_drift_is_told() -> None:
    drifted = observed({"plugins.x": OLD}, applied={"plugins.x": NEW})
    next_step = "wpstate adopt, revert or exempt shop plugins.x"
    told = f"for you to decide: plugins.x; {next_step}"
    assert judged(APPLIES, drifted) == (Standing.REPORTED, told)


def test_what_was_put_back_before_is_told_the_second_time() -> None:
    asked = desired(managed("plugins.x", NEW), policy=replace(APPLIES, heal=("plugins.x",)))
    drifted = observed({"plugins.x": OLD}, applied={"plugins.x": NEW})
    once = build_site(asked, drifted)
    again = build_site(asked, drifted, healed=frozenset({Address("plugins.x")}))
    assert standing(asked, once, NOW)[0] is Standing.DUE
    assert standing(asked, again, NOW)[0] is Standing.REPORTED
    assert "put back before" in again.noted[0].text


def test_what_is_urgent_goes_alone_only_as_the_pass_saw_it() -> None:
    policy = replace(APPLIES, updates=Updates((NIGHTS,), security_within_s=0))
    asked = desired(managed("plugins.x", NEW), managed("plugins.y", NEW), policy=policy)
    seen = observed({"plugins.x": OLD, "plugins.y": OLD})
    planned = build_site(asked, seen)
    named = build_site(asked, seen, only=("plugins.x",))
    assert urgent_part(planned, named) == named
    # Named, it would be put back even where a person took it away in the meantime.
    moved = observed({"plugins.y": OLD}, applied={"plugins.x": NEW})
    named = build_site(asked, moved, only=("plugins.x",))
    assert [change.address for change in named.changes] == ["plugins.x"]
    told = urgent_part(planned, named)
    assert [problem.slug for problem in told.refusals] == ["plan.stale"]


def test_a_site_that_cannot_be_seen_is_refused() -> None:
    dark = replace(observed({}), faults=(Fault("timeout", "no answer"),))
    word, why = judged(APPLIES, dark)
    assert word is Standing.REFUSED
    assert why.startswith("observe.timeout")


def _fleet(*rings: Ring, halt_after: float = 1) -> Fleet:
    return Fleet("f", "", "", (), rings=rings, halt_after=halt_after)


def _in(ring: str | None, name: str) -> DesiredState:
    asked = desired(policy=Policy(updates=Updates(ring=ring)))
    return replace(asked, site=replace(asked.site, id=SiteId(name)))


def test_rings_go_in_their_order() -> None:
    sites = [_in("late", "a"), _in("first", "b"), _in(None, "c"), _in("first", "d")]
    order = turns(_fleet(Ring("first"), Ring("late")), sites)
    assert [[d.site.id for d in ring] for ring in order] == [["b", "d"], ["a", "c"]]
    assert [[d.site.id for d in ring] for ring in turns(_fleet(), sites)] == [["a", "b", "c", "d"]]


def _run(outcome: Outcome) -> Run:
    return Run("r", SiteId("shop"), "p", outcome, NOW, 1.0, None, (), (), (), ())


@pytest.mark.parametrize("outcome", [Outcome.ROLLED_BACK, Outcome.FAILED, Outcome.NEEDS_ATTENTION])
def test_the_first_run_that_goes_wrong_stops_a_pass(outcome: Outcome) -> None:
    why = halt(_fleet(), 5, [_run(Outcome.APPLIED), _run(outcome)])
    assert why == f"shop {outcome.value}; halt_after: 1"


def test_what_was_refused_or_went_well_stops_nothing() -> None:
    assert halt(_fleet(), 5, [_run(Outcome.APPLIED), _run(Outcome.REFUSED)]) is None


def test_a_pass_stops_at_a_number_or_a_share() -> None:
    bad = _run(Outcome.ROLLED_BACK)
    assert halt(_fleet(halt_after=2), 50, [bad]) is None
    assert halt(_fleet(halt_after=2), 50, [bad, bad])
    assert halt(_fleet(halt_after=0.1), 50, [bad] * 4) is None
    assert halt(_fleet(halt_after=0.1), 50, [bad] * 5)
    # A share of few sites is still at least one.
    assert halt(_fleet(halt_after=0.1), 3, []) is None
    assert halt(_fleet(halt_after=0.1), 3, [bad])
