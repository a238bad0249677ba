"""Makes one pass after another over a fleet, each when its schedule says so, until asked to stop.

When that is, is left to planning.schedule; what a pass does to workflows.reconcile, in a process of
its own; which signals ask to stop to the interrupts.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from wpstate.model.problem import WpstateError
from wpstate.model.schedule import Schedule
from wpstate.planning.schedule import due_at
from wpstate.ports import Clock, MakesPasses

LOOK_AGAIN_S = 30.0
"""While waiting: the machine may have slept, its clock been set, the fleet's file been changed."""


@dataclass(slots=True)
class Service:
    schedule: Callable[[], Schedule]
    """Read anew each time. Raises WpstateError."""
    passes: MakesPasses
    clock: Clock
    chance: Callable[[], float]
    """From 0 to 1, another one for each pass."""
    waits: Callable[[datetime], None]
    """Hears when the next pass begins."""
    ended: Callable[[int], None]
    """Hears of the exit code of each. Raises WpstateError."""
    failed: Callable[[WpstateError], None]
    """Hears of what went wrong beside a pass."""
    _known: Schedule = field(init=False)

    def serve(self, last: datetime | None) -> bool:
        """Until it is asked to stop. `last`: when the last pass began, before this service. False
        where a pass was asked twice, and left its sites to their hosts.

        Raises WpstateError where nothing ever said when passes begin.
        """
        self._known = self.schedule()
        since = self.clock.now()
        try:
            while True:
                last = self._wait(last, since)
                try:
                    done = self.passes.make()
                except WpstateError as error:
                    self.failed(error)
                    continue
                self._tell(done.code)
                if done.interrupts:
                    return done.interrupts == 1
        except KeyboardInterrupt:
            return True

    def _wait(self, last: datetime | None, since: datetime) -> datetime:
        """Until the next pass is due; the time at which it then is."""
        chance, told = self.chance(), None
        while True:
            now = self.clock.now()
            # A clock that was set back makes nobody wait for the time it had shown.
            last = min(last, now) if last is not None else None
            since = min(since, now)
            due = due_at(self._schedule(), last, since, now, chance)
            if due <= now:
                return now
            if due != told:
                self.waits(due)
                told = due
            self.clock.pause(min(LOOK_AGAIN_S, (due - now).total_seconds()))

    def _schedule(self) -> Schedule:
        """As the fleet says now; while nobody can read that, as it said before: the pass tells."""
        with suppress(WpstateError):
            self._known = self.schedule()
        return self._known

    def _tell(self, code: int) -> None:
        try:
            self.ended(code)
        except WpstateError as error:
            self.failed(error)
