"""An urgent patch is for each site that has the plugin, whoever's it is, and asks nothing else."""

from dataclasses import replace

import pytest

from tests.builders import NOW, SPAN, desired, managed, observed, version
from wpstate.model.change import Action
from wpstate.model.desired import Artifact, LeftAlone, Policy
from wpstate.model.identity import Identity
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.patch import Patch
from wpstate.model.reconciled import Standing
from wpstate.model.state import ABSENT, Address, State
from wpstate.model.updates import Closure, Ring, Updates
from wpstate.planning.build import build, build_site
from wpstate.planning.compare import compare
from wpstate.planning.patch import has_it, hurried, left_alone, patched, whose

X = Address("plugins.x")
OLD, FIX = version("1.0"), version("1.1")
BYTES = Artifact("plugins", "x", "1.1", "wordpress.org", "0" * 64)
PATCH = Patch(X, State(version="1.1"), BYTES)
OFF = Patch(X, State(active=False))
ONLY = ("plugins.x",)
CLOSED = Updates(closed=(Closure(NOW.date(), NOW.date(), "UTC", "holidays"),), ring="late")


def _seen(at: State, *, author: str = "Ana", domain: str = "x") -> ObservedState:
    seen = observed({"plugins.x": at, "plugins.y": OLD})
    (x, y) = seen.plugins
    who = Identity(author, domain, "")
    return replace(seen, plugins=(replace(x, identity=who), y))


def test_it_is_planned_where_the_plugin_is_managed_the_clients_or_nobodys() -> None:
    for asked, owner in (
        (desired(managed("plugins.x", OLD), managed("plugins.y", FIX)), "managed"),
        (desired(left_alone=(LeftAlone(X, "client", SPAN),)), "client"),
        (desired(), "unmanaged"),
    ):
        assert whose(asked, PATCH) == owner
        assert left_alone(asked, _seen(OLD), PATCH, None) is None
        plan = build_site(patched(asked, PATCH, now=False), _seen(OLD), only=ONLY)
        assert [(c.address, c.action, c.artifact) for c in plan.changes] == [
            (X, Action.UPDATE, BYTES)
        ]
        assert plan.refusals == ()


def test_what_is_inactive_stays_so_and_what_is_off_needs_no_bytes() -> None:
    asked = desired(managed("plugins.x", version("1.0", active=False)))
    inactive = _seen(version("1.0", active=False))
    (change,) = build_site(patched(asked, PATCH, now=False), inactive, only=ONLY).changes
    assert change.after == version("1.1", active=False)
    assert left_alone(asked, inactive, OFF, None) == (Standing.IN_SYNC, "switched off already")
    (change,) = build_site(patched(desired(), OFF, now=False), _seen(OLD), only=ONLY).changes
    assert (change.action, change.artifact) == (Action.DEACTIVATE, None)


def test_no_window_is_waited_for_where_it_cannot_wait() -> None:
    asked = desired(managed("plugins.x", OLD), policy=Policy(updates=CLOSED))
    waits, goes = (patched(asked, PATCH, now=now).policy for now in (False, True))
    assert waits.updates == CLOSED
    assert goes.updates == Updates(ring="late")
    assert waits.applies
    assert goes.applies


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (FIX, "has this version already"),
        (version("1.1", active=False), "has this version already"),
        (version("1.10"), "newer already: 1.10"),
    ],
)
def test_nothing_is_downgraded(found: State, told: str) -> None:
    assert left_alone(desired(), _seen(found), PATCH, None) == (Standing.IN_SYNC, told)


def test_who_could_not_be_asked_is_told() -> None:
    unseen = replace(observed({}), faults=(Fault("unreachable", "no route"),))
    assert has_it(unseen, PATCH)
    assert not has_it(observed({"plugins.y": OLD}), PATCH)
    left = left_alone(desired(), unseen, PATCH, None)
    assert left == (
        Standing.REFUSED,
        "observe.unreachable: nobody knows whether it has the plugin",
    )


def test_what_somebody_else_installs_and_what_was_rolled_back_is_left() -> None:
    host = replace(managed("plugins.x", OLD), applies=False, label="composer")
    left = left_alone(desired(host), _seen(OLD), PATCH, None)
    assert left == (Standing.REPORTED, "composer installs it there, wpstate never does")
    seen = _seen(OLD)
    away = replace(seen.applied, quarantined=((X, State(version="1.1")),))
    left = left_alone(desired(), replace(seen, applied=away), PATCH, None)
    assert left == (
        Standing.REPORTED,
        "1.1 was rolled back here: wpstate release shop plugins.x",
    )


def test_another_plugin_of_the_same_name_is_never_replaced() -> None:
    new = Identity("Ana", "x", "")
    assert left_alone(desired(), _seen(OLD), PATCH, new) is None
    ours = _seen(OLD, author="The agency")
    left = left_alone(desired(), ours, PATCH, new)
    assert left == (
        Standing.REFUSED,
        'another plugin of this name: author "The agency" in place of "Ana"',
    )
    # Of what the catalog names, authors may call themselves otherwise.
    assert left_alone(desired(), ours, PATCH, replace(new, author=None)) is None
    other = _seen(OLD, domain="y")
    assert left_alone(desired(), other, PATCH, replace(new, author=None)) is not None


def test_rings_wait_for_minutes() -> None:
    rings = (Ring("canary"), Ring("early", 60), Ring("rest", 86_400, 0.5))
    assert hurried(rings, 120) == (rings[0], rings[1], Ring("rest", 120, 0.5))


def test_what_went_past_git_is_told_until_git_asks_for_something_else() -> None:
    """Else the next pass would bring the hole back: what a run left is as good as in git."""
    seen = observed({"plugins.x": FIX}, applied={"plugins.x": FIX})
    asked = desired(managed("plugins.x", OLD))
    assert [c.action for c in compare(asked, seen).changes] == [Action.DOWNGRADE]
    past = replace(seen, applied=replace(seen.applied, patched=((X, OLD),)))
    told = compare(asked, past, heal_all=True)
    assert told.changes == ()
    assert [(n.sort, n.asked) for n in told.noted] == [("patched", OLD)]
    assert compare(desired(managed("plugins.x", FIX)), past).changes == ()
    assert compare(desired(managed("plugins.x", version("0.9"))), past).changes
    assert compare(asked, past, only=ONLY).changes


def test_only_what_git_asks_less_for_is_remembered() -> None:
    def past(asked: State) -> State | None:
        return patched(desired(managed("plugins.x", asked)), PATCH, now=True).managed[0].patches

    assert past(OLD) == OLD
    assert past(FIX) is None
    # What git asks beside that goes on: a newer version, or that it goes.
    assert past(version("2.0")) is None
    assert past(ABSENT) is None
    assert patched(desired(), PATCH, now=True).managed[0].patches is None


def test_a_plan_holds_for_the_patched_site_alone() -> None:
    """Bound to what is asked, as any plan: another patch's plan is stale."""
    asked = patched(desired(managed("plugins.x", OLD)), PATCH, now=True)
    one = build("p", "f", [(asked, _seen(OLD))], revision=None, dirty=False, now=NOW, only=ONLY)
    other = patched(desired(managed("plugins.x", OLD)), OFF, now=True)
    two = build("p", "f", [(other, _seen(OLD))], revision=None, dirty=False, now=NOW, only=ONLY)
    assert one.sites[0].digests.desired != two.sites[0].digests.desired
