"""May a site be changed now, and when next? By its windows and the days it is closed, and by how
long what mends a vulnerability may wait for them.

What is done about a closed one is left to who wants to change it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from wpstate.model.desired import DesiredState
from wpstate.model.plan import SitePlan
from wpstate.model.problem import Problem
from wpstate.model.state import Address
from wpstate.model.updates import Closure, Opening, Updates, Window

_AHEAD_DAYS = 400
"""A window comes round each week; beyond a year of closed days nobody waits."""


# Sites share what their profiles say, and a plan has one moment for all of them.
@lru_cache(maxsize=256)
def opening(updates: Updates, now: datetime) -> Opening | None:
    """None where nobody wrote when. `now` with a time zone.

    Where clocks go forward over a window's opening it opens as they have jumped; where they go
    back it stays open through both of the doubled hours.
    """
    if not (updates.windows or updates.closed):
        return None
    day = now.date() - timedelta(days=2)
    closed = _closure(updates, now)
    for began, ends in _spans(updates, day):
        if ends is not None and ends <= now:
            continue
        if began is None or began <= now:
            return Opening(True, began, ends)
        return Opening(False, began, ends, _why(updates, closed))
    return Opening(False, None, None, _why(updates, closed))


def closed_problem(desired: DesiredState, planned: SitePlan, now: datetime) -> Problem | None:
    """Why this plan may not be applied now; None where it may."""
    updates = desired.policy.updates
    seen = opening(updates, now)
    if seen is None or seen.is_open or not planned.changes:
        return None
    urgent = urgent_now(updates, planned, now)
    if len(urgent) == len(planned.changes):
        return None
    opens = f"it opens {seen.at:%a %d %b %Y %H:%M} UTC" if seen.at else "it opens within no year"
    if updates.security_within_s and len(urgent) < len(planned.urgent):
        opens += ", soon enough for what mends a vulnerability"
    mend = "wait until then, or apply with --outside-window"
    if urgent:
        only = " ".join(f"--only {address}" for address in urgent)
        mend += f"; what mends a vulnerability may go now: wpstate apply {planned.site} {only}"
    key = "updates.closed" if _closure(updates, now) else "updates.window"
    return Problem(
        "plan.window",
        "the site may not be changed now",
        desired.said_at(key),
        f"{planned.site}: {key}",
        found=f"{seen.why}; {opens}",
        why="its owner is not disturbed at other times",
        mend=mend,
    )


def urgent_now(updates: Updates, planned: SitePlan, now: datetime) -> tuple[Address, ...]:
    """What mends a known vulnerability and waits for no window: none opens soon enough after that
    became known. What nobody knows the time of has been known for long."""
    within_s, seen = updates.security_within_s, opening(updates, now)
    if within_s is None:
        return ()
    known = planned.urgent_since
    opens_at = seen.at if seen else None
    return tuple(
        address
        for address in planned.urgent
        if opens_at is None
        or (since := known[address]) is None
        or opens_at > since + timedelta(seconds=within_s)
    )


def _why(updates: Updates, closed: Closure | None) -> str:
    if closed:
        return f"no changes until {closed.last} ({closed.zone}): {closed.why}"
    return "outside " + " and ".join(window.written for window in updates.windows)


def _closure(updates: Updates, now: datetime) -> Closure | None:
    return next(
        (
            closed
            for closed in _closures(updates, now.date())
            if closed.first <= now.astimezone(ZoneInfo(closed.zone)).date() <= closed.last
        ),
        None,
    )


def _spans(updates: Updates, day: date) -> Iterator[tuple[datetime | None, datetime | None]]:
    """Times in which changes may be made, in order, from about this day on."""
    closed = sorted(_bounds(each) for each in _closures(updates, day))
    if not updates.windows:
        yield from _without(closed, None, None)
        return
    spans = sorted(
        (span[0], span[1])
        for ahead in range(_AHEAD_DAYS)
        for window in updates.windows
        if (span := _on(window, day + timedelta(days=ahead)))
    )
    joined: list[tuple[datetime, datetime]] = []
    for began, ends in spans:
        if joined and began <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((began, ends))
    for began, ends in joined:
        yield from _without(closed, began, ends)


def _on(window: Window, day: date) -> tuple[datetime, datetime] | None:
    """The window that opens on this day; None on other days, and where clocks jump over it."""
    if day.weekday() not in window.days:
        return None
    zone = ZoneInfo(window.zone)
    last = day if window.closes > window.opens else day + timedelta(days=1)
    began = datetime.combine(day, window.opens, zone).astimezone(UTC)
    ends = datetime.combine(last, window.closes, zone).astimezone(UTC)
    return (began, ends) if began < ends else None


def _closures(updates: Updates, day: date) -> Iterator[Closure]:
    """Those of each year as those of the years about this day."""
    for closed in updates.closed:
        if not closed.yearly:
            yield closed
            continue
        over = (closed.last.month, closed.last.day) < (closed.first.month, closed.first.day)
        for year in range(day.year - 1, day.year + 3):
            last = _in_year(closed.last, year + over, day_after=False)
            yield replace(
                closed, first=_in_year(closed.first, year, day_after=True), last=last, yearly=False
            )


def _in_year(said: date, year: int, *, day_after: bool) -> date:
    try:
        return said.replace(year=year)
    except ValueError:  # 29 February: closed until the last day, or from the next one on
        return date(year, 3, 1) if day_after else date(year, 2, 28)


def _bounds(closed: Closure) -> tuple[datetime, datetime]:
    zone = ZoneInfo(closed.zone)
    first = datetime.combine(closed.first, datetime.min.time(), zone)
    after = datetime.combine(closed.last + timedelta(days=1), datetime.min.time(), zone)
    return first.astimezone(UTC), after.astimezone(UTC)


def _without(
    closed: list[tuple[datetime, datetime]], began: datetime | None, ends: datetime | None
) -> Iterator[tuple[datetime | None, datetime | None]]:
    """A span less the closed ones, which are in order; None is for ever."""
    for first, after in closed:
        if (began is not None and after <= began) or (ends is not None and first >= ends):
            continue
        if began is None or began < first:
            yield began, first
        began = after
        if ends is not None and began >= ends:
            return
    yield began, ends
