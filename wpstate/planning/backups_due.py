"""Is a site's next backup due? What was missed is made up for by one. Making it is left to
workflows.back_up."""

from datetime import datetime, timedelta
from typing import Final

from wpstate.model.backup import BackupPolicy, BackupsSeen
from wpstate.model.schedule import Schedule
from wpstate.planning.schedule import due_at

AFTER_A_FAILURE: Final = timedelta(hours=1)
"""Whoever asks each minute does not load a site each minute for nothing."""
_HELD = "run.locked"
"""Somebody else was at work on the site: nothing failed."""


def is_due(policy: BackupPolicy, seen: BackupsSeen, now: datetime) -> bool:
    """A site without any is due at once, whatever hour `every` names."""
    if policy.managed_by is not None:
        return False
    last, attempt = seen.last, seen.attempted
    if (
        attempt is not None
        and attempt.slug not in ("", _HELD)
        and (last is None or attempt.at > last.at)
        and now < attempt.at + AFTER_A_FAILURE
    ):
        return False
    if last is None:
        return True
    return due_at(Schedule(policy.every, jitter_s=0), last.at, last.at, now, 0) <= now
