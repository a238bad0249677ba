"""The controller's vault, as workflows need it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wpstate.model.artifact import ArtifactFacts


@dataclass(frozen=True, slots=True)
class Filed:
    """One version in the vault."""

    kind: str
    slug: str
    facts: ArtifactFacts
    """Without the list of files."""
    place: str
    is_new: bool
    """False: the vault had these bytes already."""


class Vault(Protocol):
    def file_zip(self, zipped: Path) -> Filed:
        """Hold a zip to every rule and file it under its own name and version.

        Raises UsageError (`vault.no_zip`) and Refused (`artifact.*`, `vault.*`). May be repeated.
        """

    def file_folder(self, tar: bytes, slug: str) -> Filed:
        """The same for a folder of this name, as a host packed it."""
