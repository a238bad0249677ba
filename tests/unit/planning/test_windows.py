"""When a site may be changed: windows by the clock of a place, days on which nothing is changed."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from wpstate.model.updates import Closure, Updates, Window
from wpstate.planning.windows import opening

PARIS = "Europe/Paris"
TUESDAY_NIGHT = Window(frozenset({1}), time(2), time(5), PARIS, "tue 02:00-05:00 Europe/Paris")
SALES = Closure(date(2026, 12, 1), date(2026, 12, 26), PARIS, "December sales")


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(PARIS))


def test_nobody_wrote_when() -> None:
    assert opening(Updates(), _utc("2026-11-24T12:00")) is None


def test_open_by_the_clock_of_its_place() -> None:
    seen = opening(Updates((TUESDAY_NIGHT,)), _utc("2026-11-24T01:00"))
    assert seen
    assert seen.is_open
    assert (seen.at, seen.until) == (_utc("2026-11-24T01:00"), _utc("2026-11-24T04:00"))
    assert (after := opening(Updates((TUESDAY_NIGHT,)), _utc("2026-11-24T04:00")))
    assert not after.is_open
    assert after.at == _utc("2026-12-01T01:00")
    assert after.why == "outside tue 02:00-05:00 Europe/Paris"


def test_in_summer_the_same_window_is_another_moment() -> None:
    seen = opening(Updates((TUESDAY_NIGHT,)), _utc("2026-07-14T00:00"))
    assert seen
    assert seen.is_open


def test_the_night_the_clocks_go_back_has_one_hour_more() -> None:
    sunday = Window(frozenset({6}), time(2), time(5), PARIS, "sun 02:00-05:00 Europe/Paris")
    seen = opening(Updates((sunday,)), _paris("2026-10-25T02:00"))
    assert seen
    assert seen.at
    assert seen.until
    assert seen.until - seen.at == timedelta(hours=4)


def test_the_night_the_clocks_go_forward_has_one_hour_less() -> None:
    sunday = Window(frozenset({6}), time(1), time(5), PARIS, "sun 01:00-05:00 Europe/Paris")
    seen = opening(Updates((sunday,)), _paris("2026-03-29T01:30"))
    assert seen
    assert seen.at
    assert seen.until
    assert seen.until - seen.at == timedelta(hours=3)


def test_a_window_that_the_clocks_jump_over_does_not_open() -> None:
    gone = Window(frozenset({6}), time(2, 30), time(3), PARIS, "sun 02:30-03:00 Europe/Paris")
    seen = opening(Updates((gone,)), _paris("2026-03-29T00:00"))
    assert seen
    assert seen.at == _paris("2026-04-05T02:30")


def test_on_closed_days_no_window_opens() -> None:
    seen = opening(Updates((TUESDAY_NIGHT,), (SALES,)), _paris("2026-12-08T03:00"))
    assert seen
    assert not seen.is_open
    assert seen.at == _paris("2026-12-29T02:00")
    assert seen.why == "no changes until 2026-12-26 (Europe/Paris): December sales"


def test_closed_days_alone_leave_all_others_open() -> None:
    updates = Updates(closed=(SALES,))
    before = opening(updates, _paris("2026-11-30T23:59"))
    assert before
    assert before.is_open
    assert before.until == _paris("2026-12-01T00:00")
    within = opening(updates, _paris("2026-12-01T00:00"))
    assert within
    assert (within.is_open, within.at) == (False, _paris("2026-12-27T00:00"))
    after = opening(updates, _paris("2026-12-27T00:00"))
    assert after
    assert (after.is_open, after.until) == (True, None)


def test_a_closure_cuts_a_window_that_runs_into_it() -> None:
    night = Window(frozenset(range(7)), time(22), time(4), PARIS, "daily 22:00-04:00 Europe/Paris")
    seen = opening(Updates((night,), (SALES,)), _paris("2026-11-30T23:00"))
    assert seen
    assert (seen.is_open, seen.until) == (True, _paris("2026-12-01T00:00"))


_TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))
_WINDOWS = st.builds(
    Window,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    opens=_TIMES,
    closes=_TIMES,
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "America/Bogota"]),
    written=st.just("window"),
).filter(lambda window: window.opens != window.closes)
_MOMENTS = st.integers(0, 300 * 24 * 60).map(
    lambda minutes: _utc("2026-02-01T00:00") + timedelta(minutes=minutes)
)


def _is_open_by_the_wall(window: Window, moment: datetime) -> bool:
    """Read off a clock on the wall, in places whose clocks never jump."""
    local = moment.astimezone(ZoneInfo(window.zone))
    at, today = local.time(), local.weekday()
    if window.opens < window.closes:
        return today in window.days and window.opens <= at < window.closes
    yesterday = (today - 1) % 7
    return (today in window.days and at >= window.opens) or (
        yesterday in window.days and at < window.closes
    )


@given(st.lists(_WINDOWS, min_size=1, max_size=3), _MOMENTS)
def test_it_agrees_with_a_clock_on_the_wall(windows: list[Window], moment: datetime) -> None:
    seen = opening(Updates(tuple(windows)), moment)
    assert seen
    assert seen.is_open == any(_is_open_by_the_wall(window, moment) for window in windows)


@given(st.lists(_WINDOWS, min_size=1, max_size=3), _MOMENTS)
def test_the_next_opening_is_the_next(windows: list[Window], moment: datetime) -> None:
    updates = Updates(tuple(windows))
    seen = opening(updates, moment)
    assert seen
    if seen.is_open:
        return
    assert seen.at
    assert (first := opening(updates, seen.at))
    assert first.is_open
    assert (before := opening(updates, seen.at - timedelta(seconds=1)))
    assert not before.is_open
    waiting = seen.at - moment
    for share in range(1, 8):
        assert (between := opening(updates, moment + waiting * share / 8))
        assert not between.is_open


EVERY_DECEMBER = replace(SALES, yearly=True)


def test_days_of_each_year_come_again() -> None:
    updates = Updates(closed=(EVERY_DECEMBER,))
    for year in (2025, 2026, 2027, 2031):
        assert (within := opening(updates, _paris(f"{year}-12-26T23:59")))
        assert (within.is_open, within.at) == (False, _paris(f"{year}-12-27T00:00"))
        assert within.why == f"no changes until {year}-12-26 (Europe/Paris): December sales"
        assert (after := opening(updates, _paris(f"{year}-12-27T00:00")))
        assert (after.is_open, after.until) == (True, _paris(f"{year + 1}-12-01T00:00"))


def test_days_of_each_year_may_run_over_its_end() -> None:
    over = Closure(date(2024, 12, 20), date(2024, 1, 6), PARIS, "holidays", yearly=True)
    updates = Updates(closed=(over,))
    for moment in ("2026-12-20T00:00", "2026-12-31T23:59", "2027-01-01T00:00", "2027-01-06T23:59"):
        assert (seen := opening(updates, _paris(moment)))
        assert (seen.is_open, seen.at) == (False, _paris("2027-01-07T00:00"))
    for moment in ("2026-12-19T23:59", "2027-01-07T00:00"):
        assert (seen := opening(updates, _paris(moment)))
        assert seen.is_open


def test_the_last_of_february_is_there_each_year() -> None:
    leap = Closure(date(2024, 2, 10), date(2024, 2, 29), "UTC", "stocktaking", yearly=True)
    for year, last in ((2027, 28), (2028, 29)):
        assert (seen := opening(Updates(closed=(leap,)), _utc(f"{year}-02-28T12:00")))
        assert seen.at == _utc(f"{year}-02-{last}T00:00") + timedelta(days=1)
