"""The controller's vault: zips of what no public source carries, a folder for each component.

It lies outside git: what is paid for is nobody else's to fetch. Judging zips is left to
adapters.artifact_zips, packing to adapters.packing.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from wpstate.adapters.artifact_sources import vaulted
from wpstate.adapters.artifact_zips import introduce, sha256_of
from wpstate.adapters.packing import pack
from wpstate.model.artifact import ArtifactFacts
from wpstate.model.problem import Problem, Refused, UsageError
from wpstate.planning.zip_rules import MOST_ZIP_BYTES
from wpstate.ports import Filed
from wpstate.resources.foreign_text import visible
from wpstate.resources.packages import PACKAGINGS

_KINDS = tuple(kind for kind in ("plugins", "themes") if kind in PACKAGINGS)
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z]*([.+_-][0-9A-Za-z]+)*")


class FolderVault:
    """Fulfils ports.Vault."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file_zip(self, zipped: Path) -> Filed:
        if not zipped.is_file():
            what, mend = "there is no such zip", "write the path of a zip, or SITE:SLUG"
            raise UsageError([Problem("vault.no_zip", what, found=str(zipped), mend=mend)])
        if zipped.stat().st_size > MOST_ZIP_BYTES:
            what = "the zip is too large to be a component"
            raise Refused([Problem("artifact.too_large", what, found=str(zipped))])
        with self._arriving() as copy:
            copy.write_bytes(zipped.read_bytes())
            return self._file(copy)

    def file_folder(self, tar: bytes, slug: str) -> Filed:
        with self._arriving() as packed:
            archive = packed.with_suffix(".tar")
            try:
                archive.write_bytes(tar)
                pack(archive, slug, packed)
            finally:
                archive.unlink(missing_ok=True)
            return self._file(packed)

    def _file(self, arrived: Path) -> Filed:
        kind, slug, facts = introduce(arrived, _KINDS)
        if not (_SLUG.fullmatch(slug) and _VERSION.fullmatch(facts.version)):
            raise Refused([_unnamed(slug, facts)])
        place = vaulted(self._folder, kind, slug, facts.version)
        is_new = not place.is_file()
        if not is_new and (before := sha256_of(place)) != facts.sha256:
            raise Refused([_other_bytes(place, before, facts)])
        if is_new:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            arrived.chmod(0o600)
            arrived.replace(place)
        return Filed(kind, slug, replace(facts, files=()), str(place), is_new)

    @contextmanager
    def _arriving(self) -> Iterator[Path]:
        """A file in the vault, on the same file system, which is gone in the end."""
        self._refuse_git()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".arriving-")
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _refuse_git(self) -> None:
        folder = self._folder.resolve()
        for above in (folder, *folder.parents):
            if (above / ".git").exists():
                raise Refused([_in_git(folder, above)])


def _in_git(folder: Path, repository: Path) -> Problem:
    return Problem(
        "vault.in_git",
        "the vault lies in a git repository",
        found=f"{folder} is below {repository}",
        why="what is paid for would be pushed to everybody who may read the repository",
        mend="set WPSTATE_VAULT to a folder outside of it",
    )


def _other_bytes(place: Path, before: str, facts: ArtifactFacts) -> Problem:
    return Problem(
        "vault.other_bytes",
        "the vault has other bytes of this version",
        found=f"sha256 {facts.sha256}, {place} has {before}",
        why="a version is one set of bytes; the lock may name those that are there",
        mend="find out which are the author's, and remove the other zip by hand",
    )


def _unnamed(slug: str, facts: ArtifactFacts) -> Problem:
    return Problem(
        "vault.unnamed",
        "the zip tells no name or version that a fleet could ask for",
        found=f"{visible(slug, 60)} {visible(facts.version, 60)}",
        mend="get the zip from its author again",
    )
