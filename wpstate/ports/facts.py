"""What workflows need to learn of versions: feeds' documents, and the copy that is kept of them."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

from wpstate.model.facts import FactSource, FeedState, Known, Part


@dataclass(frozen=True, slots=True)
class Opened:
    """A document that was brought."""

    document: IO[bytes] | None
    """None: the copy that is kept is still what its server has."""
    etag: str | None = None
    """The server's name for it."""


class Facts(Protocol):
    """What is known of versions, by what is kept here."""

    def known(self, parts: Collection[Part], at: datetime) -> Known:
        """Never reaches a feed. May be repeated."""

    def want(self, parts: Collection[Part], at: datetime) -> None:
        """Feeds that are asked part by part are to be asked about these too, next time."""


class FactStore(Facts, Protocol):
    def states(self, at: datetime) -> tuple[FeedState, ...]:
        """Of the fleet's sources, in their order."""

    def wanted(self, at: datetime) -> tuple[Part, ...]:
        """What sites were seen to have of late."""

    def etag(self, source: FactSource) -> str | None:
        """The server's name for the copy that is kept."""

    def take(
        self, source: FactSource, opened: Opened, at: datetime, *, even_if_smaller: bool
    ) -> None:
        """Keep what a document says in the place of the copy before, or that copy as of now.

        All of it or, where an error is raised, nothing: Failed (`facts.format`,
        `facts.unreadable`), Refused (`facts.empty`, `facts.shape`, `facts.shrunk`).
        """

    def note_failure(self, source: FactSource, error: str, at: datetime) -> None: ...


class FactDocuments(Protocol):
    def opened(
        self, source: FactSource, parts: Collection[Part], etag: str | None
    ) -> AbstractContextManager[Opened]:
        """A feed's document unless it is the one of this name, or the file of its answers about
        these parts. Raises Failed
        (`facts.unavailable`), Refused (`facts.source`, `facts.too_large`, `secret.*`)."""
