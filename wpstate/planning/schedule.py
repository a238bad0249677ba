"""When is the next pass over a fleet due? Waiting for it is left to who makes passes.

What was missed (the machine slept, a pass took longer) is made up for by one pass, never by
several: all that was due since the beginning of the last one is one pass now.
"""

from datetime import datetime, timedelta
from typing import assert_never

from wpstate.model.schedule import Cron, Every, Schedule
from wpstate.resources.cron_times import next_time

_MOST_JITTER_S = 60


def due_at(
    schedule: Schedule, last: datetime | None, since: datetime, now: datetime, chance: float
) -> datetime:
    """When the next pass begins, not before `now`; the very `now` where one was missed.

    `last`: when the last one began. Where there was none, the first of `every` is due at once, that
    of a cron expression at its first time after `since`, when somebody began to wait for it.
    `chance`, from 0 to 1: where in the jitter it begins; the same while one waits.
    """
    match schedule.when:
        case Every(seconds):
            if last is None:
                return now
            due = last + timedelta(seconds=seconds)
        case Cron() as cron:
            due = next_time(cron, last or since)
        case other:
            assert_never(other)
    return max(now, due + timedelta(seconds=jitter_s(schedule) * chance))


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
