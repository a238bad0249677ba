"""The hour of a digest and quiet hours, through changes of the clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpstate.model.telling import DigestTime
from wpstate.model.updates import Window
from wpstate.planning.hours import is_quiet, last_digest

PARIS = "Europe/Paris"
_START = datetime(2025, 1, 1, tzinfo=UTC)
EVERY_DAY = frozenset(range(7))
NIGHT = Window(EVERY_DAY, time(20), time(7), PARIS, "daily 20:00-07:00 Europe/Paris")


def _paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(PARIS)).astimezone(UTC)


def _digest(at: time, days: frozenset[int] = EVERY_DAY) -> DigestTime:
    return DigestTime(days, at, PARIS, "")


def test_the_latest_hour_that_has_come() -> None:
    eight = _digest(time(8))
    assert last_digest(eight, _paris("2026-11-24T08:00")) == _paris("2026-11-24T08:00")
    assert last_digest(eight, _paris("2026-11-24T07:59")) == _paris("2026-11-23T08:00")
    weekdays = _digest(time(8), frozenset(range(5)))
    assert last_digest(weekdays, _paris("2026-11-29T12:00")) == _paris("2026-11-27T08:00")


def test_a_skipped_hour_comes_as_the_clocks_have_jumped() -> None:
    half_past_two = _digest(time(2, 30))
    jumped = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30 by the new clock
    assert last_digest(half_past_two, jumped) == jumped
    assert last_digest(half_past_two, jumped - timedelta(minutes=1)) < jumped - timedelta(hours=20)


def test_a_doubled_hour_counts_once() -> None:
    half_past_two = _digest(time(2, 30))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert last_digest(half_past_two, first + timedelta(minutes=90)) == first


@given(
    st.integers(0, 3 * 365 * 86_400).map(lambda s: _START + timedelta(seconds=s)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from((PARIS, "America/New_York", "Pacific/Chatham", "UTC")),
)
def test_of_every_day_one_hour_each_day(now: datetime, at: time, zone: str) -> None:
    said = DigestTime(EVERY_DAY, at, zone, "")
    found = last_digest(said, now)
    assert timedelta(0) <= now - found < timedelta(hours=26)
    assert last_digest(said, found) == found
    assert last_digest(said, found - timedelta(seconds=1)) < found


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-11-24T19:59", False),
        ("2026-11-24T20:00", True),
        ("2026-11-25T06:59", True),
        ("2026-11-25T07:00", False),
        ("2026-10-25T02:30", True),
        ("2026-03-29T03:30", True),
    ],
)
def test_quiet_by_the_clock_on_the_wall(moment: str, quiet: bool) -> None:
    assert is_quiet(NIGHT, _paris(moment)) is quiet


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    fridays = Window(frozenset({4}), time(20), time(7), PARIS, "fri 20:00-07:00 Europe/Paris")
    assert is_quiet(fridays, _paris("2026-11-28T06:00"))
    assert not is_quiet(fridays, _paris("2026-11-27T06:00"))
    noon = Window(frozenset({4}), time(12), time(14), PARIS, "fri 12:00-14:00 Europe/Paris")
    assert is_quiet(noon, _paris("2026-11-27T13:00"))
    assert not is_quiet(noon, _paris("2026-11-26T13:00"))
