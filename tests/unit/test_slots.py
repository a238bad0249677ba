"""Work on many hosts at once: those that hang give their slots to the others."""

import itertools
import threading
from collections import Counter

from wpstate.adapters import slots
from wpstate.adapters.slots import AT_WORK, ON_ONE_HOST, each_at_once


def test_however_many_hang_first_the_others_are_done_before_any_of_them_ends() -> None:
    """They end only once all others are done; without their slots given back nobody would."""
    all_done, done, others = threading.Event(), itertools.count(1), 40

    def work(job: int) -> bool:
        if job < 3 * AT_WORK:
            return all_done.wait(20)
        if next(done) == others:
            all_done.set()
        return True

    ended = list(each_at_once(range(3 * AT_WORK + others), lambda job: job, work))
    assert ended == [True] * (3 * AT_WORK + others)


def test_one_host_has_its_limit_and_leaves_the_others_theirs() -> None:
    lock, at_once, most = threading.Lock(), Counter[str](), Counter[str]()
    full = threading.Event()

    def work(host: str) -> None:
        with lock:
            at_once[host] += 1
            most[host] = max(most[host], at_once[host])
            if host == "other":
                full.set()
        full.wait(60)
        with lock:
            at_once[host] -= 1

    jobs = ["busy"] * (ON_ONE_HOST + 20) + ["other"]
    assert len(list(each_at_once(jobs, str, work))) == len(jobs)
    assert most == {"busy": ON_ONE_HOST, "other": 1}


def test_nothing_to_do_ends_at_once() -> None:
    assert list(each_at_once([], str, str)) == []
    assert slots.AT_ONCE > AT_WORK
