"""A valid fleet: its sites in a table."""

from collections.abc import Iterator

from wpstate.model.desired import Fleet
from wpstate.report.lines import Line, Tone, columns, line
from wpstate.resources.foreign_text import visible


def fleet_lines(fleet: Fleet) -> Iterator[Line]:
    """A line per site, what has come due, then the count."""
    rows = [("SITE", "URL", "PROFILES", "MANAGED")]
    rows += [
        (d.site.id, d.site.url, ", ".join(d.profiles) or "-", str(len(d.managed)))
        for d in fleet.sites
    ]
    head, *body = columns(rows)
    yield line(head, Tone.STRONG)
    for text in body:
        yield line(text)
    for reminder in fleet.reminders:
        owner = f" ({visible(reminder.owner)})" if reminder.owner else ""
        told = f"{reminder.key}: {reminder.what} {reminder.day}{owner}  {reminder.where}"
        yield line(told, Tone.WARN)
    count = len(fleet.sites)
    yield line(f"Fleet {fleet.name}: {count} site{'s' if count != 1 else ''}, valid.", Tone.GOOD)
