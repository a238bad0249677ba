"""What is new goes ring by ring: a site waits until those before it have it, and have had it long
enough; what was rolled back anywhere goes nowhere."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, desired, managed, observed, version
from wpstate.model.desired import Policy
from wpstate.model.observed import Fault
from wpstate.model.site import SiteId
from wpstate.model.state import ABSENT, Address, State
from wpstate.model.updates import Ring, Updates
from wpstate.planning.build import build
from wpstate.planning.rollout import Pair, ring_of, waiting, witnesses

OLD, NEW = version("1.0"), version("1.1")
X = Address("plugins.x")
RINGS = (Ring("canary"), Ring("early", after_s=86_400), Ring("rest", after_s=2 * 86_400))


def site(
    name: str,
    ring: str | None,
    seen: State,
    *,
    since: datetime | None = None,
    want: State = NEW,
    rolled_back: bool = False,
) -> Pair:
    asked = desired(managed("plugins.x", want), policy=Policy(updates=Updates(ring=ring)))
    named = replace(asked, site=replace(asked.site, id=SiteId(name)))
    away = {"plugins.x": want} if rolled_back else {}
    state = observed({"plugins.x": seen} if seen.present else {}, quarantined=away)
    applied = replace(state.applied, since=((X, since),) if since else ())
    return named, replace(state, site=SiteId(name), applied=applied)


def waits(*pairs: Pair, rings: tuple[Ring, ...] = RINGS) -> dict[str, str]:
    return {name: why[X] for name, why in waiting(rings, pairs, NOW).items()}


def test_without_rings_nobody_waits_but_for_what_was_rolled_back() -> None:
    assert waits(site("a", None, OLD), site("b", None, NEW), rings=()) == {}
    told = waits(site("a", None, OLD), site("b", None, OLD, rolled_back=True), rings=())
    assert told == {"a": "1.1 was rolled back on b: wpstate release b plugins.x"}


def test_the_first_ring_goes_and_the_others_wait_for_it() -> None:
    told = waits(site("a", "canary", OLD), site("b", "early", OLD), site("c", "rest", OLD))
    assert told == {
        "b": "a (ring canary) has it not yet",
        "c": "a (ring canary) has it not yet",
    }


def test_what_is_new_proves_itself_for_as_long_as_the_later_ring_says() -> None:
    since = NOW - timedelta(hours=23)
    told = waits(site("a", "canary", NEW, since=since), site("b", "early", OLD))
    assert told == {"b": "proves itself on a (ring canary) until Sun 22 Nov 10:00 UTC"}
    since = NOW - timedelta(hours=24)
    assert waits(site("a", "canary", NEW, since=since), site("b", "early", OLD)) == {}
    assert "c" in waits(site("a", "canary", NEW, since=since), site("c", "rest", OLD))


def test_all_earlier_rings_must_have_it() -> None:
    long_ago = NOW - timedelta(days=9)
    told = waits(
        site("a", "canary", NEW, since=long_ago), site("b", "early", OLD), site("c", "rest", OLD)
    )
    assert told == {"c": "b (ring early) has it not yet"}


def test_the_same_ring_does_not_wait_for_its_own() -> None:
    assert waits(site("a", "canary", OLD), site("b", "canary", OLD)) == {}


def test_what_was_rolled_back_anywhere_goes_nowhere() -> None:
    later = waits(site("a", "canary", OLD), site("b", "rest", OLD, rolled_back=True))
    assert later["a"] == "1.1 was rolled back on b: wpstate release b plugins.x"
    # On the site itself its own record says so.
    assert "b" in later
    assert later["b"] == "a (ring canary) has it not yet"


def test_another_version_is_another_matter() -> None:
    other = site("b", "canary", OLD, want=version("1.2"), rolled_back=True)
    assert waits(site("a", "canary", OLD), other) == {}


def test_a_site_that_cannot_be_seen_has_proved_nothing() -> None:
    asked, seen = site("a", "canary", NEW)
    dark = replace(seen, faults=(Fault("timeout", "no answer"),))
    assert waits((asked, dark), site("b", "early", OLD)) == {
        "b": "a (ring canary) could not be seen"
    }


def test_a_site_that_a_run_holds_has_proved_nothing() -> None:
    asked, seen = site("a", "canary", NEW)
    held = replace(seen, applied=replace(seen.applied, locked=True))
    assert waits((asked, held), site("b", "early", OLD)) == {"b": "a run holds a (ring canary)"}


def test_what_nobody_before_is_asked_for_needs_no_proof() -> None:
    assert waits(site("a", "canary", OLD, want=OLD), site("b", "early", OLD)) == {}


def test_deletions_wait_too() -> None:
    told = waits(site("a", "canary", OLD, want=ABSENT), site("b", "early", OLD, want=ABSENT))
    assert set(told) == {"b"}
    gone = site("a", "canary", ABSENT, want=ABSENT)
    assert waits(gone, site("b", "early", OLD, want=ABSENT)) == {}


def test_only_who_can_prove_something_is_looked_at() -> None:
    a, b, c = site("a", "canary", NEW), site("b", "early", OLD), site("c", "rest", OLD)
    fleet = [pair[0] for pair in (a, b, c)]
    assert [d.site.id for d in witnesses(RINGS, fleet, [b])] == ["a"]
    assert [d.site.id for d in witnesses(RINGS, fleet, [c])] == ["a", "b"]
    assert witnesses(RINGS, fleet, [a]) == ()
    assert witnesses(RINGS, fleet, [site("c", "rest", NEW)]) == ()


def test_a_plan_shows_what_waits_and_does_not_hold_it() -> None:
    pairs = [site("a", "canary", OLD), site("b", "early", OLD)]
    plan = build(
        "p", "f", pairs, revision=None, dirty=False, now=NOW, waiting=waiting(RINGS, pairs, NOW)
    )
    first, second = plan.sites
    assert [change.address for change in first.changes] == [X]
    assert second.changes == ()
    assert [(noted.sort, noted.address) for noted in second.noted] == [("waits", X)]


def test_who_names_it_has_decided() -> None:
    pairs = [site("a", "canary", OLD), site("b", "early", OLD)]
    told = waiting(RINGS, pairs, NOW)
    plan = build(
        "p", "f", pairs, revision=None, dirty=False, now=NOW, only=("plugins.x",), waiting=told
    )
    assert [len(each.changes) for each in plan.sites] == [1, 1]


def test_shares_draw_sites_by_their_names() -> None:
    rings = (Ring("canary", share=0.05), Ring("early", share=0.25), Ring("rest"))
    drawn = Counter(ring_of(site(f"s{n}", None, OLD)[0], rings) for n in range(4000))
    assert 100 < drawn[0] < 300
    assert 850 < drawn[1] < 1150
    assert drawn[2] == 4000 - drawn[0] - drawn[1]
    assert ring_of(site("s1", "early", OLD)[0], rings) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["canary", "early", "rest"]),
            st.sampled_from([OLD, NEW]),
            st.integers(0, 100),
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_nothing_reaches_a_ring_before_all_earlier_ones_have_held_it(
    drawn: list[tuple[str, State, int, bool]],
) -> None:
    """The rule again in other words, over any fleet."""
    pairs = [
        site(f"s{n}", ring, seen, since=NOW - timedelta(hours=hours), rolled_back=rolled_back)
        for n, (ring, seen, hours, rolled_back) in enumerate(drawn)
    ]
    told = waits(*pairs)
    order = {"canary": 0, "early": 24, "rest": 48}
    names = list(order)
    for n, (ring, seen, _, _) in enumerate(drawn):
        if seen == NEW:
            assert f"s{n}" not in told
            continue
        earlier = [d for d in drawn if names.index(d[0]) < names.index(ring)]
        proven = all(state == NEW and hours >= order[ring] for _, state, hours, _ in earlier)
        spoilt = any(away for other, (_, _, _, away) in enumerate(drawn) if other != n)
        assert (f"s{n}" in told) == (not proven or spoilt)
