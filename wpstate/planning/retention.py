"""Which backups are kept, which may go, and why each: pure. Removing them is left to workflows.

Of each hour, day and so on (UTC) that is asked for, the newest backup is kept, counted back from
the newest. The newest that is known to be good is never removed, whatever is asked, nor is what is
newer than that: of a damaged one a part may still be worth something.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wpstate.model.backup import Keep
from wpstate.model.backup_removal import JudgedBackup


@dataclass(frozen=True, slots=True)
class Candidate:
    """A backup that retention judges."""

    id: str
    at: datetime
    """Aware."""
    good: bool = True
    """It is whole, as far as anybody knows."""


_PERIODS: Final[tuple[tuple[str, Callable[[datetime], str]], ...]] = (
    ("hourly", lambda at: f"{at:%Y-%m-%d %H}"),
    ("daily", lambda at: f"{at:%Y-%m-%d}"),
    ("weekly", lambda at: f"{at:%G-W%V}"),
    ("monthly", lambda at: f"{at:%Y-%m}"),
    ("yearly", lambda at: f"{at:%Y}"),
)


def judge(backups: Iterable[Candidate], keep: Keep) -> tuple[JudgedBackup, ...]:
    """Each backup once, newest first. Broken ones take no good one's place."""
    newest_first = sorted(backups, key=lambda one: (one.at, one.id), reverse=True)
    whole = [one for one in newest_first if one.good]
    why: dict[str, list[str]] = {one.id: [] for one in newest_first}
    if whole:
        why[whole[0].id].append("the last good one")
    for one in newest_first:
        if not one.good and (not whole or one.at >= whole[0].at):
            why[one.id].append("not whole, and no newer one is good")
    for name, period_of in _PERIODS:
        for count, one in enumerate(_firsts(whole, period_of)[: _asked(keep, name)], 1):
            why[one.id].append(f"{name} {count} of {_asked(keep, name)}")
    return tuple(
        JudgedBackup(one.id, one.at, bool(why[one.id]), tuple(why[one.id]) or (_gone(one, keep),))
        for one in newest_first
    )


def _firsts(
    newest_first: Sequence[Candidate], period_of: Callable[[datetime], str]
) -> list[Candidate]:
    """The newest of each period."""
    found: dict[str, Candidate] = {}
    for one in newest_first:
        found.setdefault(period_of(one.at), one)
    return list(found.values())


def _asked(keep: Keep, name: str) -> int:
    match name:
        case "hourly":
            return keep.hourly
        case "daily":
            return keep.daily
        case "weekly":
            return keep.weekly
        case "monthly":
            return keep.monthly
        case _:
            return keep.yearly


def _gone(one: Candidate, keep: Keep) -> str:
    if not one.good:
        return "not whole"
    return (
        f"a newer one of its time is kept, or it is older than {keep.written or 'all that is kept'}"
    )
