"""The store of artifacts: a folder of zips named by their sha256, filled from where the fleet says.

Nothing is ever taken out of it, so what a source once had stays installable when it is withdrawn.
Where zips come from is left to adapters.artifact_sources, judging them to adapters.artifact_zips,
lists from wordpress.org to adapters.file_lists. Safe for threads, and for several processes on one
folder: a zip appears whole or not at all.
"""

import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from wpstate.adapters.artifact_sources import NotThere, Sources
from wpstate.adapters.artifact_zips import inspect, sha256_of, zip_hashes
from wpstate.adapters.file_lists import AuthOf, FileLists, nobody_asks
from wpstate.adapters.kept_versions import KeptVersions
from wpstate.model.artifact import ArtifactFacts
from wpstate.model.desired import Artifact
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.shipped import FileHashes
from wpstate.resources.catalog import WORDPRESS_ORG
from wpstate.resources.core import ENGLISH
from wpstate.resources.packages import PACKAGINGS


class FolderArtifactStore:
    """Fulfils ports.ArtifactStore and workflows.lock.ArtifactSource."""

    def __init__(
        self,
        folder: Path,
        *,
        fleet_folder: Path,
        vault_folder: Path | None = None,
        vault_url: str | None = None,
        download_url: str,
        api_url: str,
        auth_of: AuthOf = nobody_asks,
        locked: Iterable[Artifact] = (),
    ) -> None:
        """`locked`: whose file lists come out of their own zips. Addresses: no trailing slash."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._kept = KeptVersions(folder)
        self._sources = Sources(
            fleet_folder,
            vault_folder or folder.parent / "vault",
            vault_url,
            download_url,
            api_url,
            auth_of,
        )
        self._lists = FileLists(
            folder / "lists", download_url=download_url, api_url=api_url, auth_of=auth_of
        )
        self._locked = {(a.kind, a.slug, a.version): a for a in locked if a.sha256}
        self._facts: dict[Artifact, ArtifactFacts] = {}
        self._hashes: dict[Artifact, FileHashes] = {}
        self._hashing: defaultdict[Artifact, threading.Lock] = defaultdict(threading.Lock)
        self._one_at_a_time: defaultdict[Artifact, threading.Lock] = defaultdict(threading.Lock)

    def fetch(self, artifact: Artifact) -> Path:
        """A local zip of exactly the locked bytes; their hash is checked anew each time.

        Raises Refused (`artifact.*`) and Failed (`artifact.unavailable`). May be repeated.
        """
        if artifact.sha256 is None:
            raise _unlocked(artifact)
        path = self._folder / artifact.sha256
        with self._one_at_a_time[artifact]:
            # A zip damaged on this disk is brought again, and held against the lock as ever.
            if not path.is_file() or sha256_of(path) != artifact.sha256:
                self._facts[artifact] = self.bring(artifact)
            elif artifact not in self._facts:
                self._facts[artifact] = inspect(path, artifact, artifact.sha256)
                self._kept.note(artifact, artifact.sha256)
        return path

    def facts(self, artifact: Artifact) -> ArtifactFacts:
        """What the locked bytes say about themselves; fetches them if need be. Raises as `fetch`
        does."""
        if artifact not in self._facts:
            self.fetch(artifact)
        return self._facts[artifact]

    def bring(self, artifact: Artifact) -> ArtifactFacts:
        """Take the zip from its source, whatever is kept already, inspect it and keep it.

        Raises as `fetch` does; where the artifact is locked, other bytes are `artifact.hash`.
        """
        with self._arriving() as path:
            self._copy(artifact, path)
            sha256 = sha256_of(path)
            if artifact.sha256 not in (None, sha256):
                raise _other_bytes(artifact, sha256, str(artifact.sha256))
            if artifact.named_sha256 not in (None, sha256):
                raise _other_bytes(artifact, sha256, str(artifact.named_sha256), "catalog.yml")
            facts = inspect(path, artifact, sha256)
            path.replace(self._folder / sha256)
        self._kept.note(artifact, sha256)
        return facts

    def beside(self, artifact: Artifact) -> str | None:
        """The sha256 of what lies at its source, where that is on this machine. Raises Refused
        (`artifact.source`)."""
        path = self._sources.beside(artifact)
        return sha256_of(path) if path else None

    def file_list(self, kind: str, slug: str, version: str, locale: str) -> tuple[str, ...] | None:
        """Sorted paths below the component's folder, for core with wp-content's; None where
        nobody knows them. Raises as `fetch` does."""
        if artifact := self._locked.get((kind, slug, version)):
            return self.facts(artifact).files
        if artifact := self._kept.artifact(kind, slug, version):
            return self.facts(artifact).files
        return self._lists.of(kind, slug, version, locale) if kind in PACKAGINGS else None

    def file_hashes(self, artifact: Artifact, locale: str) -> FileHashes | None:
        """Of its locked zip, else of one that came from the same source before, else as
        wordpress.org lists them; None where nobody knows them. Raises as `fetch` does."""
        sha256 = artifact.sha256 or self._kept.sha256_of(artifact)
        if sha256:
            return self._hashes_of(replace(artifact, sha256=sha256))
        if artifact.source != WORDPRESS_ORG:
            return None
        return self._lists.hashes(artifact.kind, artifact.slug, artifact.version, locale)

    def _hashes_of(self, artifact: Artifact) -> FileHashes:
        """Once: hundreds of sites have the same version."""
        with self._hashing[artifact]:
            if artifact not in self._hashes:
                path = self.fetch(artifact)
                top_folder = PACKAGINGS[artifact.kind].top_folder(artifact.slug)
                self._hashes[artifact] = FileHashes("sha256", zip_hashes(path, top_folder), ENGLISH)
        return self._hashes[artifact]

    @contextmanager
    def _arriving(self) -> Iterator[Path]:
        with tempfile.NamedTemporaryFile(
            dir=self._folder, prefix=".arriving-", delete=False
        ) as file:
            path = Path(file.name)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _copy(self, artifact: Artifact, to: Path) -> None:
        try:
            self._sources.copy(artifact, to)
        except NotThere as missing:
            kept = self._kept.sha256_of(artifact)
            if kept is None or sha256_of(self._folder / kept) != kept:
                raise _unavailable(artifact, str(missing)) from missing
            shutil.copyfile(self._folder / kept, to)


def _unlocked(artifact: Artifact) -> Refused:
    return Refused(
        (
            Problem(
                "artifact.unlocked",
                "this version is not in catalog.lock.yml",
                key=_key(artifact),
                found=artifact.version,
                why="only bytes that were recorded and reviewed may be installed",
                mend="run: wpstate lock",
            ),
        )
    )


def _other_bytes(
    artifact: Artifact, sha256: str, recorded: str, by: str = "catalog.lock.yml"
) -> Refused:
    return Refused(
        (
            Problem(
                "artifact.hash",
                "the source serves other bytes than are recorded",
                key=_key(artifact),
                found=f"{artifact.version}: sha256 {sha256}, {by} has {recorded}",
                why="a version that changes after its release may carry somebody else's code",
                mend="ask the author why; to accept the new bytes: "
                f"wpstate lock --upgrade {artifact.slug}",
            ),
        )
    )


def _unavailable(artifact: Artifact, found: str) -> Failed:
    return Failed(
        (
            Problem(
                "artifact.unavailable",
                "a component could not be fetched",
                key=_key(artifact),
                found=found,
                mend="check the version; where its author withdrew it, keep the zip in the fleet "
                "folder and name its path in catalog.yml",
            ),
        )
    )


def _key(artifact: Artifact) -> str:
    return f"{artifact.kind}.{artifact.slug}"
