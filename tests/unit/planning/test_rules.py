"""What the rules make of a site that was seen: families, unlisted and forbidden plugins."""

from dataclasses import replace

import pytest

from tests.builders import NOW, SPAN, desired, managed, observed, version
from wpstate.model.change import Action
from wpstate.model.desired import DesiredState, LeftAlone, Managed, Policy
from wpstate.model.host_facts import Loader
from wpstate.model.identity import Identity
from wpstate.model.observed import ObservedState
from wpstate.model.plan import SitePlan
from wpstate.model.rules import Approval, Exempt, Rules
from wpstate.model.state import ABSENT, Address, State
from wpstate.planning.build import build, build_site
from wpstate.planning.simulate import simulate
from wpstate.planning.verify import site_problems
from wpstate.report.record import plan_from_text, plan_to_text

_APPROVAL = Approval(
    frozenset({"akismet", "elementor", "wp-rocket", "evil"}), {"evil": "steals"}, {}
)
_BRIZY = Exempt("brizy", "Ana", "2027-01-15", "moves in January")


def _desired(*asked: Managed, left: tuple[LeftAlone, ...] = (), **rules: object) -> DesiredState:
    policy = Policy(rules=replace(Rules(), **rules))  # type: ignore[arg-type]
    return replace(desired(*asked, policy=policy, left_alone=left), approval=_APPROVAL)


def _plan(asked: DesiredState, seen: ObservedState) -> SitePlan:
    return build_site(asked, seen)


def _slugs(plan: SitePlan) -> list[str]:
    return [problem.slug for problem in plan.refusals]


_ONE_BUILDER = {"families": (("page_builder", 1),)}
_ELEMENTOR = managed("plugins.elementor", version("3.30"))


def test_three_page_builders_on_the_site_are_named_managed_or_not() -> None:
    seen = observed(
        {
            "plugins.elementor": version("3.30"),
            "plugins.brizy": version("2.7"),
            "plugins.siteorigin-panels": version("2.31"),
        }
    )
    (problem,) = _plan(_desired(_ELEMENTOR, **_ONE_BUILDER), seen).refusals
    assert problem.slug == "plan.family"
    assert problem.found == (
        "3 of family page_builder, at most 1: brizy 2.7 (on the site, nobody asked), "
        f"elementor 3.30 ({SPAN}), siteorigin-panels 2.31 (on the site, nobody asked)"
    )


def test_two_page_caches_once_git_brings_the_second() -> None:
    seen = observed({"plugins.litespeed-cache": version("7.0")})
    asked = _desired(managed("plugins.wp-rocket", version("3.1")), families=(("page_cache", 1),))
    assert _slugs(_plan(asked, seen)) == ["plan.family"]
    alone = observed({"plugins.litespeed-cache": version("7.0", active=False)})
    assert _slugs(_plan(asked, alone)) == []


def test_a_plan_that_lessens_them_is_not_held_up() -> None:
    three = {f"plugins.{slug}": version("1.0") for slug in ("elementor", "brizy", "oxygen")}
    away = managed("plugins.brizy", ABSENT, label="absent")
    assert _slugs(_plan(_desired(away, **_ONE_BUILDER), observed(three))) == []


def test_what_is_excepted_does_not_count() -> None:
    both = observed({"plugins.elementor": version("3.30"), "plugins.brizy": version("2.7")})
    plan = _plan(_desired(_ELEMENTOR, exceptions=(_BRIZY,), **_ONE_BUILDER), both)
    assert _slugs(plan) == []
    assert [(n.address, n.sort) for n in plan.noted] == [("plugins.brizy", "excepted")]
    ended = _plan(_desired(_ELEMENTOR, expired=(_BRIZY,), **_ONE_BUILDER), both)
    assert "ended on 2027-01-15 (Ana)" in str(ended.refusals[0].found)


_STRANGER = {"plugins.insert-headers": version("2.1")}


def test_unlisted_plugins_are_reported_once() -> None:
    seen = observed(_STRANGER | {"plugins.akismet": version("5.7"), "plugins.evil": version("1")})
    plan = _plan(_desired(), seen)
    assert plan.changes == ()
    assert [(n.address, n.sort) for n in plan.noted] == [
        ("plugins.akismet", "unmanaged"),
        ("plugins.evil", "forbidden"),
        ("plugins.insert-headers", "unlisted"),
    ]
    assert plan.noted[1].text == "forbidden: steals"


