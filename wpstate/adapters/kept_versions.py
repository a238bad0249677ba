"""Which bytes the store keeps of each version: what is found again once a source withdrew it.

One small file for each version below `versions/`, written after its zip.
"""

from pathlib import Path
from urllib.parse import quote

from wpstate.adapters.plans import write_whole
from wpstate.model.desired import Artifact
from wpstate.resources.catalog import WORDPRESS_ORG

_HEX = frozenset("0123456789abcdef")


class KeptVersions:
    def __init__(self, folder: Path) -> None:
        """`folder`: the store's own."""
        self._folder = folder

    def note(self, artifact: Artifact, sha256: str) -> None:
        """Remember the bytes that came last."""
        if self.sha256_of(artifact) == sha256:
            return
        path = self._path(artifact.kind, artifact.slug, artifact.version)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, f"{sha256} {artifact.source}\n".encode())

    def sha256_of(self, artifact: Artifact) -> str | None:
        """Of the bytes that came from the same source."""
        found = self._read(artifact.kind, artifact.slug, artifact.version)
        return found[0] if found and found[1] == artifact.source else None

    def artifact(self, kind: str, slug: str, version: str) -> Artifact | None:
        """A version that may be in no lock any more."""
        found = self._read(kind, slug, version)
        return Artifact(kind, slug, version, found[1], found[0]) if found else None

    def _read(self, kind: str, slug: str, version: str) -> tuple[str, str] | None:
        try:
            text = self._path(kind, slug, version).read_text("utf-8", "replace")
        except OSError:
            return None
        sha256, _, source = text.strip().partition(" ")
        sound = len(sha256) == 64 and _HEX.issuperset(sha256)
        return (sha256, source or WORDPRESS_ORG) if sound and self._has(sha256) else None

    def _has(self, sha256: str) -> bool:
        return (self._folder / sha256).is_file()

    def _path(self, kind: str, slug: str, version: str) -> Path:
        name = ".".join(quote(part, safe="") for part in (kind, slug, version))
        return self._folder / "versions" / name
