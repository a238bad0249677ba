"""When a cron expression comes true next."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from wpstate.model.schedule import Cron


def next_time(cron: Cron, after: datetime) -> datetime:
    """In UTC. What clocks jump over comes when they have jumped, what they show twice comes once
    (as Debian's cron does it). Raises ValueError where such a time never comes."""
    try:
        times = CronSim(cron.fields, after.astimezone(ZoneInfo(cron.zone)))
        return next(times).astimezone(UTC)
    except (CronSimError, StopIteration) as error:
        raise ValueError(str(error) or "no such day in fifty years") from None
