"""A plan outside its site's window is refused when it would be applied, but for what is urgent."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.builders import NOW, desired, managed, observed, version
from tests.unit.planning.test_findings import HOLE, NEW, OLD, known
from wpstate.model.desired import Managed, Policy
from wpstate.model.problem import Problem
from wpstate.model.updates import Updates, Window
from wpstate.planning.build import build_site
from wpstate.planning.windows import closed_problem, urgent_now

# NOW is a Sunday at nine.
NIGHTS = Window(frozenset({1}), time(2), time(5), "UTC", "tue 02:00-05:00 UTC")
MORNINGS = Window(frozenset({6}), time(8), time(10), "UTC", "sun 08:00-10:00 UTC")


def judged(
    *windows: Window,
    at_once: bool = False,
    within_s: int | None = None,
    since: datetime | None = None,
    more: tuple[Managed, ...] = (),
) -> Problem | None:
    policy = Policy(updates=Updates(windows, security_within_s=0 if at_once else within_s))
    asked = desired(managed("plugins.x", NEW), *more, policy=policy)
    seen = observed({"plugins.x": OLD, **{str(m.address): version("3.0") for m in more}})
    hole = replace(HOLE, since=since)
    return closed_problem(asked, build_site(asked, seen, known=known(hole)), NOW)


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


def test_what_mends_a_vulnerability_waits_for_a_window_that_opens_soon_enough() -> None:
    # The next opens in 41 hours.
    in_time = {"within_s": 48 * 3600, "since": NOW - timedelta(hours=7)}
    problem = judged(NIGHTS, **in_time)  # type: ignore[arg-type]
    assert problem
    assert problem.found
    assert problem.found.endswith("02:00 UTC, soon enough for what mends a vulnerability")
    assert judged(NIGHTS, within_s=48 * 3600, since=NOW - timedelta(hours=8)) is None
    assert judged(NIGHTS, within_s=24 * 3600, since=NOW) is None


def test_what_nobody_knows_the_time_of_has_been_known_for_long() -> None:
    assert judged(NIGHTS, within_s=48 * 3600) is None


def test_what_waits_longest_counts() -> None:
    def urgent(*since: datetime | None) -> tuple[str, ...]:
        holes = [
            replace(HOLE, id=str(n), cves=(f"CVE-2026-{n}",), since=at)
            for n, at in enumerate(since)
        ]
        asked = desired(managed("plugins.x", NEW))
        planned = build_site(asked, observed({"plugins.x": OLD}), known=known(*holes))
        return urgent_now(Updates((NIGHTS,), security_within_s=48 * 3600), planned, NOW)

    assert urgent(NOW, NOW) == ()
    assert urgent(NOW, NOW - timedelta(days=9)) == ("plugins.x",)
    assert urgent(None, NOW) == urgent(NOW, None) == ("plugins.x",)


def test_hours_are_true_hours_in_the_night_in_which_clocks_change() -> None:
    """From four on Saturday until four on Sunday, by a clock in Paris."""
    sunday = Window(frozenset({6}), time(4), time(6), "Europe/Paris", "sun 04:00-06:00 Paris")
    updates = Updates((sunday,), security_within_s=24 * 3600)
    asked = desired(managed("plugins.x", NEW))

    def urgent(saturday: datetime) -> bool:
        hole = replace(HOLE, since=saturday)
        planned = build_site(asked, observed({"plugins.x": OLD}), known=known(hole))
        return bool(urgent_now(updates, planned, saturday + timedelta(hours=1)))

    paris = ZoneInfo("Europe/Paris")
    assert not urgent(datetime(2026, 11, 21, 4, tzinfo=paris).astimezone(UTC))
    assert not urgent(datetime(2026, 3, 28, 4, tzinfo=paris).astimezone(UTC))  # 23 hours
    assert urgent(datetime(2026, 10, 24, 4, tzinfo=paris).astimezone(UTC))  # 25 hours