@pytest.mark.parametrize(
    ("rule", "action", "after"),
    [
        ("deactivate", Action.DEACTIVATE, State(version="2.1", active=False)),
        ("delete", Action.DELETE, ABSENT),
    ],
)
def test_a_rule_takes_unlisted_plugins_away(rule: str, action: Action, after: State) -> None:
    seen, asked = observed(_STRANGER), _desired(unlisted=rule)
    plan = _plan(asked, seen)
    (change,) = plan.changes
    assert (change.address, change.action, change.after) == (
        "plugins.insert-headers",
        action,
        after,
    )
    assert not change.purge_data
    assert _plan(asked, simulate(seen, plan.changes)).changes == ()


def test_what_comes_back_is_taken_away_again() -> None:
    gone = observed(_STRANGER, applied={"plugins.insert-headers": ABSENT})
    assert [c.action for c in _plan(_desired(unlisted="delete"), gone).changes] == [Action.DELETE]


def test_what_was_rolled_back_is_not_taken_away_again() -> None:
    seen = observed(_STRANGER, quarantined={"plugins.insert-headers": State(active=False)})
    plan = _plan(_desired(unlisted="deactivate"), seen)
    assert plan.changes == ()
    assert "quarantined" in {noted.sort for noted in plan.noted}


def test_nobody_elses_plugin_is_taken_away() -> None:
    clients = LeftAlone(Address("plugins.insert-headers"), "client", SPAN)
    exempt = Exempt("insert-headers", "Ana", "2027-01-15", "until the shop moves")
    for asked in (
        _desired(unlisted="delete", left=(clients,)),
        _desired(unlisted="delete", exceptions=(exempt,)),
    ):
        assert _plan(asked, observed(_STRANGER)).changes == ()
    evil = observed({"plugins.evil": version("1")})
    assert [c.address for c in _plan(_desired(unlisted="delete"), evil).changes] == ["plugins.evil"]
    approved = observed({"plugins.akismet": version("5.7")})
    assert _plan(_desired(unlisted="delete"), approved).changes == ()


def test_what_a_drop_in_loads_is_deactivated_first() -> None:
    seen = observed(_STRANGER)
    loader = Loader("insert-headers", "advanced-cache.php")
    seen = replace(seen, host=replace(seen.host, loaders=(loader,)))
    plan = _plan(_desired(unlisted="delete"), seen)
    assert [change.action for change in plan.changes] == [Action.DEACTIVATE]
    assert plan.refusals == ()


def test_a_plan_is_bound_to_what_the_rule_met() -> None:
    asked, seen = _desired(unlisted="delete"), observed(_STRANGER)
    plan = build("p-1", "fleet", [(asked, seen)], revision=None, dirty=False, now=NOW)
    assert site_problems(plan, plan.sites[0], asked, seen) == ()
    more = observed(_STRANGER | {"plugins.another": version("1.0")})
    assert {p.slug for p in site_problems(plan, plan.sites[0], asked, more)} == {"plan.stale"}
    newer = observed({"plugins.insert-headers": version("2.2")})
    assert {p.slug for p in site_problems(plan, plan.sites[0], asked, newer)} == {"plan.stale"}


def test_a_rule_does_not_take_half_a_site_away_at_once() -> None:
    many = observed({f"plugins.stranger-{n}": version("1.0") for n in range(5)})
    assert _slugs(_plan(_desired(unlisted="delete"), many)) == ["plan.brake"]


def test_a_saved_plan_knows_who_its_bytes_must_be() -> None:
    wanted = managed("plugins.elementor", version("3.31"))
    assert wanted.artifact is not None
    artifact = replace(wanted.artifact, identity=Identity("Elementor", None, ""))
    asked = _desired(replace(wanted, artifact=artifact))
    seen = observed({"plugins.elementor": version("3.30")})
    plan = build("p-1", "fleet", [(asked, seen)], revision=None, dirty=False, now=NOW)
    (change,) = plan_from_text(plan_to_text(plan), "a.plan").sites[0].changes
    assert change.artifact == artifact
