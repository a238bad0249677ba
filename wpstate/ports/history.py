"""What a plan of a proposed change needs: trees of names and bytes of git, and what was shown of
earlier ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from wpstate.model.approval import ShownPlan
from wpstate.model.plan import Plan
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


class ShownPlans(Protocol):
    """Plans that people were shown, by the digest of their content, the last few hundred of each
    fleet. All raise Failed (`database.unusable`), Refused (`plan.unreadable`, `plan.edited`)."""

    def keep(self, plan: Plan, shown_at: datetime, *, proposed: bool) -> str:
        """Its digest. `proposed`: shown for a change that a merge agrees to."""

    def proposed(self, fleet: str) -> tuple[ShownPlan, ...]:
        """Those for proposals, newest first."""

    def of_digest(self, fleet: str, digest: str) -> ShownPlan | None:
        """The one whose digest begins so, of at least twelve digits; None where there is none."""
