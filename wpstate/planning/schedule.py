"""When is the next pass over a fleet due? Waiting for it is left to who makes passes.

What was missed (the machine slept, a pass took longer) is made up for by one pass, never by
several: all that was due since the beginning of the last one is one pass now.
"""

from datetime import datetime, timedelta
from typing import assert_never

from wpstate.model.schedule import Cron, Every, Schedule
from wpstate.resources.cron_times import next_time

_MOST_JITTER_S = 60


def due_at(schedule: Schedule, last: datetime | None, now: datetime, chance: float) -> datetime:
    """When the next pass begins, in UTC and not before `now`; the very `now` where one was missed.

    `last`: when the last one began, None where there was none: of `every` one is then due at once,
    of a cron expression at its next time. `chance`, from 0 to 1, is where in the jitter it begins.
    """
    # A clock that was set back must not make the fleet wait for the time it had shown.
    before = min(last, now) if last is not None else None
    match schedule.when:
        case Every(seconds):
            due = before + timedelta(seconds=seconds) if before else now
        case Cron() as cron:
            due = next_time(cron, before or now)
        case other:
            assert_never(other)
    if due <= now:
        return now
    return due + timedelta(seconds=jitter_s(schedule) * chance)


def jitter_s(schedule: Schedule) -> float:
    """What was written, else a tenth of `every`, a minute at most: many controllers that were
    told the same time do not all knock at one host's door in the same second."""
    if schedule.jitter_s is not None:
        return schedule.jitter_s
    match schedule.when:
        case Every(seconds):
            return min(seconds / 10, _MOST_JITTER_S)
        case Cron():
            return _MOST_JITTER_S
        case other:
            assert_never(other)
