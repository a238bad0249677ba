"""The audit of a first day as Markdown that a client can read, and in short for a terminal."""

from collections.abc import Iterable
from itertools import groupby

from wpstate.model.imported import Audit, AuditPoint
from wpstate.report.lines import Line, Tone, line
from wpstate.report.markdown import code

_TITLES = {
    "identity": "Not who it says in the catalog",
    "modified": "Not as it was shipped",
    "vulnerable": "Known to be vulnerable",
    "closed": "No longer distributed",
    "forbidden": "Must not be there",
    "family": "Several that do the same work",
    "abandoned": "No longer kept up",
    "weak": "Weak security points",
    "unlisted": "Not in the catalog",
    "licence": "Licences",
    "admin": "Administrators",
}


def audit_markdown(audit: Audit) -> str:
    """One page, a section a sort."""
    text = (
        f"# Audit of {code(audit.url)}\n\n"
        f"Observed {audit.observed_at:%Y-%m-%d %H:%M} UTC, before anything was changed. "
        f"WordPress {code(audit.core or 'unknown')}, PHP {code(audit.php)}.\n"
    )
    for title, points in _sections(audit):
        text += f"\n## {title}\n\n"
        text += "".join(f"- {_told(point)}\n" for point in points)
    if not audit.points:
        text += "\nNothing was found.\n"
    if audit.compared:
        names = ", ".join(map(code, audit.compared))
        text += f"\nFiles were compared with those that were shipped: {names}.\n"
    told = "".join(f"- {each}\n" for each in audit.not_looked_at)
    return f"{text}\n## Not looked at\n\n{told}" if told else text


def audit_lines(audit: Audit) -> Iterable[Line]:
    """How many of each sort."""
    for title, points in _sections(audit):
        yield line(f"  {len(points):>3}  {title.lower()}", Tone.FAINT)


def _sections(audit: Audit) -> Iterable[tuple[str, tuple[AuditPoint, ...]]]:
    for sort, points in groupby(audit.points, key=lambda point: point.sort):
        yield _TITLES[sort], tuple(points)


def _told(point: AuditPoint) -> str:
    words = f"{code(point.about)} {code(point.found)}"
    return f"{words}: {code(point.detail)}" if point.detail else words
