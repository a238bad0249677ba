"""One planned step on one site."""

from dataclasses import dataclass
from enum import Enum

from wpstate.model.desired import Artifact
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address, State


class Action(Enum):
    CREATE = "create"
    UPDATE = "update"
    DOWNGRADE = "downgrade"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    DELETE = "delete"


class Cause(Enum):
    """Why a managed value differs (design: three states, not two)."""

    PENDING = "pending"
    DRIFT = "drift"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Change:
    address: Address
    action: Action
    before: State
    after: State
    cause: Cause
    source: SourceSpan
    label: str
    """How the value was asked for: `approved`, `pinned`, ..."""
    why: str | None = None
    artifact: Artifact | None = None
    undo: str = "snapshot"
    notes: tuple[str, ...] = ()
    """Sentences shown below the change, for example that a migration goes one way."""
    purge_data: bool = False
