"""What can go wrong, as values that say what, where, found, why and mend.

Turning a problem into text is left to report, into an exit code to cli.main.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wpstate.model.source import SourceSpan


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `what` is a constant sentence; numbers and names go into `found` and `why`."""

    slug: str
    """Dotted and stable, listed in docs/errors.md: `desired.version`."""
    what: str
    where: SourceSpan | None = None
    key: str | None = None
    """Dotted key in desired state, or the site or host concerned."""
    overrides: SourceSpan | None = None
    found: str | None = None
    why: str | None = None
    mend: str | None = None
    """A command or the text to type."""


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    where = problem.where or SourceSpan("", 0, 0)
    return (where.file, where.line, where.column, problem.slug, problem.key or "")


class WpstateError(Exception):
    """Base of every error that a user is told about; holds all problems found, sorted."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=_order))
        super().__init__("; ".join(f"{p.slug}: {p.what}" for p in self.problems))


class UsageError(WpstateError):
    """The command line is off (exit 64)."""


class InvalidDesiredState(WpstateError):
    """A fleet file is off (exit 65)."""


class Refused(WpstateError):
    """A gate, a window, a lock, a stale plan or a sick site said no; nothing changed (exit 3)."""


class Failed(WpstateError):
    """Something broke before the site was changed; the site is as it was (exit 1)."""


class RolledBack(WpstateError):
    """The run changed the site and put it back (exit 4)."""


class NeedsAttention(WpstateError):
    """The site is neither as before nor as planned, or nobody can tell (exit 5)."""
