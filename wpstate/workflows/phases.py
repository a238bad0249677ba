"""Times each phase of a run and tells the progress port."""

from collections.abc import Iterator
from contextlib import contextmanager

from wpstate.model.progress import PhaseBegan, PhaseEnded
from wpstate.model.run import Phase, PhaseTime
from wpstate.model.site import SiteId
from wpstate.ports import Clock, Progress


class PhaseLog:
    """The phases of one run, in the order in which they ended."""

    def __init__(self, site: SiteId, run: str, clock: Clock, progress: Progress) -> None:
        self._site = site
        self._run = run
        self._clock = clock
        self._progress = progress
        self._times: list[PhaseTime] = []

    @property
    def times(self) -> tuple[PhaseTime, ...]:
        return tuple(self._times)

    @contextmanager
    def phase(self, phase: Phase, text: str = "") -> Iterator[None]:
        """Time what happens inside; an exception marks the phase as failed and goes on."""
        started_at, begin_s = self._clock.now(), self._clock.monotonic_s()
        self._progress.tell(PhaseBegan(started_at, self._site, self._run, phase, text))
        ok = False
        try:
            yield
            ok = True
        finally:
            took_s = round(self._clock.monotonic_s() - begin_s, 3)
            self._times.append(PhaseTime(phase, started_at, took_s, ok))
            now = self._clock.now()
            self._progress.tell(PhaseEnded(now, self._site, self._run, phase, took_s, ok))
