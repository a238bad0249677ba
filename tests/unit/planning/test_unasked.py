"""A plan from another machine brings nothing but what this machine's files ask for."""

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
