"""The three-state rule, as a table of who moved."""

import pytest

from tests.builders import SPAN, desired, managed, observed, replace, version
from wpstate.model.change import Action, Cause
from wpstate.model.desired import LeftAlone, Policy
from wpstate.model.state import ABSENT, Address, State
from wpstate.planning.compare import action_of, compare
from wpstate.planning.digest import desired_digest

OLD, NEW, OTHER = version("1.0"), version("1.1"), version("0.9")


@pytest.mark.parametrize(
    ("want", "seen", "applied", "expected"),
    [
        (NEW, OLD, None, ("change", Cause.PENDING)),
        (NEW, OLD, OLD, ("change", Cause.PENDING)),
        (OLD, NEW, OLD, ("noted", "drift")),
        (NEW, OTHER, OLD, ("noted", "conflict")),
        (NEW, NEW, OLD, ("noted", "converged")),
        (NEW, NEW, NEW, ("nothing", None)),
        (NEW, ABSENT, NEW, ("noted", "drift")),
        (ABSENT, OLD, None, ("change", Cause.PENDING)),
        (ABSENT, OLD, ABSENT, ("noted", "drift")),
        (ABSENT, ABSENT, ABSENT, ("nothing", None)),
    ],
)
def test_who_moved(
    want: State, seen: State, applied: State | None, expected: tuple[str, object]
) -> None:
    comparison = compare(
        desired(managed("plugins.x", want)),
        observed(
            {"plugins.x": seen} if seen.present else {},
            applied=None if applied is None else {"plugins.x": applied},
        ),
    )
    found: tuple[str, object] = ("nothing", None)
    if comparison.changes:
        found = ("change", comparison.changes[0].cause)
    elif comparison.noted:
        found = ("noted", comparison.noted[0].sort)
    assert found == expected


def test_drift_becomes_a_change_where_heal_names_it() -> None:
    site = observed({"plugins.x": NEW}, applied={"plugins.x": OLD})
    healed = compare(desired(managed("plugins.x", OLD), policy=Policy(heal=("plugins.*",))), site)
    assert [(c.cause, c.action) for c in healed.changes] == [(Cause.DRIFT, Action.DOWNGRADE)]
    assert compare(desired(managed("plugins.x", OLD)), site).changes == ()
    assert len(compare(desired(managed("plugins.x", OLD)), site, heal_all=True).changes) == 1


def test_drift_becomes_a_change_where_the_thing_itself_was_declared_so() -> None:
    site = observed({"plugins.x": NEW}, applied={"plugins.x": OLD})
    healed = compare(desired(replace(managed("plugins.x", OLD), heals=True)), site)
    assert [c.cause for c in healed.changes] == [Cause.DRIFT]


def test_what_is_only_looked_at_is_told_with_what_git_asks() -> None:
    looked_at = desired(replace(managed("plugins.x", OLD), applies=False))
    comparison = compare(looked_at, observed({"plugins.x": NEW}), only=("plugins.x",))
    assert comparison.changes == ()
    assert [(n.sort, n.asked, n.state) for n in comparison.noted] == [("drift", OLD, NEW)]


def test_only_limits_the_plan_and_decides_a_conflict() -> None:
    site = observed(
        {"plugins.x": OTHER, "plugins.y": OLD}, applied={"plugins.x": OLD, "plugins.y": OLD}
    )
    both = desired(managed("plugins.x", NEW), managed("plugins.y", NEW))
    changes = compare(both, site, only=("plugins.x",)).changes
    assert [(c.address, c.cause) for c in changes] == [("plugins.x", Cause.CONFLICT)]


def test_a_rolled_back_change_waits_until_git_asks_for_something_else() -> None:
    site = observed({"plugins.x": OLD}, applied={"plugins.x": OLD}, quarantined={"plugins.x": NEW})
    assert compare(desired(managed("plugins.x", NEW)), site).changes == ()
    newer = compare(desired(managed("plugins.x", version("1.2"))), site)
    assert [c.after.version for c in newer.changes] == ["1.2"]


def test_what_nobody_named_is_shown_and_left_alone() -> None:
    left = (LeftAlone(Address("plugins.theirs"), "client", SPAN),)
    site = observed({"plugins.theirs": OLD, "plugins.unknown": OLD})
    comparison = compare(desired(left_alone=left), site)
    assert comparison.changes == ()
    assert [(n.address, n.sort) for n in comparison.noted] == [
        ("plugins.theirs", "client"),
        ("plugins.unknown", "unmanaged"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        (ABSENT, OLD, Action.CREATE),
        (OLD, ABSENT, Action.DELETE),
        (OLD, NEW, Action.UPDATE),
        (version("6.10"), version("6.9"), Action.DOWNGRADE),
        (version("1.0", active=False), OLD, Action.ACTIVATE),
        (OLD, version("1.0", active=False), Action.DEACTIVATE),
        (State(value=58975), State(value=60717), Action.UPDATE),
        (State(value=60717), State(value=58975), Action.DOWNGRADE),
        (State(value="fr_FR"), State(value="en_US"), Action.UPDATE),
    ],
)
def test_action_is_told_by_the_two_ends(before: State, after: State, action: Action) -> None:
    assert action_of(before, after) is action


def test_the_activity_that_nobody_asked_about_stays_as_it_is() -> None:
    site = observed({"plugins.x": version("1.0", active=False)})
    change = compare(desired(managed("plugins.x", version("1.1", active=None))), site).changes[0]
    assert change.after == version("1.1", active=False)


def test_what_is_never_made_is_told_where_it_is_missing() -> None:
    want = replace(managed("plugins.x", OLD), creates=False)
    comparison = compare(desired(want), observed({}))
    assert comparison.changes == ()
    assert [(n.address, n.sort) for n in comparison.noted] == [("plugins.x", "drift")]
    assert len(compare(desired(want), observed({"plugins.x": NEW})).changes) == 1


def test_what_is_told_beside_a_state_is_bound_to_the_plan() -> None:
    leaving = managed("plugins.x", ABSENT)
    told = replace(leaving, besides=(("reassign_to", "agency"),))
    site = observed({"plugins.x": OLD})
    assert compare(desired(told), site).changes[0].besides == (("reassign_to", "agency"),)
    assert desired_digest(desired(told)) != desired_digest(desired(leaving))
