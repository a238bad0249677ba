"""Backups: how a site's are asked for, where they are kept, and what is known of one that was made.

Deciding on them is left to planning.backups and planning.retention, making them to
workflows.backup.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from wpstate.model.schedule import When
from wpstate.model.secret import SecretReference
from wpstate.model.site import SiteId
from wpstate.model.source import SourceSpan


class Part(Enum):
    DATABASE = "database"
    CODE = "code"
    UPLOADS = "uploads"


ALL_PARTS = (Part.DATABASE, Part.CODE, Part.UPLOADS)


@dataclass(frozen=True, slots=True)
class Keep:
    """How many of the newest backups of so many hours, days and so on are kept."""

    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0
    written: str = ""
    """As it stands in the file: `14d 8w 12m`."""


@dataclass(frozen=True, slots=True)
class BackupPolicy:
    """What is asked of one site's backups."""

    every: When
    written: str
    """As it stands in the file: `24h`, `4x a day`."""
    max_age_s: int
    """A newest backup older than this is told as drift."""
    keep: Keep
    repository: str
    """By its name in fleet.yml; empty where somebody else makes the backups."""
    drill_s: int | None = None
    """How old the last drill may be; None: none are asked for."""
    parts: tuple[Part, ...] = ALL_PARTS
    exclude: tuple[str, ...] = ()
    """Patterns of rsync(1), below the WordPress folder."""
    managed_by: str | None = None
    """`host`, or a plugin: who makes the backups in wpstate's place."""
    evidence: str | None = None
    """Where a person sees that they are made."""
    span: SourceSpan | None = None


class RepositoryKind(Enum):
    LOCAL = "local"
    SFTP = "sftp"
    S3 = "s3"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Repository:
    """A place for backups, in which each client has a repository of its own."""

    name: str
    kind: RepositoryKind
    address: str
    """An absolute folder; `USER@HOST:PORT/FOLDER`; the address of a bucket or of a REST server."""
    password: SecretReference
    """What restic encrypts with."""
    user: str | None = None
    """Of a REST server; of S3 the access key's id."""
    key: SecretReference | None = None
    """That user's password, or that access key."""
    host_key: str | None = None
    """Of an SFTP server, as known_hosts has it: `ssh-ed25519 AAAA…`."""
    append_only: bool = False
    """It deletes nothing for us: no retention is tried here."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose repository one is: a client's, or that of a site that names none."""

    name: str
    is_client: bool

    @property
    def folder(self) -> str:
        return f"{'clients' if self.is_client else 'sites'}/{self.name}"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that counts: each part that was asked for is whole."""

    id: str
    """Of the attempt, and the tag of its snapshots: `20261122T093102Z-3f2a91`."""
    site: SiteId
    repository: str
    owner: str
    """`clients/NAME` or `sites/NAME`, below the repository's address."""
    at: datetime
    """When its copying began: what was written after this may be missing."""
    took_s: float
    parts: tuple[Part, ...]
    database_snapshot: str | None = None
    """restic's id; None where the database is not asked for."""
    dump_bytes: int = 0
    dump_sha256: str | None = None
    tables: int = 0
    files_snapshot: str | None = None
    files: int = 0
    files_bytes: int = 0
    uploads: str = ""
    """The folder of the backup that holds them: `wordpress/wp-content/uploads`."""
    received_bytes: int = 0
    """What came over the line for the files; the dump comes whole each time."""
    added_bytes: int = 0
    """By how much the repository grew."""


@dataclass(frozen=True, slots=True)
class Attempted:
    """How the last attempt at a backup ended; `problem` is empty where it counts."""

    id: str
    site: SiteId
    at: datetime
    slug: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    """A backup that was restored to a scratch place and looked at there."""

    backup: str
    site: SiteId
    at: datetime
    took_s: float
    good: bool
    found: tuple[str, ...] = ()
    """What was proved, or what was wrong, one sentence each."""


@dataclass(frozen=True, slots=True)
class BackupsSeen:
    """What the controller knows of a site's backups."""

    last: Backup | None = None
    attempted: Attempted | None = None
    drill: Drill | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot in a repository, as restic lists it."""

    id: str
    at: datetime
    site: str
    tags: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a repository says of a snapshot that it has just taken."""

    snapshot: str
    files: int
    bytes: int
    added_bytes: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What a repository's check found; no errors: all that was read is as it was written."""

    errors: tuple[str, ...] = field(default=())
    read_all: bool = False

    @property
    def good(self) -> bool:
        return not self.errors


@dataclass(frozen=True, slots=True)
class VerifiedBackups:
    """What a look at a site's repository found."""

    site: SiteId
    repository: str
    errors: tuple[str, ...]
    """Of the repository itself, and of backups that are known and not there."""
    read_all: bool
    backups: int
    last_good: Backup | None
    """The newest whose snapshots are there and whose dump is, byte for byte, what came; where the
    repository is damaged, one of which every file was read as well."""


@dataclass(frozen=True, slots=True)
class RestoredBackup:
    """What a restore into a folder of this machine wrote."""

    backup: Backup
    target: str
    dump_bytes: int | None
    files: int
    """Folders count too."""
    files_bytes: int
