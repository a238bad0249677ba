"""A plan is whole: after its changes nothing is left to do; undone, the site is as it was seen."""

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import desired, managed, observed
from wpstate.model.state import ABSENT, State
from wpstate.planning.compare import compare
from wpstate.planning.order import ordered
from wpstate.planning.simulate import simulate, undo

# Kinds whose names are free; what others can do depends on the host (their own tests).
_KINDS = ("plugins", "themes", "options", "constants", "users")
_NAMES = st.sampled_from([f"{kind}.{name}" for kind in _KINDS for name in ("a", "b")])
_VERSIONS = st.sampled_from([None, "1.0", "1.1", "2.0-beta"])
_VALUES = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "on", "x"]))
_SEEN = st.builds(State, version=_VERSIONS, active=st.sampled_from([None, True, False]),
                  value=_VALUES)  # fmt: skip
_WANTED = st.one_of(st.just(ABSENT), _SEEN)


@given(
    wanted=st.dictionaries(_NAMES, _WANTED, max_size=8),
    seen=st.dictionaries(_NAMES, _SEEN, max_size=8),
    applied=st.one_of(st.none(), st.dictionaries(_NAMES, _WANTED, max_size=8)),
)
def test_simulating_a_plan_leaves_nothing_to_do_and_undoing_gives_back_what_was_seen(
    wanted: dict[str, State], seen: dict[str, State], applied: dict[str, State] | None
) -> None:
    asked = desired(*(managed(address, want) for address, want in wanted.items()))
    before = observed(seen, applied=applied)
    changes = ordered(compare(asked, before, heal_all=True).changes)
    after = simulate(before, changes)
    assert compare(asked, after, heal_all=True).changes == ()
    assert undo(after, changes) == before
    changed = {change.address for change in changes}
    assert all(after.state(address).satisfies(wanted[address]) for address in changed)
