"""When the next pass begins: what was missed is one pass, never a burst, whatever clocks do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpstate.desired.schedule import schedule_of
from wpstate.model.problem import InvalidDesiredState
from wpstate.model.schedule import Cron, Every, Schedule
from wpstate.planning import schedule as planning
from wpstate.planning.schedule import jitter_s
from wpstate.resources.cron_times import next_time

QUARTER = Schedule(Every(900), jitter_s=0)
NIGHTLY = Schedule(Cron("30 2 * * *", "Europe/Paris"), jitter_s=0)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due_at(schedule: Schedule, last: datetime | None, now: datetime, chance: float) -> datetime:
    """Of a service that begins now."""
    return planning.due_at(schedule, last, now, now, chance)


def test_a_first_pass_of_an_interval_is_due_at_once_and_of_a_time_of_day_at_that_time() -> None:
    now = _utc("2026-11-24T12:00")
    assert due_at(QUARTER, None, now, 0.5) == now
    assert due_at(NIGHTLY, None, now, 0.5) == _utc("2026-11-25T01:30")


def test_an_interval_counts_from_the_beginning_of_the_last_pass() -> None:
    began = _utc("2026-11-24T12:00")
    assert due_at(QUARTER, began, began + timedelta(minutes=4), 0) == began + timedelta(minutes=15)


@pytest.mark.parametrize("schedule", [QUARTER, NIGHTLY])
def test_days_of_sleep_are_made_up_for_by_one_pass(schedule: Schedule) -> None:
    last, woken = _utc("2026-11-20T01:30"), _utc("2026-11-24T12:00")
    assert due_at(schedule, last, woken, 1.0) == woken
    # That pass began when the machine woke; the next is a regular one.
    assert due_at(schedule, woken, woken + timedelta(minutes=1), 0) > woken + timedelta(minutes=10)


def test_a_time_that_clocks_jump_over_comes_once_they_have_jumped() -> None:
    day = Cron("30 2 * * *", "Europe/Paris")
    assert next_time(day, _utc("2026-03-28T12:00")) == _utc("2026-03-29T01:00")
    assert next_time(day, _utc("2026-03-29T01:00")) == _utc("2026-03-30T00:30")


def test_a_time_that_clocks_show_twice_comes_once() -> None:
    first = next_time(NIGHTLY.when, _utc("2026-10-24T12:00"))  # type: ignore[arg-type]
    assert first == _utc("2026-10-25T00:30")
    assert due_at(NIGHTLY, first, first + timedelta(minutes=5), 0) == _utc("2026-10-26T01:30")


def test_who_waits_for_a_first_time_sees_it_come() -> None:
    since, at = _utc("2026-11-24T12:00"), _utc("2026-11-25T01:30")
    assert planning.due_at(NIGHTLY, None, since, at - timedelta(seconds=1), 0) == at
    assert planning.due_at(NIGHTLY, None, since, at + timedelta(seconds=1), 0) <= at + timedelta(
        seconds=1
    )


def test_a_pass_waits_out_its_jitter_though_its_time_has_come() -> None:
    last, jittery = _utc("2026-11-24T12:00"), Schedule(Every(900), jitter_s=100)
    for now in (last, last + timedelta(seconds=949)):
        assert due_at(jittery, last, now, 0.5) == last + timedelta(seconds=950)


def test_jitter_is_a_tenth_of_the_interval_and_a_minute_at_most() -> None:
    assert jitter_s(Schedule(Every(60))) == 6
    assert jitter_s(Schedule(Every(86_400))) == 60
    assert jitter_s(Schedule(Cron("0 * * * *"))) == 60
    assert jitter_s(Schedule(Every(60), jitter_s=300)) == 300


@given(
    every=st.integers(1, 1_000_000),
    jitter=st.none() | st.integers(0, 10_000),
    ago=st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
    chance=st.floats(0, 1),
)
def test_never_in_the_past_and_never_later_than_interval_and_jitter(
    every: int, jitter: int | None, ago: timedelta | None, chance: float
) -> None:
    now, schedule = _utc("2026-11-24T12:00"), Schedule(Every(every), jitter)
    due = due_at(schedule, now - ago if ago is not None else None, now, chance)
    assert now <= due <= now + timedelta(seconds=every + jitter_s(schedule))


@pytest.mark.parametrize(
    ("said", "schedule"),
    [
        ("15m", Schedule(Every(900))),
        ("{every: 1h, jitter: 5m}", Schedule(Every(3600), 300)),
        ('{cron: "0 2 * * mon-fri", zone: Europe/Paris}',
         Schedule(Cron("0 2 * * mon-fri", "Europe/Paris"))),
        ('{cron: "*/20 * * * *"}', Schedule(Cron("*/20 * * * *"))),
    ],
)  # fmt: skip
def test_what_a_fleet_says(said: str, schedule: Schedule) -> None:
    assert schedule_of(f"name: agency\nreconcile: {said}\n") == ("agency", schedule)


def test_a_fleet_that_says_nothing_and_one_that_is_off() -> None:
    assert schedule_of("name: agency\n") == ("agency", None)
    for text in ("reconcile: 15m\n", 'name: a\nreconcile: {cron: "0 0 31 feb *"}\n', ": {"):
        with pytest.raises(InvalidDesiredState):
            schedule_of(text)
