"""Work on many hosts at the same time: few that keep this machine busy, many that only wait.

Who has not ended within a moment waits for its host, and gives its slot to the next. So a host that
hangs costs the others nothing but that moment, however many hang.
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

AT_WORK = 16
PATIENCE_S = 1.0
AT_ONCE = 256
"""Of those that wait too; each has a thread and a connection."""
ON_ONE_HOST = 16

Job = TypeVar("Job")
Result = TypeVar("Result")


def each_at_once(
    jobs: Sequence[Job], host_of: Callable[[Job], Hashable], work: Callable[[Job], Result]
) -> Iterator[Result]:
    """The results, in the order in which they come. Raises what `work` raises."""
    waiting = list(jobs)
    begun: dict[Future[Result], tuple[float, Hashable]] = {}
    with ThreadPoolExecutor(min(AT_ONCE, max(1, len(waiting))), "observe") as pool:
        while waiting or begun:
            now = time.monotonic()
            at_work = sum(now - since < PATIENCE_S for since, _ in begun.values())
            free = min(AT_WORK - at_work, AT_ONCE - len(begun))
            for job in _next(waiting, host_of, Counter(host for _, host in begun.values()), free):
                begun[pool.submit(work, job)] = time.monotonic(), host_of(job)
            done, _ = wait(begun, _moment_s(begun) if waiting else None, FIRST_COMPLETED)
            for future in done:
                del begun[future]
                yield future.result()


def _next(
    waiting: list[Job], host_of: Callable[[Job], Hashable], busy: Counter[Hashable], free: int
) -> list[Job]:
    """Takes the first ones whose host is not busy out of `waiting`."""
    chosen: list[Job] = []
    at = 0
    while at < len(waiting) and len(chosen) < free:
        host = host_of(waiting[at])
        if busy[host] < ON_ONE_HOST:
            busy[host] += 1
            chosen.append(waiting.pop(at))
        else:
            at += 1
    return chosen


def _moment_s(begun: dict[Future[Result], tuple[float, Hashable]]) -> float:
    """Until the next one gives its slot back."""
    ends = [since + PATIENCE_S - time.monotonic() for since, _ in begun.values()]
    return min((end for end in ends if end > 0), default=0.05) + 0.01
