"""What removing backups came to. Which ones may go is left to planning.retention."""

from dataclasses import dataclass
from datetime import datetime

from wpstate.model.site import SiteId


@dataclass(frozen=True, slots=True)
class JudgedBackup:
    id: str
    at: datetime
    kept: bool
    reasons: tuple[str, ...]
    """`daily 3 of 14`; of what goes: why nothing keeps it."""


@dataclass(frozen=True, slots=True)
class PrunedBackups:
    """What became of one site's backups."""

    site: SiteId
    backups: tuple[JudgedBackup, ...]
    """Newest first."""
    removed: tuple[str, ...]
    """Gone from their repository and from what is known; none where it is only shown."""
    left: tuple[str, ...] = ()
    """Why something that nothing keeps was left, one sentence each."""


@dataclass(frozen=True, slots=True)
class ErasedRepository:
    repository: str
    snapshots: int
    stays: str = ""
    """Where an empty repository stays, for somebody to remove it there."""


@dataclass(frozen=True, slots=True)
class ForgottenClient:
    client: str
    repositories: tuple[ErasedRepository, ...]
    backups: int
    """So many are not known of any more."""
    copies: tuple[str, ...]
    """Sites whose files lay on this machine, and folders with restored ones."""
    left: tuple[str, ...] = ()
    """What could not be removed from here, and why."""
