"""What a forge is told of a commit, ring by ring. Numbers only: which clients there are is no
business of everybody who reads a repository."""

from dataclasses import dataclass
from enum import Enum


class StatusState(Enum):
    PENDING = "pending"
    """Something waits: for its window, for another ring, for a person."""
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Status:
    name: str
    """`wpstate/agency/canary`; of a fleet without rings `wpstate/agency`."""
    environment: str
    """`agency/canary`"""
    state: StatusState
    text: str
    """`3 applied, 1 waits`, of at most 140 characters."""
    deployed: bool
    """Sites of the ring were changed, or tried to be: worth a record of its own."""
