"""Several sites' runs at the same time, few on one host, and an end to all of them that leaves
every site whole. What a run does is left to apply.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from wpstate.model.run import Run
from wpstate.ports import Interrupts

_LOOK_EACH_S = 0.1


@dataclass(frozen=True, slots=True)
class Job:
    host: str
    on_host: int
    """Begins only where fewer than so many are under way there."""
    run: Callable[[], Run]
    """Does not raise for the site's trouble, and does for an interrupt of its own process only."""


def run_at_once(
    jobs: Sequence[Job],
    *,
    at_once: int,
    interrupts: Interrupts,
    interrupt_runs: Callable[[], None],
    told: Callable[[Run], None],
    stop: Callable[[Sequence[Run]], bool],
) -> tuple[Run, ...]:
    """The runs in the order of their jobs, without those that never began: once `stop` says so of
    the runs that ended, nothing more begins, and what is under way comes to its end.

    Raises KeyboardInterrupt after an interrupt, when all runs have ended.
    """
    waiting = list(enumerate(jobs))
    under_way: dict[Future[Run], tuple[int, str]] = {}
    ended: dict[int, Run] = {}
    asked = False
    with interrupts.held_back(), ThreadPoolExecutor(at_once, "run") as pool:
        while waiting or under_way:
            try:
                if interrupts.noted and not asked:
                    asked = True
                    waiting.clear()
                    interrupt_runs()
                for number, job in _next(waiting, under_way, at_once):
                    waiting.remove((number, job))
                    under_way[pool.submit(job.run)] = number, job.host
                done, _ = wait(under_way, _LOOK_EACH_S, FIRST_COMPLETED)
                for future in done:
                    number, _ = under_way.pop(future)
                    ended[number] = future.result()
                    told(ended[number])
                    if stop(tuple(ended.values())):
                        waiting.clear()
            except KeyboardInterrupt:
                # The second one. The runs hear of it too, and are waited for all the same.
                interrupt_runs()
    if interrupts.noted:
        raise KeyboardInterrupt
    return tuple(run for _, run in sorted(ended.items()))


def _next(
    waiting: Sequence[tuple[int, Job]],
    under_way: dict[Future[Run], tuple[int, str]],
    at_once: int,
) -> list[tuple[int, Job]]:
    """What may begin now, first come first served but for hosts that are busy."""
    busy = Counter(host for _, host in under_way.values())
    chosen: list[tuple[int, Job]] = []
    for number, job in waiting:
        if len(under_way) + len(chosen) >= at_once:
            break
        if busy[job.host] < job.on_host:
            busy[job.host] += 1
            chosen.append((number, job))
    return chosen
