"""Whatever a site's file asks of a kind and whatever the site answers: the plan is whole.

Made, it leaves nothing to do; undone, it gives back what was seen; it touches only what it may; and
what is not refused can be told to the roles. Simulating goes by the plan's own words: whether
those come true on a real site is for the runs of tests/e2e.
"""

import json
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, assume, find, given, settings
from hypothesis import strategies as st

from tests.unit.kinds.agency import USUAL, asked, seen, whole
from tests.unit.kinds.any import ANY
from tests.unit.kinds.any.words import Words
from wpstate.model.desired import DesiredState
from wpstate.model.observed import LastApplied, ObservedState
from wpstate.model.plan import SitePlan
from wpstate.model.problem import InvalidDesiredState
from wpstate.model.secret import SecretReference
from wpstate.model.state import ABSENT, Address, State, kind_of
from wpstate.planning.build import build_site
from wpstate.planning.by_rule import with_rules
from wpstate.planning.follows import expected
from wpstate.planning.host_gates import brings_code
from wpstate.planning.role_vars import apply_vars, planned_prefixes
from wpstate.planning.simulate import simulate, undo
from wpstate.resources.registry import KIND

_ONLY_LOOKED_AT = frozenset({"network", "caches"})
"""Kinds of which nothing is ever changed, whatever is asked."""
_FOLLOW_CODE = frozenset({"migrations", "languages"})
"""Kinds of what belongs to a version of code: once a plan changed that, a fresh look tells what
they need, and the next plan says so."""
_SETTINGS = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
)
_SEARCH = settings(_SETTINGS, max_examples=1000, database=None, phases=(Phase.generate,))


@dataclass(frozen=True, slots=True)
class _Site:
    desired: DesiredState
    observed: ObservedState
    only: tuple[str, ...] = ()

    def plan(self, observed: ObservedState | None = None) -> SitePlan:
        """With `only` a person has decided about drift and conflicts too."""
        return build_site(self.desired, observed or self.observed, only=self.only, heal_all=True)


def _site(words: Words) -> _Site | None:
    """None where the file contradicts itself."""
    try:
        desired = asked(words.text)
    except InvalidDesiredState:
        return None
    observed = seen(desired, words.said)
    named = {managed.address for managed in desired.managed}
    told = {a: s for a, s in words.states.items() if a in named or a.endswith(".server")}
    resources = tuple(sorted((dict(observed.resources) | told).items()))
    return _Site(desired, replace(observed, resources=resources))


def _history(draw: st.DataObject, site: _Site) -> LastApplied:
    """What an earlier run may have left, or failed to leave."""
    values: dict[Address, State] = {}
    away: dict[Address, State] = {}
    for managed in site.desired.managed:
        there = site.observed.state(managed.address)
        states = st.sampled_from((managed.want, there, ABSENT, State(version="0.1", value="old")))
        if draw.draw(st.booleans()):
            values[managed.address] = draw.draw(states)
        if draw.draw(st.sampled_from((False, False, True))):
            away[managed.address] = draw.draw(states)
    return LastApplied("r1", None, tuple(values.items()), quarantined=tuple(away.items()))


@pytest.mark.parametrize("name", KIND)
@_SETTINGS
@given(data=st.data())
def test_a_plan_is_whole(name: str, data: st.DataObject) -> None:
    site = _site(data.draw(ANY[name]))
    assume(site is not None)
    assert site is not None
    if data.draw(st.booleans()):
        site = replace(site, observed=replace(site.observed, applied=_history(data, site)))
    site = replace(site, only=data.draw(st.sampled_from(((), ("*",)))))
    plan = site.plan()
    changes = whole(plan.changes, site.observed)
    after = simulate(site.observed, changes)

    _nothing_is_left(site, plan, after)
    assert undo(after, changes) == site.observed
    for address, states in expected(plan.changes).items():
        assert after.state(address) in states
    _touches_only_what_it_may(site, plan, after)
    if not plan.refusals:
        host = site.desired.site.host
        told = apply_vars(host, "", "r2", "", plan, site.observed, ())
        json.dumps(told, default=_secret)
        planned_prefixes(plan, site.observed, ())


def _secret(value: object) -> str:
    """Where one is kept stands in its place until the very end."""
    assert isinstance(value, SecretReference)
    return str(value)


def _nothing_is_left(site: _Site, plan: SitePlan, after: ObservedState) -> None:
    left = site.plan(after).changes
    others = [c for c in plan.changes if kind_of(c.address) not in _FOLLOW_CODE]
    if any(brings_code(change) for change in others):
        assert {kind_of(change.address) for change in left} <= _FOLLOW_CODE
    else:
        assert left == ()
    assert site.plan(simulate(after, whole(left, after))).changes == ()


def _touches_only_what_it_may(site: _Site, plan: SitePlan, after: ObservedState) -> None:
    named = {m.address: m for m in with_rules(site.desired, site.observed).managed}
    left_alone = {left.address for left in site.desired.left_alone}
    for change in plan.changes:
        managed = named[change.address]
        assert managed.applies
        assert change.address not in left_alone
        assert kind_of(change.address) not in _ONLY_LOOKED_AT
        assert after.state(change.address).satisfies(managed.want)


def test_every_kind_is_drawn() -> None:
    assert ANY.keys() == KIND.keys()


@pytest.mark.parametrize("name", sorted(KIND.keys() - _ONLY_LOOKED_AT))
def test_what_is_drawn_of_a_kind_can_be_planned_and_applied(name: str) -> None:
    """Otherwise the properties above would hold of nothing."""

    def is_applied(words: Words) -> bool:
        site = _site(words)
        plan = site.plan() if site else None
        own = [c for c in plan.changes if kind_of(c.address) == name] if plan else []
        return bool(own) and not (plan and plan.refusals)

    find(ANY[name], is_applied, settings=_SEARCH)


@pytest.mark.parametrize("name", sorted(_ONLY_LOOKED_AT))
def test_what_is_only_looked_at_is_told(name: str) -> None:
    """Of what is asked and is not so, a plan says that it is not."""

    def is_told(words: Words) -> bool:
        site = _site(words)
        noted = site.plan().noted if site else ()
        return any(n.sort == "drift" and kind_of(n.address) == name for n in noted)

    find(ANY[name], is_told, settings=_SEARCH)


@pytest.mark.parametrize("name", KIND)
@settings(_SETTINGS, max_examples=5)
@given(data=st.data())
def test_what_a_host_keeps_to_itself_is_not_absent(name: str, data: st.DataObject) -> None:
    """A question without an answer refuses the plan: nothing is made anew, and nothing breaks."""
    words = data.draw(ANY[name])
    answers = {kind: answer for kind, answer in words.said.get("kinds", {}).items() if kind != name}
    dumb = {kind: None for kind in (name,) if kind in USUAL["kinds"]}
    site = _site(replace(words, said={**words.said, "kinds": {**answers, **dumb}}))
    if site is not None and name in site.desired.questions:
        plan = site.plan()
        assert plan.changes == ()
        assert "observe.kind_unseen" in {problem.slug for problem in plan.refusals}
