"""A plan outside its site's window is refused when it would be applied, but for what is urgent."""

from datetime import time

from tests.builders import NOW, desired, managed, observed, version
from tests.unit.planning.test_findings import HOLE, NEW, OLD, known
from wpstate.model.desired import Managed, Policy
from wpstate.model.problem import Problem
from wpstate.model.updates import Updates, Window
from wpstate.planning.build import build_site
from wpstate.planning.windows import closed_problem

# NOW is a Sunday at nine.
NIGHTS = Window(frozenset({1}), time(2), time(5), "UTC", "tue 02:00-05:00 UTC")
MORNINGS = Window(frozenset({6}), time(8), time(10), "UTC", "sun 08:00-10:00 UTC")


def judged(
    *windows: Window, at_once: bool = False, more: tuple[Managed, ...] = ()
) -> Problem | None:
    policy = Policy(updates=Updates(windows, security_at_once=at_once))
    asked = desired(managed("plugins.x", NEW), *more, policy=policy)
    seen = observed({"plugins.x": OLD, **{str(m.address): version("3.0") for m in more}})
    return closed_problem(asked, build_site(asked, seen, known=known(HOLE)), NOW)


def test_without_a_window_nothing_is_refused() -> None:
    assert judged() is None


def test_within_the_window_nothing_is_refused() -> None:
    assert judged(MORNINGS) is None
    assert judged(NIGHTS, MORNINGS) is None


def test_outside_it_the_refusal_says_when_it_opens() -> None:
    problem = judged(NIGHTS)
    assert problem
    assert problem.slug == "plan.window"
    assert problem.found == "outside tue 02:00-05:00 UTC; it opens Tue 24 Nov 2026 02:00 UTC"


def test_where_nothing_would_change_nothing_is_refused() -> None:
    policy = Policy(updates=Updates((NIGHTS,)))
    asked = desired(managed("plugins.x", NEW), policy=policy)
    planned = build_site(asked, observed({"plugins.x": NEW}))
    assert closed_problem(asked, planned, NOW) is None


def test_what_mends_a_vulnerability_goes_at_once_where_that_is_asked() -> None:
    assert judged(NIGHTS, at_once=True) is None


def test_what_else_is_in_the_plan_waits() -> None:
    problem = judged(NIGHTS, at_once=True, more=(managed("plugins.y", version("3.1")),))
    assert problem
    assert problem.mend
    assert "wpstate apply shop --only plugins.x" in problem.mend
    assert "plugins.y" not in problem.mend
