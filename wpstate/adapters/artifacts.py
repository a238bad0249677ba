"""The store of artifacts: a folder of zips named by their sha256, filled from where the fleet says.

Speaking HTTP is left to adapters.downloads, judging zips to adapters.artifact_zips, lists from
wordpress.org to adapters.file_lists. Safe for threads, and for several processes on one folder:
a zip appears whole or not at all.
"""

import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from wpstate.adapters.artifact_zips import inspect, sha256_of
from wpstate.adapters.file_lists import AuthOf, FileLists, nobody_asks
from wpstate.model.artifact import ArtifactFacts
from wpstate.model.desired import Artifact
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.planning.zip_rules import MOST_ZIP_BYTES, is_safe_path
from wpstate.resources.catalog import WORDPRESS_ORG
from wpstate.resources.packages import PACKAGINGS

_WITHIN_S = 600.0


class FolderArtifactStore:
    """Fulfils ports.ArtifactStore and workflows.lock.ArtifactSource."""

    def __init__(
        self,
        folder: Path,
        *,
        fleet_folder: Path,
        download_url: str,
        api_url: str,
        auth_of: AuthOf = nobody_asks,
        locked: Iterable[Artifact] = (),
    ) -> None:
        """`locked`: whose file lists come out of their own zips. Addresses: no trailing slash."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._fleet_folder = fleet_folder
        self._download_url = download_url
        self._api_url = api_url
        self._auth_of = auth_of
        self._lists = FileLists(
            folder / "lists", download_url=download_url, api_url=api_url, auth_of=auth_of
        )
        self._locked = {(a.kind, a.slug, a.version): a for a in locked if a.sha256}
        self._facts: dict[Artifact, ArtifactFacts] = {}
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
        with self._arriving() as file:
            self._copy(artifact, file)
            file.flush()
            path = Path(file.name)
            sha256 = sha256_of(path)
            if artifact.sha256 not in (None, sha256):
                raise _other_bytes(artifact, sha256)
            facts = inspect(path, artifact, sha256)
            path.replace(self._folder / sha256)
        return facts

    def file_list(self, kind: str, slug: str, version: str, locale: str) -> tuple[str, ...] | None:
        """Sorted paths below the component's folder, for core with wp-content's; None where
        nobody knows them. Raises as `fetch` does."""
        if artifact := self._locked.get((kind, slug, version)):
            return self.facts(artifact).files
        return self._lists.of(kind, slug, version, locale)

    @contextmanager
    def _arriving(self) -> Iterator[IO[bytes]]:
        with tempfile.NamedTemporaryFile(
            dir=self._folder, prefix=".arriving-", delete=False
        ) as file:
            try:
                yield file
            finally:
                Path(file.name).unlink(missing_ok=True)

    def _copy(self, artifact: Artifact, to: IO[bytes]) -> None:
        if artifact.source == WORDPRESS_ORG:
            self._download(artifact, to)
        else:
            self._copy_from_fleet(artifact, to)

    def _download(self, artifact: Artifact, to: IO[bytes]) -> None:
        # Imported late: commands that fetch nothing need no HTTP library.
        from wpstate.adapters.downloads import download
        from wpstate.adapters.translations import pack_path_at

        path = PACKAGINGS[artifact.kind].download_path(artifact.slug, artifact.version)
        path = path or pack_path_at(
            self._api_url, artifact.slug, artifact.version, self._auth_of(self._api_url)
        )
        if path is None:
            raise _unavailable(artifact, f"{artifact.version}: no language pack")
        url = f"{self._download_url}{path}"
        auth = self._auth_of(url)
        if not download(url, to.write, at_most_bytes=MOST_ZIP_BYTES, within_s=_WITHIN_S, auth=auth):
            raise _unavailable(artifact, f"{path}: not there")

    def _copy_from_fleet(self, artifact: Artifact, to: IO[bytes]) -> None:
        root = self._fleet_folder.resolve()
        path = (root / artifact.source).resolve()
        if not (is_safe_path(artifact.source) and path.is_relative_to(root)):
            raise _outside(artifact)
        if not path.is_file():
            raise _unavailable(artifact, f"{artifact.source}: not there")
        if path.stat().st_size > MOST_ZIP_BYTES:
            raise _too_large(artifact)
        with path.open("rb") as file:
            shutil.copyfileobj(file, to)


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


def _other_bytes(artifact: Artifact, sha256: str) -> Refused:
    return Refused(
        (
            Problem(
                "artifact.hash",
                "the source serves other bytes than catalog.lock.yml records",
                key=_key(artifact),
                found=f"{artifact.version}: sha256 {sha256}, recorded {artifact.sha256}",
                why="a version that changes after its release may carry somebody else's code",
                mend="ask the author why; to accept the new bytes: "
                f"wpstate lock --upgrade {artifact.slug}",
            ),
        )
    )


def _outside(artifact: Artifact) -> Refused:
    what = "the path of the zip leaves the fleet folder"
    return Refused(
        (Problem("artifact.source", what, key=_key(artifact), found=repr(artifact.source)),)
    )


def _too_large(artifact: Artifact) -> Refused:
    what = f"the zip is larger than {MOST_ZIP_BYTES} bytes"
    return Refused(
        (Problem("artifact.too_large", what, key=_key(artifact), found=artifact.source),)
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
