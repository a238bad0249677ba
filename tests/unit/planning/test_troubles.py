"""What a pass found becomes one trouble for each cause, whatever a site writes into its words."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.builders import NOW, SITE, SPAN, desired, version
from wpstate.model.change import Action, Cause, Change
from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.facts import Finding, Response
from wpstate.model.plan import Digests, Estimate, Noted, SitePlan
from wpstate.model.problem import Problem
from wpstate.model.run import Outcome, Run
from wpstate.model.schedule import Cron, Every, Schedule
from wpstate.model.site import Account, SiteId
from wpstate.model.state import Address
from wpstate.model.telling import Sort, Trouble
from wpstate.planning.troubles import silence, troubles

X = Address("plugins.x")


def site(name: str, host: str = "h1") -> DesiredState:
    place = replace(SITE.host, account=Account(host, 22, name))
    return replace(desired(), site=replace(SITE, id=SiteId(name), host=place))


def planned(
    name: str, *refusals: Problem, noted: tuple[Noted, ...] = (), **more: object
) -> SitePlan:
    plan = SitePlan(
        SiteId(name), "http://s", None, NOW, 0.1, "8.2", None, (), noted, refusals,
        Estimate(0, 0, None, 60), Digests("", "", "", ""), 1,
    )  # fmt: skip
    return replace(plan, **more)  # type: ignore[arg-type]


def found(
    sites: tuple[DesiredState, ...],
    plans: tuple[SitePlan, ...],
    *runs: Run,
    before: tuple[Trouble, ...] = (),
) -> dict[str, tuple[str, ...]]:
    fleet = Fleet("f", "", "", sites)
    by_site = {run.site: run for run in runs}
    every = troubles(fleet, {plan.site: plan for plan in plans}, by_site, before)
    return {each.cause: tuple(name for name, _ in each.sites) for each in every}


def run(name: str, outcome: Outcome, *reasons: Problem, changes: tuple[Change, ...] = ()) -> Run:
    return Run("r", SiteId(name), None, outcome, NOW, 1, None, (), changes, (), reasons)


GONE = Problem("observe.unreachable", "w", found="no route")


def test_one_cause_for_all_sites_of_a_host_and_another_for_the_next() -> None:
    sites = (site("a"), site("b"), site("c", "h2"))
    assert found(sites, tuple(planned(name, GONE) for name in "abc")) == {
        "site_down:observe.unreachable:h1:22": ("a", "b"),
        "site_down:observe.unreachable:h2:22": ("c",),
    }


def test_a_host_that_is_gone_is_one_cause_however_it_shows_itself() -> None:
    sites = (site("a"), site("b"), site("c"))
    slugs = ("observe.unreachable", "observe.timeout", "observe.banned")
    plans = tuple(
        planned(name, Problem(slug, "w")) for name, slug in zip("abc", slugs, strict=True)
    )
    assert found(sites, plans) == {"site_down:observe.unreachable:h1:22": ("a", "b", "c")}


def test_a_refusal_is_not_a_site_that_is_down() -> None:
    brake = Problem("plan.brake", "too much at once", found="9 of 9")
    assert found((site("a"),), (planned("a", brake),)) == {"refused:plan.brake:h1:22": ("a",)}
    sick = Problem("site.sick", "ill", found="500")
    assert found((site("a"),), (planned("a"),), run("a", Outcome.REFUSED, sick)) == {
        "site_down:site.sick:h1:22": ("a",)
    }


def test_a_site_needs_attention_until_it_may_be_changed_again() -> None:
    failed = Problem("rollback.failed", "could not be put back")
    sites = (site("a"),)
    cause = "needs_attention:rollback.failed:h1:22"
    assert found(sites, (planned("a"),), run("a", Outcome.NEEDS_ATTENTION, failed)) == {
        cause: ("a",)
    }
    before = (Trouble(cause, Sort.NEEDS_ATTENTION, "t", ((SiteId("a"), "d"),)),)
    assert cause in found(sites, (planned("a", GONE),), before=before)
    assert found(sites, (planned("a", locked=True),), before=before) == {cause: ("a",)}
    assert found(sites, (planned("a"),), before=before) == {}


def test_what_was_rolled_back_lasts_while_it_is_quarantined() -> None:
    change = Change(X, Action.UPDATE, version("1"), version("2"), Cause.PENDING, SPAN, "pinned")
    back = run("a", Outcome.ROLLED_BACK, GONE, changes=(change,))
    cause = {"rolled_back:plugins.x": ("a",)}
    assert found((site("a"),), (planned("a"),), back) == cause
    noted = Noted(X, version("1"), "rolled back", "quarantined")
    assert found((site("a"),), (planned("a", noted=(noted,)),)) == cause


def test_drift_and_vulnerabilities_by_what_they_are_not_where() -> None:
    noted = Noted(X, version("1"), "1 → 2", "drift")
    hole = Finding(X, "vulnerable", "1", True, "wordfence", "SQL", Response.UPDATE, id="CVE-1 é")
    taken = replace(hole, response=Response.ACCEPT, id="CVE-2")
    plans = tuple(planned(name, noted=(noted,), findings=(hole, taken)) for name in "ab")
    assert found((site("a"), site("b", "h2")), plans) == {
        "drift:plugins.x": ("a", "b"),
        "vulnerable:CVE-1_é": ("a", "b"),
    }


@pytest.mark.parametrize(
    "text",
    ["a\nb", "\x1b[31m", "@everyone", "![x](http://evil/a)", "<img src=x>", "`x`", "x" * 5000],
)
def test_a_sites_words_stay_words(text: str) -> None:
    fleet = Fleet("f", "", "", (site("a"),))
    noted = Noted(Address(f"plugins.{text}"), version("1"), text, "drift")
    plan = planned("a", Problem("observe.timeout", "w", found=text), noted=(noted,))
    odd = run("a", Outcome.NEEDS_ATTENTION, Problem(f"x.{text}", text))
    for each in troubles(fleet, {plan.site: plan}, {plan.site: odd}):
        for told in (each.text, each.cause, *(detail for _, detail in each.sites)):
            assert len(told) <= 600
            assert told.isprintable()
            assert not any(sign in told for sign in ("@", "](", "<", ">", "`"))
        assert not any(character.isspace() for character in each.cause)


def after(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def test_silence_is_what_lasted_too_long() -> None:
    assert silence(NOW, after(3), 3 * 3600, None) is None
    trouble = silence(NOW, after(4), 3 * 3600, None)
    assert trouble
    assert trouble.sort is Sort.SILENT
    assert trouble.text == "no pass from 2026-11-22 09:00 to 2026-11-22 13:00 UTC"


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [
        (None, 25),
        (Schedule(Every(900)), 1),
        (Schedule(Every(14_400), 0), 6),
        (Schedule(Cron("0 2 * * *"), 0), 29),  # seventeen to the first, half a day more
        (Schedule(Cron("0 2 * * 1"), 0), 101),
    ],
)
def test_how_long_is_too_long_follows_from_the_schedule(
    schedule: Schedule | None, hours: float
) -> None:
    assert silence(NOW, after(hours), None, schedule) is None
    assert silence(NOW, after(hours + 0.01), None, schedule)
