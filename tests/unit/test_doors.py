"""How often a host is knocked at, and when it is left alone."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock

import pytest

from wpstate.adapters.database import SqliteDatabase
from wpstate.adapters.shared_knocks import SharedKnocks
from wpstate.adapters.shut_hosts import DatabaseShutHosts, Shut
from wpstate.adapters.ssh_doors import AWAY_S, OPENING_AT_ONCE, Doors
from wpstate.model.problem import Failed, Problem
from wpstate.model.site import Account

FIRST, SECOND = Account("web1", 22, "first"), Account("web1", 22, "second")
ELSEWHERE = Account("web2", 22, "first")


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def unanswered(doors: Doors, account: Account) -> str:
    """The slug of what is told of one knock that nobody answered."""
    with doors.turn(account, 100) as turn:
        return turn.unanswered(Problem("host.unreachable", "", found="refused")).slug


def answered(doors: Doors, account: Account) -> None:
    with doors.turn(account, 100) as turn:
        turn.answered()


def is_shut(doors: Doors, account: Account) -> bool:
    try:
        with doors.turn(account, 100):
            return False
    except Failed as error:
        return [problem.slug for problem in error.problems] == ["host.banned"]


def test_one_silence_may_be_chance_and_two_are_not() -> None:
    doors = Doors(Watch())
    assert unanswered(doors, FIRST) == "host.unreachable"
    assert not is_shut(doors, SECOND)
    assert unanswered(doors, SECOND) == "host.banned"
    assert is_shut(doors, FIRST)
    assert is_shut(doors, SECOND)
    assert not is_shut(doors, ELSEWHERE)


def test_an_answer_in_between_makes_it_chance() -> None:
    doors = Doors(Watch())
    unanswered(doors, FIRST)
    answered(doors, FIRST)
    assert unanswered(doors, FIRST) == "host.unreachable"


def test_who_answered_before_is_asked_once_more_and_a_stranger_is_not() -> None:
    doors = Doors(Watch())
    refused = Problem("host.unreachable", "")
    with doors.turn(FIRST, 100) as turn:
        turn.unanswered(refused)
        assert not turn.once_more
    answered(doors, FIRST)
    with doors.turn(FIRST, 100) as turn:
        assert not turn.once_more
        turn.unanswered(refused)
        assert turn.once_more
    with doors.turn(FIRST, 100) as turn:
        assert "let us in before" in (turn.unanswered(refused).found or "")
        assert not turn.once_more


def test_it_is_left_alone_longer_each_time() -> None:
    watch = Watch()
    doors = Doors(watch)
    for away_s in (AWAY_S, 2 * AWAY_S, 4 * AWAY_S):
        unanswered(doors, FIRST)
        while not is_shut(doors, FIRST):
            unanswered(doors, FIRST)
        watch.now += away_s - 1
        assert is_shut(doors, FIRST)
        watch.now += 1
        assert not is_shut(doors, FIRST)
    answered(doors, FIRST)
    unanswered(doors, FIRST)
    unanswered(doors, FIRST)
    watch.now += AWAY_S
    assert not is_shut(doors, FIRST)


def test_what_two_chances_shut_is_tried_again_before_a_ban_would_end() -> None:
    watch = Watch()
    doors = Doors(watch)
    unanswered(doors, FIRST)
    unanswered(doors, FIRST)
    watch.now += 30
    answered(doors, FIRST)
    assert not is_shut(doors, SECOND)


def memory(folder: Path) -> DatabaseShutHosts:
    return DatabaseShutHosts(SqliteDatabase(folder / "ledger"), is_there=True)


def another_process(folder: Path, *, heeds: bool) -> Doors:
    doors = Doors(Watch())
    doors.share(memory(folder), SharedKnocks(folder / "connections"), heeds=heeds)
    return doors


def test_a_later_pass_leaves_alone_what_an_earlier_one_found_shut(tmp_path: Path) -> None:
    first = another_process(tmp_path, heeds=True)
    for _ in range(2):
        unanswered(first, FIRST)
    until = datetime.now(UTC) + timedelta(hours=1)
    (found,) = memory(tmp_path).known().values()
    assert (found.times, found.found, found.until < until) == (1, "refused", True)
    memory(tmp_path).shut("web1", Shut(3, until, "refused"))  # however slow this machine is
    later = another_process(tmp_path, heeds=True)
    with pytest.raises(Failed) as told, later.turn(SECOND, 100):
        pass
    (problem,) = told.value.problems
    assert problem.slug == "host.banned"
    assert f"left alone until {until:%d %b %H:%M} UTC" in (problem.found or "")
    assert not is_shut(later, ELSEWHERE)


def test_a_person_may_try_once_and_an_answer_lets_everybody_in(tmp_path: Path) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    memory(tmp_path).shut("web1", Shut(3, later, "refused"))
    person = another_process(tmp_path, heeds=False)
    assert not is_shut(person, FIRST)
    assert unanswered(person, FIRST) == "host.banned"
    assert is_shut(person, SECOND)
    (found,) = memory(tmp_path).known().values()
    assert found.times == 4
    assert found.left_s > 7 * AWAY_S
    answered(another_process(tmp_path, heeds=False), FIRST)
    assert memory(tmp_path).known() == {}
    assert not is_shut(another_process(tmp_path, heeds=True), FIRST)


def test_a_host_shut_by_a_clock_that_was_ahead_is_tried_and_forgotten(tmp_path: Path) -> None:
    next_year = datetime.now(UTC) + timedelta(days=365)
    memory(tmp_path).shut("web1", Shut(2, next_year, "refused"))
    doors = another_process(tmp_path, heeds=True)
    assert not is_shut(doors, FIRST)
    answered(doors, FIRST)
    assert memory(tmp_path).known() == {}


def test_what_is_kept_badly_spares_no_host_and_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "connections").write_text("no folder")
    doors = another_process(tmp_path, heeds=True)
    for _ in range(2):
        unanswered(doors, FIRST)
    assert is_shut(doors, FIRST)
    assert not is_shut(another_process(tmp_path, heeds=True), FIRST)


def test_connections_of_other_processes_are_counted_too(tmp_path: Path) -> None:
    minute_s, lock = 0.4, Lock()
    knocks: list[float] = []
    several = [Doors(minute_s=minute_s) for _ in range(3)]
    for each in several:
        each.share(memory(tmp_path), SharedKnocks(tmp_path / "connections"), heeds=False)

    def knock(number: int) -> None:
        with several[number % 3].turn(FIRST, 3), lock:
            knocks.append(time.monotonic())

    began = time.monotonic()
    with ThreadPoolExecutor(9) as pool:
        list(pool.map(knock, range(9)))
    for number, at in enumerate(sorted(knocks)):
        assert at - began >= number // 3 * minute_s


def test_who_lost_a_connection_waits_for_nobody_and_is_counted(tmp_path: Path) -> None:
    shared = SharedKnocks(tmp_path / "connections")
    doors = Doors()
    doors.share(memory(tmp_path), shared, heeds=False)
    for _ in range(3):  # one a minute may come, and this would wait for the next one
        with doors.turn(FIRST, 1, again=True):
            pass
    assert shared.take("web1", 3, 60.0) > 0
    assert shared.take("web1", 4, 60.0) == 0


def test_connections_per_minute_are_counted_over_all_accounts_of_a_machine() -> None:
    doors, lock = Doors(minute_s=0.4), Lock()
    knocks: list[float] = []

    def knock(number: int) -> None:
        account, a_minute = Account("web1", 22, f"client-{number}"), 3 if number == 0 else 100
        with doors.turn(account, a_minute), lock:
            knocks.append(time.monotonic())

    began = time.monotonic()
    knock(0)  # The least that one of its accounts was given holds for all.
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(knock, range(1, 10)))
    # However late a busy machine notes one, none may be noted early.
    for number, at in enumerate(sorted(knocks)):
        assert at - began >= number // 3 * 0.4


def test_few_are_at_a_door_at_once_and_a_shut_one_lets_the_waiting_go() -> None:
    doors, lock = Doors(), Lock()
    at_once, most, sent_away = 0, 0, 0
    full = Event()

    def knock(number: int) -> None:
        nonlocal at_once, most, sent_away
        try:
            with doors.turn(Account("web1", 22, f"client-{number}"), 1000) as turn:
                with lock:
                    at_once += 1
                    most = max(most, at_once)
                    if at_once >= OPENING_AT_ONCE:
                        full.set()
                full.wait(60)
                time.sleep(0.05)  # for those who may not be here
                with lock:
                    at_once -= 1
                turn.unanswered(Problem("host.unreachable", ""))
        except Failed:
            with lock:
                sent_away += 1

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(knock, range(50)))
    assert most == OPENING_AT_ONCE
    assert sent_away >= 50 - 2 * OPENING_AT_ONCE


@pytest.mark.parametrize("jump", [None, Account("bastion", 22, "agency")])
def test_a_machine_behind_another_is_another_machine(jump: Account | None) -> None:
    doors = Doors(Watch())
    for _ in range(2):
        unanswered(doors, Account("web1", 22, "first", jump))
    assert is_shut(doors, FIRST) is (jump is None)
