"""`reconcile` of fleet.yml: when passes begin. The schema has checked every form but what it cannot
know: whether a cron expression ever comes true, and time zones."""

from collections.abc import Iterator
from datetime import UTC, datetime

from wpstate.desired.document import read_document
from wpstate.desired.folder import FLEET
from wpstate.desired.quantities import duration_s
from wpstate.desired.updates import unknown_zone
from wpstate.desired.validate import check
from wpstate.model.node import Map, Text
from wpstate.model.problem import InvalidDesiredState, Problem
from wpstate.model.schedule import Cron, Every, Schedule
from wpstate.resources.cron_times import next_time

_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def read_schedule(root: Map) -> Schedule | None:
    """Of a sound fleet.yml; None where it says nothing."""
    said = root.get("reconcile")
    if isinstance(said, Text):
        return _every(said, None)
    if not isinstance(said, Map):
        return None
    jitter = said.text("jitter")
    jitter_s = (duration_s(jitter.text) or 0) if jitter else None
    if every := said.text("every"):
        return _every(every, jitter_s)
    cron, zone = said.text("cron"), said.text("zone")
    assert cron is not None
    return Schedule(Cron(cron.text, zone.text if zone else "UTC"), jitter_s)


def schedule_problems(root: Map) -> Iterator[Problem]:
    """Zones that nobody knows, times that never come."""
    said = root.get("reconcile")
    if not isinstance(said, Map):
        return
    zone, cron = said.text("zone"), said.text("cron")
    if zone:
        yield from unknown_zone(zone, "reconcile.zone")
    if cron is None:
        return
    try:
        next_time(Cron(cron.text), _ANY_DAY)
    except ValueError as error:
        yield Problem(
            "desired.reconcile",
            "no pass would ever begin",
            cron.span,
            "reconcile.cron",
            found=f'"{cron.text}": {error}',
            why="minute, hour, day of the month, month and day of the week name no time",
            mend='write such as `cron: "30 2 * * *"`',
        )


def schedule_of(text: str) -> tuple[str, Schedule | None]:
    """The fleet's name and its schedule, of fleet.yml alone: a service reads it again and again.

    Raises InvalidDesiredState.
    """
    root, problems = read_document(FLEET, text)
    if root is not None and not problems:
        problems = tuple(check("fleet", root))
    if isinstance(root, Map) and not problems:
        problems = tuple(schedule_problems(root))
    if problems or not isinstance(root, Map):
        raise InvalidDesiredState(problems)
    name = root.text("name")
    assert name is not None
    return name.text, read_schedule(root)


def _every(said: Text, jitter_s: int | None) -> Schedule:
    seconds = duration_s(said.text)
    assert seconds is not None
    return Schedule(Every(seconds), jitter_s)
