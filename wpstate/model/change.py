"""One planned step on one site."""

from dataclasses import dataclass
from enum import Enum

from wpstate.model.desired import Artifact
from wpstate.model.event import Author
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
class Follow:
    """What a change brings about elsewhere on the site: done in the same run and proven with it."""

    address: Address
    after: State
    told: str
    """A sentence below the change, in plans; empty where its notes say so."""
    takes_s: float = 0.0
    """How much longer visitors wait."""
    in_background: State | None = None
    """Enough for the run, which then stays open: the site goes on by itself towards `after`."""
    tables: tuple[str, ...] = ()
    """Patterns of tables that it may write, without their prefix."""
    besides: tuple[tuple[str, str], ...] = ()
    """As of a change."""
    one_way: bool = False
    """Older code cannot be trusted with what it leaves."""


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
    extra: tuple[Artifact, ...] = ()
    """Bytes that go with it: the language pack of a core version."""
    undo: str = "snapshot"
    notes: tuple[str, ...] = ()
    """Sentences shown below the change, for example that a migration goes one way."""
    purge_data: bool = False
    besides: tuple[tuple[str, str], ...] = ()
    """What its role is told beside the two states."""
    author: Author | None = None
    """Of drift: who did it and since when, as far as the site knows."""
    then: tuple[Follow, ...] = ()
    """What it brings about. One with its own address says how the change itself goes on."""

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """All the bytes that it brings."""
        return (*((self.artifact,) if self.artifact else ()), *self.extra)
