"""Runs beside each other: no more than asked, few on one host, none after a stop, and an interrupt
waits for all of them."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from threading import Event, Lock

import pytest

from tests.builders import NOW
from wpstate.adapters.interrupts import SignalInterrupts
from wpstate.model.run import Outcome, Run
from wpstate.model.site import SiteId
from wpstate.workflows.at_once import Job, run_at_once


def _run(name: str, outcome: Outcome = Outcome.APPLIED) -> Run:
    return Run("r", SiteId(name), "p", outcome, NOW, 1.0, None, (), (), (), ())


class _Hosts:
    """Jobs that end once as many are under way as can be, and what was the most there ever were."""

    def __init__(self, crowd: int) -> None:
        self._lock = Lock()
        self._crowd = crowd
        self._full = Event()
        self._now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    def job(self, name: str, host: str, on_host: int = 2) -> Job:
        def run() -> Run:
            with self._lock:
                self._now.update((host, "all"))
                for each in (host, "all"):
                    self.most[each] = max(self.most[each], self._now[each])
                if self._now["all"] == self._crowd:
                    self._full.set()
            assert self._full.wait(20)
            with self._lock:
                self._now.subtract((host, "all"))
            return _run(name)

        return Job(host, on_host, run)


@pytest.fixture
def interrupts() -> Iterator[SignalInterrupts]:
    # Whoever started the tests may have told them to ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    heard = SignalInterrupts()
    heard.install()
    yield heard
    signal.signal(signal.SIGINT, before)


def _all(
    jobs: Sequence[Job],
    interrupts: SignalInterrupts,
    *,
    at_once: int = 4,
    interrupt_runs: Callable[[], None] = lambda: None,
    stop: Callable[[Sequence[Run]], bool] = lambda _: False,
) -> tuple[list[str], list[str]]:
    told: list[str] = []
    runs = run_at_once(
        jobs,
        at_once=at_once,
        interrupts=interrupts,
        interrupt_runs=interrupt_runs,
        told=lambda run: told.append(run.site),
        stop=stop,
    )
    return [run.site for run in runs], told


def test_as_many_as_asked_and_no_more(interrupts: SignalInterrupts) -> None:
    hosts = _Hosts(4)
    names = [f"s{n}" for n in range(12)]
    runs, told = _all([hosts.job(name, name) for name in names], interrupts)
    assert runs == names
    assert sorted(told) == sorted(names)
    assert hosts.most["all"] == 4


def test_few_on_one_host_and_the_others_go_on(interrupts: SignalInterrupts) -> None:
    hosts = _Hosts(3)
    crowded = [hosts.job(f"a{n}", "crowded", on_host=1) for n in range(6)]
    apart = [hosts.job(f"b{n}", f"host{n}") for n in range(2)]
    runs, _ = _all([*crowded, *apart], interrupts)
    assert len(runs) == 8
    assert hosts.most["crowded"] == 1


def test_after_a_stop_nothing_begins(interrupts: SignalInterrupts) -> None:
    names = [f"s{n}" for n in range(20)]
    jobs = [
        Job(name, 2, lambda name=name: _run(name, Outcome.ROLLED_BACK))  # type: ignore[misc]
        for name in names
    ]
    runs, _ = _all(jobs, interrupts, at_once=3, stop=bool)
    assert 1 <= len(runs) <= 3


def test_an_interrupt_is_handed_on_and_waited_for(interrupts: SignalInterrupts) -> None:
    began, asked = Event(), Event()
    ended: list[str] = []

    def long(name: str) -> Callable[[], Run]:
        def run() -> Run:
            began.set()
            assert asked.wait(20)
            ended.append(name)
            return _run(name)

        return run

    def press() -> Run:
        assert began.wait(20)
        signal.raise_signal(signal.SIGINT)
        return _run("press")

    jobs = [Job("a", 2, long("a")), Job("b", 2, press), Job("c", 2, long("c"))]
    with pytest.raises(KeyboardInterrupt):
        _all(jobs, interrupts, at_once=2, interrupt_runs=asked.set)
    assert ended[0] == "a"


def test_a_second_interrupt_is_handed_on_too(interrupts: SignalInterrupts) -> None:
    began, asked = Event(), list[int]()
    let_go = Event()

    def stubborn() -> Run:
        began.set()
        assert let_go.wait(20)
        return _run("a")

    def hear() -> None:
        asked.append(1)
        if len(asked) == 1:
            signal.raise_signal(signal.SIGINT)
        else:
            let_go.set()

    def press() -> Run:
        assert began.wait(20)
        signal.raise_signal(signal.SIGINT)
        return _run("press")

    with pytest.raises(KeyboardInterrupt):
        _all([Job("a", 2, stubborn), Job("b", 2, press)], interrupts, interrupt_runs=hear)
    assert len(asked) == 2


def test_an_interrupt_as_the_last_run_ends_is_no_success(interrupts: SignalInterrupts) -> None:
    def told(_: Run) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run_at_once(
            [Job("a", 2, lambda: _run("a"))],
            at_once=2,
            interrupts=interrupts,
            interrupt_runs=lambda: None,
            told=told,
            stop=lambda _: False,
        )
