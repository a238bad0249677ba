"""Files of a site beside the bytes that its version was shipped with. Comparing them is left to the
probe, judging to planning.audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wpstate.model.desired import Artifact
from wpstate.model.site import SiteId
from wpstate.model.state import Address


@dataclass(frozen=True, slots=True)
class Shipped:
    """A folder on a site that holds one version of what came as a zip."""

    address: Address
    version: str
    artifact: Artifact | None
    """Its bytes; None where the catalog knows no source for them."""
    folder: str
    """Absolute, on the host."""
    below: tuple[str, ...] = ("",)
    """Folders in it that hold nothing else; `` is the whole of it."""
    beside: bool = False
    """PHP files right in it count too."""
    without: tuple[str, ...] = ()
    """Paths, in small letters, that are not compared: they may differ, or be missing."""
    code_alone: bool = False
    """Of what was added nothing counts but PHP."""


@dataclass(frozen=True, slots=True)
class FileHashes:
    """What is known of the files of one version."""

    algorithm: str
    """`sha256`, or `md5` where wordpress.org's checksums are all there is."""
    by_path: Mapping[str, tuple[str, ...]]
    """Hex, by path below the component's folder; several where a file was shipped in several
    forms."""
    locale: str
    """Of the build that these are the files of."""


@dataclass(frozen=True, slots=True)
class ComparedFiles:
    """One component's files beside those that it was shipped with."""

    address: Address
    version: str
    changed: int = 0
    added: int = 0
    missing: int = 0
    named: tuple[str, ...] = ()
    """`header.php changed`, the first few; each harmless to look at."""
    without: tuple[str, ...] = ()
    """Paths that could not be compared, for another reason than that they may differ."""
    unknown: str | None = None
    """Why they could not be compared. Then the rest says nothing."""

    @property
    def differs(self) -> bool:
        return bool(self.changed or self.added or self.missing)


@dataclass(frozen=True, slots=True)
class DeepLook:
    """What reading every file of a site told."""

    site: SiteId
    at: datetime
    files: tuple[ComparedFiles, ...]
    """By address."""
    whole: bool
    """The host answered all of it."""
    read: int = 0
    """Files that were read."""
    known: int = 0
    """Files that were as an earlier look had left them, and were not read again."""
    seal: str | None = None
    """sha256 of the hashes that the host keeps for the next look; others are not believed."""
