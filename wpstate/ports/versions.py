"""What looking for new versions needs: sources of them, and since when a version is known."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from wpstate.model.bump import Asked, Listed, Name


class VersionSources(Protocol):
    def listed(self, asked: Sequence[Asked]) -> Mapping[Name, Listed]:
        """What each source tells; one that cannot be asked is `unknown`. Never raises; may be
        repeated."""


class FirstSeen(Protocol):
    def noted(
        self, versions: Mapping[Name, Collection[str]], now: datetime
    ) -> Mapping[tuple[Name, str], datetime]:
        """When each of these was first heard of: now, where it never was, and then kept. Raises
        Failed (`database.unusable`)."""
