"""What a site's own records tell of who did what, and what that makes of a difference."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    about: tuple[str, ...]
    """What it concerns, as addresses are written: `plugins.akismet`, `users.anna`, `posts.12`."""
    source: str
    """`WP Activity Log`, `Simple History`, `Stream`, `page`, `file`, `account` (made then) or
    `session`."""
    who: str | None = None
    """A login, or what the log says instead; None where only the time is known."""
    until: datetime | None = None
    """Of a session: when it ends."""


@dataclass(frozen=True, slots=True)
class Author:
    """Since when something differs and by whom, as far as the site knows."""

    since: datetime
    source: str
    by: str | None = None
    signed_in: tuple[str, ...] = ()
    """Where only the time is known: the administrators who were signed in then."""
