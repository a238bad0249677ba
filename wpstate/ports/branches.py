"""What commands that propose changes of the fleet's files need of git."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Author:
    """Who asks for a change, as git writes people."""

    name: str
    email: str


WPSTATE = Author("wpstate", "wpstate@localhost")


@dataclass(frozen=True, slots=True)
class Change:
    """One branch with one commit."""

    branch: str
    """`wpstate/bump/akismet`: below `wpstate/` always."""
    title: str
    """The first line of the message."""
    body: str
    """The rest of the message, and the text of a pull request."""
    files: Mapping[str, bytes | None]
    """Whole new contents by path in the fleet folder; None takes a file away."""
    trailers: tuple[tuple[str, str], ...] = ()
    """`("Reviewed-by", "Ana <ana@agency.example>")`, in their order."""
    author: Author = WPSTATE


class Outcome(StrEnum):
    MADE = "made"
    UPDATED = "updated"
    """The branch held an earlier proposal of ours, which the new commit takes the place of."""
    SAME = "same"
    """The branch says this already."""
    NOTHING = "nothing"
    """The base says all of it already."""


@dataclass(frozen=True, slots=True)
class BranchWritten:
    outcome: Outcome
    branch: str
    base: str
    """The commit that it proposes to change, 40 hex digits."""
    commit: str | None
    """None where there is nothing to propose."""


class Branches(Protocol):
    def texts(self, base: str) -> Mapping[str, str]:
        """The fleet's files at a revision, by path. Raises UsageError (`usage.revision`) and
        InvalidDesiredState (`revision.*`)."""

    def standing(self, base: str, below: str) -> Mapping[str, str]:
        """Titles of unchanged proposals of ours whose branch, here or as last fetched, is below
        this name and not merged into a revision."""

    def write(self, base: str, change: Change) -> BranchWritten:
        """Write the branch into the repository, on top of a revision; nothing that is checked out
        changes, and no hook runs. May be repeated: the same change makes no other commit.

        Raises UsageError (`usage.revision`), Refused (`branch.*`, `revision.*`) and Failed
        (`branch.not_written`).
        """
