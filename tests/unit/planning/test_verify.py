"""A saved plan is a promise: what moves it, and what does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, SPAN, desired, managed, observed, version
from wpstate.model.desired import DesiredState, Policy
from wpstate.model.observed import LastApplied, ObservedState
from wpstate.model.plan import Plan
from wpstate.model.problem import Refused
from wpstate.model.source import SourceSpan
from wpstate.planning.build import build
from wpstate.planning.verify import not_as_before, plan_problems, site_problems
from wpstate.report.record import plan_from_text, plan_to_text

OLD, NEW = version("1.0"), version("1.1")
WANT = desired(managed("plugins.x", NEW), managed("plugins.y", OLD))
SITE = observed({"plugins.x": OLD, "plugins.y": OLD, "plugins.theirs": OLD})


def made(want: DesiredState = WANT, site: ObservedState = SITE, *, dirty: bool = False) -> Plan:
    return build("p-1", "fleet", [(want, site)], revision="abc", dirty=dirty, now=NOW)


def slugs(want: DesiredState, site: ObservedState) -> list[str]:
    plan = made()
    return [p.slug for p in site_problems(plan, plan.sites[0], want, site)]


def test_the_same_world_keeps_the_plan_true() -> None:
    assert slugs(WANT, SITE) == []


def test_what_moves_by_itself_does_not_stale_a_plan() -> None:
    later = replace(SITE, free_bytes=1, observed_at=NOW + timedelta(hours=2), took_s=9.0)
    others = observed({"plugins.x": OLD, "plugins.y": OLD, "plugins.theirs": NEW})
    moved = replace(WANT.managed[0], span=SourceSpan("sites/shop.yml", 99, 1), asked_by=SPAN)
    assert slugs(WANT, later) == []
    assert slugs(WANT, replace(others, plugins=SITE.plugins)) == []
    assert slugs(replace(WANT, managed=(moved, WANT.managed[1])), SITE) == []


def test_what_a_page_showed_does_not_bind_a_plan() -> None:
    """A run holds visitors back: under the lock there is no page to compare with."""
    shown = replace(managed("plugins.y", OLD, locked=False), visited=True)
    want = desired(WANT.managed[0], shown)
    unseen = observed({"plugins.x": OLD})
    plan = made(want, SITE)
    assert site_problems(plan, plan.sites[0], want, replace(unseen, plugins=SITE.plugins)) == ()


def test_what_is_only_looked_at_does_not_bind_a_plan() -> None:
    looked_at = replace(managed("plugins.y", OLD, locked=False), applies=False)
    want = desired(WANT.managed[0], looked_at)
    plan = made(want, SITE)
    moved = replace(observed({"plugins.x": OLD, "plugins.y": NEW}), plugins=SITE.plugins)
    assert site_problems(plan, plan.sites[0], want, moved) == ()


@pytest.mark.parametrize(
    ("want", "site"),
    [
        (desired(managed("plugins.x", version("1.2")), managed("plugins.y", OLD)), SITE),
        (replace(WANT, policy=Policy(brake_share=0.9)), SITE),
        (WANT, observed({"plugins.x": NEW, "plugins.y": OLD, "plugins.theirs": OLD})),
        (WANT, observed({"plugins.x": OLD, "plugins.y": NEW, "plugins.theirs": OLD})),
        (WANT, replace(SITE, php_version="8.3.1")),
        (WANT, replace(SITE, paths=None)),
    ],
)
def test_one_moved_fact_stales_it(want: DesiredState, site: ObservedState) -> None:
    assert set(slugs(want, site)) == {"plan.stale"}


def test_a_plan_works_once_and_only_in_its_time_and_fleet() -> None:
    used = replace(SITE, applied=LastApplied(used_plans=frozenset({"p-1"})))
    assert "plan.used" in slugs(WANT, used)

    def whole(plan: Plan, fleet: str, after_s: int, *, allow_dirty: bool = False) -> list[str]:
        when = NOW + timedelta(seconds=after_s)
        return [p.slug for p in plan_problems(plan, fleet, when, allow_dirty=allow_dirty)]

    assert whole(made(), "fleet", 60) == []
    assert whole(made(), "fleet", 86_400) == ["plan.expired"]
    assert whole(made(), "other", 60) == ["plan.foreign"]
    assert whole(made(dirty=True), "fleet", 60) == ["plan.dirty"]
    assert whole(made(dirty=True), "fleet", 60, allow_dirty=True) == []


def test_a_plan_file_comes_back_the_same_and_shows_any_edit() -> None:
    text = plan_to_text(made())
    assert plan_from_text(text, "f") == made()
    for edit in (text.replace('"1.1"', '"6.6"'), text.replace("p-1", "p-2")):
        with pytest.raises(Refused) as refused:
            plan_from_text(edit, "f")
        assert refused.value.problems[0].slug == "plan.edited"
    for broken in ("", "{}", "[]", text[:-30], '{"format": 1}', "\0"):
        with pytest.raises(Refused) as refused:
            plan_from_text(broken, "f")
        assert refused.value.problems[0].slug == "plan.unreadable"


def test_what_a_rollback_did_not_bring_back_is_named() -> None:
    asked = desired(
        managed("plugins.akismet", version("5.7.2")), managed("plugins.hello", version("1.7.2"))
    )
    before = observed({"plugins.akismet": version("5.5"), "plugins.hello": version("1.7.2")})
    after = observed({"plugins.akismet": version("5.7.2"), "plugins.hello": version("1.7.2")})
    assert not_as_before(asked, before, after) == "plugins.akismet: was 5.5, is 5.7.2"
    gone = observed({"plugins.akismet": version("5.5")})
    assert not_as_before(asked, before, gone) == "plugins.hello: was 1.7.2, is absent"
    assert "not managed" in not_as_before(asked, before, before)
