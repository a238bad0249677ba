"""Where backups are kept, how a site's are copied off its host, and what is known of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wpstate.model.backup import (
    Attempted,
    Backup,
    BackupPolicy,
    BackupsSeen,
    Checked,
    Drill,
    Owner,
    Repository,
    Saved,
    Snapshot,
)
from wpstate.model.observed import ObservedState
from wpstate.model.site import Site, SiteId
from wpstate.model.state import Json


@dataclass(frozen=True, slots=True)
class Dumped:
    saved: Saved
    bytes: int
    sha256: str
    tables: int


@dataclass(frozen=True, slots=True)
class Mirrored:
    folder: Path
    """Holds the site's folders by what they are: `wordpress`, and those that lie outside it."""
    files: int
    bytes: int
    received_bytes: int


@dataclass(frozen=True, slots=True)
class Erased:
    snapshots: int
    stays: str = ""
    """Where something that tells nothing of any site stays; empty where nothing does."""


class BackupRepository(Protocol):
    """One client's repository. Every method raises Failed (`backup.storage`, `backup.password`,
    `backup.busy`, `backup.engine`, `backup.missing`) and Refused (`secret.*`)."""

    def ensure(self) -> None:
        """Make the repository where there is none. May be repeated."""

    def save_dump(self, command: Sequence[str], *, name: str, site: SiteId, tag: str) -> Dumped:
        """Keep what this command says as one file, if all of it comes. Raises Failed
        (`backup.dump`) and keeps nothing where it breaks off."""

    def save_folder(self, folder: Path, *, site: SiteId, tag: str) -> Saved:
        """Raises Failed (`backup.unread`) where a part of it could not be read."""

    def snapshots(self, site: SiteId | None = None) -> tuple[Snapshot, ...]:
        """Oldest first."""

    def check(self, read: str | None = None) -> Checked:
        """Compare the repository with itself; `read`: and read its data, all (`100%`) or a part of
        it (`2/10`, `5%`)."""

    def restore(self, snapshot: str, target: Path, *, only: Sequence[str] = ()) -> tuple[int, int]:
        """Write what a snapshot of a folder holds into another; how many files, and how many
        bytes. `only`: paths of it that begin with a slash, each with all that is in it."""

    def read(self, snapshot: str, path: str, target: Path | None = None) -> tuple[int, str]:
        """Write one file of a snapshot, or only read it; its bytes and their sha256. A folder is
        read as a tar."""

    def forget(self, snapshots: Sequence[str], *, prune: bool = False) -> None:
        """Remove snapshots; `prune`: and the data that none needs any more. May be repeated."""

    def prune(self) -> None:
        """Remove the data that no snapshot needs, also what a killed one left. May be repeated."""

    def erase(self) -> Erased | None:
        """Remove all that it holds, for good; None where there is nothing. May be repeated."""


class Repositories(Protocol):
    def of(self, repository: Repository, owner: Owner) -> BackupRepository: ...


class SiteCopy(Protocol):
    """One site's way to this machine, for one backup, read only."""

    def dump_words(self, command: str) -> tuple[str, ...]:
        """What to run here so that the host runs this command and its output comes here."""

    def mirror(self, policy: BackupPolicy) -> Mirrored:
        """Bring the files that are asked for up to date in this site's folder on this machine.
        May be repeated, and goes on where it broke. Raises Failed (`backup.files`,
        `backup.tools`)."""

    def note(self, manifest: Json) -> None:
        """Keep this beside the mirrored files."""


OpenSiteCopy = Callable[[Site, ObservedState], AbstractContextManager[SiteCopy]]


class MakesFolders(Protocol):
    def make_empty(self, folder: Path) -> None:
        """A folder for us alone, with nothing in it. Raises Refused (`restore.target`)."""


class RemovesFolders(Protocol):
    def remove(self, folder: Path) -> bool:
        """With all that is in it; False where there is none. Raises Refused (`restore.target`)."""


class SiteCopyFolders(Protocol):
    def drop(self, site: SiteId) -> bool:
        """Remove the mirrored files of this site from this machine; False where there are none.
        Waits for whoever has them."""


class BackupHistory(Protocol):
    """What the controller knows of backups. Every method raises Failed (`database.unusable`)."""

    def add(self, backup: Backup) -> None: ...

    def attempted(self, attempt: Attempted) -> None:
        """In the place of the attempt before."""

    def drilled(self, drill: Drill) -> None: ...

    def of(self, site: SiteId) -> tuple[Backup, ...]:
        """Newest first."""

    def drills(self, site: SiteId) -> tuple[Drill, ...]:
        """Newest first."""

    def seen(self, sites: Collection[SiteId]) -> Mapping[SiteId, BackupsSeen]:
        """Of each site that anything is known of."""

    def forget(self, backups: Collection[str]) -> None:
        """They are gone from their repository."""

    def owned(self, owner: str) -> tuple[Backup, ...]:
        """Of `clients/NAME` or `sites/NAME`, whatever the site."""

    def forget_site(self, site: SiteId) -> None:
        """Attempts and drills of it; backups are forgotten by name."""
