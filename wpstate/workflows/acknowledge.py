"""Somebody knows of a trouble: what lasts, whom to tell no more, and until when."""

from datetime import UTC, date, datetime, timedelta

from wpstate.model.desired import Fleet
from wpstate.model.problem import Problem, UsageError
from wpstate.model.telling import Acknowledgement, Lasting
from wpstate.planning.telling import covered, gravest_first
from wpstate.ports import Notices
from wpstate.resources.foreign_text import unmarked
from wpstate.resources.nearest import nearest

_UNITS = {"h": 3600, "d": 86_400}
_LONGEST = timedelta(days=366)
_WHY_CHARS = 300


def lasting(
    fleet: Fleet, notices: Notices, now: datetime
) -> tuple[tuple[Lasting, ...], tuple[Acknowledgement, ...]]:
    """What the passes left, gravest first, and the acknowledgements that hold."""
    told = notices.told(fleet.name)
    known = tuple(each for each in notices.acknowledged(fleet.name) if each.until > now)
    return gravest_first(told.lasting if told else ()), known


def acknowledge(
    fleet: Fleet,
    notices: Notices,
    named: str,
    until: str,
    why: str,
    *,
    by: str,
    now: datetime,
) -> Acknowledgement:
    """Raises UsageError (`usage.cause`, `usage.until`)."""
    told, _ = lasting(fleet, notices, now)
    covers = covered(named, told)
    if not covers:
        names = [each.trouble.cause for each in told]
        close = nearest(named, names)
        raise UsageError(
            [
                Problem(
                    "usage.cause",
                    "there is nothing of this name to acknowledge",
                    found=f'"{named}"',
                    why="it is neither a cause that lasts, nor a site that has one",
                    mend=f"write {close}" if close else "wpstate acknowledge --list",
                )
            ]
        )
    known = Acknowledgement(named, covers, by, now, _moment(until, now), unmarked(why, _WHY_CHARS))
    notices.acknowledge(fleet.name, known)
    return known


def withdraw(fleet: Fleet, notices: Notices, named: str) -> None:
    """Raises UsageError (`usage.acknowledged`)."""
    if not notices.forget(fleet.name, named):
        names = [each.named for each in notices.acknowledged(fleet.name)]
        close = nearest(named, names)
        raise UsageError(
            [
                Problem(
                    "usage.acknowledged",
                    "nobody acknowledged this",
                    found=f'"{named}"',
                    why="acknowledged are: " + (", ".join(names) or "none"),
                    mend=f"write {close}" if close else "wpstate acknowledge --list",
                )
            ]
        )


def _moment(until: str, now: datetime) -> datetime:
    """`3d`, `12h`, or the end of a day in UTC."""
    at = None
    if until[:-1].isascii() and until[:-1].isdigit() and until[-1:] in _UNITS and len(until) < 6:
        at = now + timedelta(seconds=int(until[:-1]) * _UNITS[until[-1]])
    else:
        try:
            day = date.fromisoformat(until)
            at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
        except (ValueError, OverflowError):
            pass
    if at is None or not now < at <= now + _LONGEST:
        raise UsageError(
            [
                Problem(
                    "usage.until",
                    "no time to come, of a year at most",
                    found=f'"{until}"',
                    why="what is silenced for ever is forgotten",
                    mend="write a day such as 2027-01-15, or a duration such as 12h or 3d",
                )
            ]
        )
    return at
