"""Where a branch of ours becomes something that people talk about and merge."""

from dataclasses import dataclass
from typing import Protocol

from wpstate.ports.branches import BranchWritten, Change


@dataclass(frozen=True, slots=True)
class Opened:
    address: str | None
    """Of the pull request; None where nobody here could open one."""
    to_type: tuple[str, ...] = ()
    """What a person types instead."""
    declined: bool = False
    """People closed the very same proposal: it stays closed."""


class PullRequests(Protocol):
    def open(self, written: BranchWritten, change: Change, into: str | None) -> Opened:
        """Push the branch and open its pull request, or bring the open one up to date. `into`: the
        branch that it is meant for; None: the forge's own. May be repeated.

        Raises Refused (`branch.moved`: somebody pushed meanwhile) and Failed (`forge.failed`).
        """
