"""The hour of a digest, and quiet hours: by the clock of a place, through its changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from wpstate.model.telling import DigestTime
from wpstate.model.updates import Window


def last_digest(said: DigestTime, now: datetime) -> datetime:
    """The latest declared hour that is not after `now`, in UTC.

    Where clocks jump over the hour it comes as they have jumped; where an hour comes twice, the
    first counts.
    """
    zone = ZoneInfo(said.zone)
    day = now.astimezone(zone).date() + timedelta(days=1)
    while True:
        if day.weekday() in said.days:
            at = datetime.combine(day, said.at, zone).astimezone(UTC)
            if at <= now:
                return at
        day -= timedelta(days=1)


def is_quiet(window: Window, now: datetime) -> bool:
    """By the clock on the wall: through both of a doubled hour."""
    there = now.astimezone(ZoneInfo(window.zone))
    clock = there.time()
    if window.opens < window.closes:
        return there.weekday() in window.days and window.opens <= clock < window.closes
    if clock >= window.opens:
        return there.weekday() in window.days
    return (there.weekday() - 1) % 7 in window.days and clock < window.closes
