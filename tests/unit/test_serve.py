"""A service of a fleet between passes: which ones it makes, on a clock that the test turns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tests.builders import NOW
from wpstate.model.problem import Failed, Problem, WpstateError
from wpstate.model.schedule import Cron, Every, Schedule
from wpstate.ports import PassEnded
from wpstate.workflows.serve import LOOK_AGAIN_S, Service

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
QUARTER = Schedule(Every(900), jitter_s=0)
OFF = Failed([Problem("x.off", "off")])


@dataclass
class World:
    """A clock, and passes that take their time by it; stops after so many."""

    passes: int
    takes: timedelta = MINUTE
    schedule: Schedule | WpstateError = QUARTER
    now_is: datetime = NOW
    began: list[datetime] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    at_pause: Callable[[int], None] = lambda _: None
    at_end: Callable[[], None] = lambda: None
    interrupts: int = 1
    _pauses: int = 0

    def now(self) -> datetime:
        return self.now_is

    def monotonic_s(self) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        assert 0 < seconds <= LOOK_AGAIN_S
        self.now_is += timedelta(seconds=seconds)
        self._pauses += 1
        self.at_pause(self._pauses)

    def make(self) -> PassEnded:
        self.began.append(self.now_is)
        self.now_is += self.takes
        is_last = len(self.began) == self.passes
        return PassEnded(0, self.interrupts if is_last else 0)

    def serve(self, last: datetime | None = None) -> bool:
        def ended(_: int) -> None:
            self.at_end()

        def schedule() -> Schedule:
            if isinstance(self.schedule, WpstateError):
                raise self.schedule
            return self.schedule

        return Service(
            schedule, self, self, lambda: 0.0,
            waits=lambda due: self.told.append(f"waits {due:%H:%M}"),
            ended=ended,
            failed=lambda error: self.told.append(error.problems[0].slug),
        ).serve(last)  # fmt: skip

    @property
    def minutes(self) -> list[float]:
        return [(at - NOW) / MINUTE for at in self.began]


def test_one_pass_after_another_each_at_its_time() -> None:
    world = World(3)
    assert world.serve()
    assert world.minutes == [0, 15, 30]
    assert world.told == ["waits 09:15", "waits 09:30"]


def test_passes_that_take_too_long_follow_each_other_and_never_pile_up() -> None:
    world = World(4, takes=40 * MINUTE)
    world.serve()
    assert world.minutes == [0, 40, 80, 120]


def test_a_machine_that_slept_makes_up_for_it_once() -> None:
    world = World(4)

    def sleep(pauses: int) -> None:
        if pauses == 3:
            world.now_is += 10 * HOUR

    world.at_pause = sleep
    world.serve()
    gaps = [(b - a) / MINUTE for a, b in zip(world.began, world.began[1:], strict=False)]
    assert gaps[0] > 600
    assert gaps[1:] == [15, 15]


def test_a_restarted_service_goes_on_where_it_was() -> None:
    world = World(2)
    world.serve(NOW - 10 * MINUTE)
    assert world.minutes == [5, 20]


def test_a_clock_that_is_set_back_makes_nobody_wait_for_it() -> None:
    world = World(3)
    world.serve(NOW + 100 * HOUR)
    assert world.minutes == [15, 30, 45]


def test_a_schedule_that_is_changed_holds_at_once() -> None:
    world = World(2, schedule=Schedule(Cron("0 12 * * *"), jitter_s=0))

    def change(pauses: int) -> None:
        if pauses == 10:
            world.schedule = Schedule(Every(60), jitter_s=0)

    world.at_pause = change
    world.serve(NOW - MINUTE)
    assert world.minutes == [5, 6]


def test_a_fleet_that_cannot_be_read_any_more_is_looked_at_as_before() -> None:
    world = World(3)

    def spoil(_: int) -> None:
        world.schedule = OFF

    world.at_pause = spoil
    assert world.serve()
    assert world.minutes == [0, 15, 30]


def test_a_fleet_that_never_said_when_is_told_so() -> None:
    with pytest.raises(Failed):
        World(1, schedule=OFF).serve()


def test_what_goes_wrong_beside_a_pass_is_told_and_the_next_one_comes() -> None:
    def refuse() -> None:
        raise OFF

    world = World(2, at_end=refuse)
    assert world.serve()
    assert world.told == ["x.off", "waits 09:15", "x.off"]


def test_a_pass_that_could_not_begin_is_one_pass_less() -> None:
    class Full(World):
        def make(self) -> PassEnded:
            done = World.make(self)
            if len(self.began) == 2:
                raise OFF
            return done

    world = Full(3)
    assert world.serve()
    assert world.minutes == [0, 15, 30]
    assert "x.off" in world.told


def test_asked_to_stop_while_it_waits_it_stops() -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    world = World(9, at_pause=stop)
    assert world.serve()
    assert len(world.began) == 1


def test_a_pass_that_was_asked_twice_left_its_sites_to_their_hosts() -> None:
    assert not World(1, interrupts=2).serve()
