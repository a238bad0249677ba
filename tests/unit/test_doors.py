"""How often a host is knocked at, and when it is left alone."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

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
