"""Turns the signals that ask wpstate to stop into KeyboardInterrupt, at moments that can bear it.

Ctrl-C, a polite kill and a closed terminal mean the same: finish or undo the step, then stop.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ASKING_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SignalInterrupts:
    """Of one process. Signals arrive in its main thread alone (signal(7), Python's `signal`)."""

    def __init__(self) -> None:
        self._shields = 0
        self._heard = 0
        self._to: Callable[[], None] | None = None

    def install(self) -> None:
        """Listen from now on, also to what came while `deaf_at_first` lasted. What whoever started
        us told us to ignore stays ignored (nohup)."""
        for number in ASKING_TO_STOP:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._hear)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKING_TO_STOP)

    @property
    def noted(self) -> bool:
        """An interrupt came, whether it was held back or not."""
        return self._heard > 0

    @property
    def heard(self) -> int:
        """How often."""
        return self._heard

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Inside, a first interrupt is only noted; a second is raised as ever."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1

    @contextmanager
    def handed_on(self, to: Callable[[], None]) -> Iterator[None]:
        """Inside, each calls `to` and raises nothing, so that none is lost between two others."""
        self._to = to
        try:
            yield
        finally:
            self._to = None

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._heard += 1
        if self._to is not None:
            self._to()
            return
        if self._heard == 1 and self._shields:
            return
        raise KeyboardInterrupt


@contextmanager
def deaf_at_first() -> Iterator[None]:
    """A process that is begun inside dies of no signal before it listens: those wait for it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ASKING_TO_STOP)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


INTERRUPTS = SignalInterrupts()
"""Signals belong to the process, and so does this."""
