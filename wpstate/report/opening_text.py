"""When a site may be changed, in one line."""

from datetime import datetime

from wpstate.model.updates import Opening


def opening_text(opening: Opening) -> str:
    """`now, until Tue 24 Nov 04:00 UTC`, or `from Tue 24 Nov 01:00 to 04:00 UTC: outside …`."""
    if opening.is_open:
        return f"now, until {_moment(opening.until)} UTC" if opening.until else "now"
    if opening.at is None:
        return f"not within a year: {opening.why}"
    until = opening.until
    if until is not None and until.date() == opening.at.date():
        return f"{_moment(opening.at)} to {until:%H:%M} UTC: now {opening.why}"
    to = f" to {_moment(until)}" if until else ""
    return f"{_moment(opening.at)}{to} UTC: now {opening.why}"


def _moment(moment: datetime | None) -> str:
    return f"{moment:%a %d %b %H:%M}" if moment else ""
