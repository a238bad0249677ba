"""What a plan of a proposed change needs of git: trees of names and bytes, and nothing else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from wpstate.model.proposal import FleetTree, SiteWords


class History(Protocol):
    def tree(self, name: str) -> FleetTree:
        """The fleet at a revision that a person named.

        Raises UsageError (`usage.revision`) and InvalidDesiredState (`revision.*`).
        """

    def fork(self, base: FleetTree, head: FleetTree) -> FleetTree:
        """The fleet where the two went apart: `base` itself where `head` is built on it.

        Raises Refused (`revision.unrelated`).
        """

    def texts(self, blobs: Mapping[str, str]) -> dict[str, str]:
        """Texts by path. Raises InvalidDesiredState (`revision.too_large`)."""


class Past(Protocol):
    def named(self, name: str) -> tuple[FleetTree, datetime]:
        """As `History.tree`, with the time of the commit."""

    def at(self, moment: datetime) -> tuple[FleetTree, datetime]:
        """As the branch that is checked out had it then, along its own merges: the last commit
        before. Raises UsageError (`usage.revision`) where there was none."""

    def texts(self, blobs: Mapping[str, str]) -> dict[str, str]:
        """As `History.texts`."""


class Index(Protocol):
    """What is remembered of site files by the id of their bytes, from one command to the next."""

    def known(self) -> Mapping[str, SiteWords]: ...

    def keep(self, known: Mapping[str, SiteWords]) -> None: ...
