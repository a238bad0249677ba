"""A plan from another machine brings nothing but what this machine's files ask for, and passes no
gate because it says so."""

from dataclasses import replace

from tests.builders import NOW, desired, managed, observed, version
from wpstate.model.plan import Plan, SitePlan
from wpstate.planning.build import build
from wpstate.planning.unasked import unasked

_ASKED = desired(managed("plugins.x", version("1.1")), managed("plugins.y", version("1.1")))
_SEEN = observed({"plugins.x": version("1.0"), "plugins.y": version("1.0")})


def _plan() -> tuple[Plan, SitePlan]:
    plan = build("p-1", "f", [(_ASKED, _SEEN)], revision=None, dirty=False, now=NOW)
    return plan, plan.sites[0]


def test_what_is_asked_here_too_passes_whole_or_in_part() -> None:
    plan, site = _plan()
    assert unasked(plan, site, _ASKED, _SEEN) == ()
    assert unasked(plan, replace(site, changes=site.changes[:1]), _ASKED, _SEEN) == ()


def test_what_somebody_put_in_is_named() -> None:
    plan, site = _plan()
    first, *others = site.changes
    for forged in (
        replace(first, after=version("6.6")),
        replace(first, purge_data=True),
        replace(first, besides=(("code", "evil"),)),
    ):
        put_in = replace(site, changes=(forged, *others))
        (problem,) = unasked(plan, put_in, _ASKED, _SEEN)
        assert problem.slug == "plan.unasked"
        assert problem.found == "plugins.x; plan p-1"


def test_a_refusal_that_somebody_took_out_is_found_again() -> None:
    asked = desired(managed("plugins.x", version("1.1"), locked=False))
    plan = build("p-1", "f", [(asked, _SEEN)], revision=None, dirty=False, now=NOW)
    (site,) = plan.sites
    assert [problem.slug for problem in site.refusals] == ["plan.unlocked"]
    (problem,) = unasked(plan, replace(site, refusals=()), asked, _SEEN)
    assert problem.slug == "plan.unlocked"


def test_what_was_put_back_once_is_not_tried_again_because_a_plan_names_its_key() -> None:
    want = {"plugins.x": version("1.1")}
    seen = observed({"plugins.x": version("1.0")}, quarantined=want)
    asked, only = desired(managed("plugins.x", want["plugins.x"])), ("plugins.x",)
    plan = build("p-1", "f", [(asked, seen)], revision=None, dirty=False, now=NOW, only=only)
    assert plan.sites[0].changes, "the case says nothing"
    (problem,) = unasked(plan, plan.sites[0], asked, seen)
    assert problem.slug == "plan.unasked"
