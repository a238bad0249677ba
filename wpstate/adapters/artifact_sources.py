"""Where an artifact's zip comes from: wordpress.org, the fleet folder, an address, the vault, git.

Judging and keeping what comes is left to adapters.artifacts.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from wpstate.adapters.file_lists import AuthOf
from wpstate.model.desired import Artifact
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.planning.zip_rules import MOST_ZIP_BYTES, is_safe_path
from wpstate.resources.catalog import GIT, VAULT, WORDPRESS_ORG
from wpstate.resources.packages import PACKAGINGS

_WITHIN_S = 600.0


class NotThere(Exception):
    """The source was asked and does not have it; holds what is missing where."""


@dataclass(frozen=True, slots=True)
class Sources:
    fleet_folder: Path
    vault_folder: Path
    vault_url: str | None
    """An object store, for what this machine's vault lacks."""
    download_url: str
    api_url: str
    auth_of: AuthOf

    def copy(self, artifact: Artifact, to: Path) -> None:
        """Write the zip that the source has. Raises NotThere, Failed (`artifact.unavailable`,
        `artifact.no_pack`) and Refused (`artifact.*`)."""
        source = artifact.source
        if source == WORDPRESS_ORG:
            self._from_wordpress_org(artifact, to)
        elif source == VAULT:
            self._from_vault(artifact, to)
        elif source.startswith(f"{GIT}:"):
            self._from_git(artifact, to)
        elif "://" in source:
            self._download(source, to)
        else:
            self._from_fleet(artifact, to)

    def beside(self, artifact: Artifact) -> Path | None:
        """The zip where it lies on this machine already; None where it comes from elsewhere, or
        does not lie there. Raises Refused (`artifact.source`)."""
        source = artifact.source
        if source == WORDPRESS_ORG or source.startswith(f"{GIT}:") or "://" in source:
            return None
        path = (
            vaulted(self.vault_folder, artifact.kind, artifact.slug, artifact.version)
            if source == VAULT
            else self._below_fleet(artifact, source)
        )
        return path if path.is_file() else None

    def _from_wordpress_org(self, artifact: Artifact, to: Path) -> None:
        from wpstate.adapters.translations import pack_path_at

        path = PACKAGINGS[artifact.kind].download_path(artifact.slug, artifact.version)
        path = path or pack_path_at(
            self.api_url, artifact.slug, artifact.version, self.auth_of(self.api_url)
        )
        if path is None:
            raise _no_pack(artifact)
        self._download(f"{self.download_url}{path}", to)

    def _download(self, url: str, to: Path) -> None:
        # Imported late: commands that fetch nothing need no HTTP library.
        from wpstate.adapters.downloads import download

        auth = self.auth_of(url)
        with to.open("wb") as file:
            found = download(
                url, file.write, at_most_bytes=MOST_ZIP_BYTES, within_s=_WITHIN_S, auth=auth
            )
        if not found:
            raise NotThere(f"{url.partition('://')[2].partition('/')[2]}: not there")

    def _from_vault(self, artifact: Artifact, to: Path) -> None:
        path = self.beside(artifact)
        if path is not None:
            _copy(artifact, path, to)
        elif self.vault_url is not None:
            parts = (artifact.kind, artifact.slug, f"{artifact.version}.zip")
            self._download("/".join((self.vault_url, *(quote(p, safe="") for p in parts))), to)
        else:
            raise NotThere(f"{artifact.version}: not in the vault {self.vault_folder}")

    def _from_fleet(self, artifact: Artifact, to: Path) -> None:
        path = self.beside(artifact)
        if path is None:
            raise NotThere(f"{artifact.source}: not there")
        _copy(artifact, path, to)

    def _from_git(self, artifact: Artifact, to: Path) -> None:
        from wpstate.adapters.git_archives import archive_tag
        from wpstate.adapters.packing import pack

        place, _, rest = artifact.source.removeprefix(f"{GIT}:").partition("#")
        tag, _, folder = rest.partition(":")
        address = place if "://" in place else str(self._below_fleet(artifact, place))
        with tempfile.TemporaryDirectory(dir=to.parent, prefix=".git-") as folder_name:
            tar = archive_tag(address, tag, folder, artifact.slug, Path(folder_name))
            if tar is None:
                raise NotThere(f"{place}: no tag {tag}" + (f" with {folder}" if folder else ""))
            pack(tar, artifact.slug, to)

    def _below_fleet(self, artifact: Artifact, path: str) -> Path:
        root = self.fleet_folder.resolve()
        found = (root / path).resolve()
        if not (is_safe_path(path) and found.is_relative_to(root)):
            what = "the path of the zip leaves the fleet folder"
            raise _refused(artifact, "artifact.source", what, repr(artifact.source))
        return found


def vaulted(vault_folder: Path, kind: str, slug: str, version: str) -> Path:
    """Where the controller's vault has a version."""
    return vault_folder / kind / slug / f"{version}.zip"


def _copy(artifact: Artifact, path: Path, to: Path) -> None:
    if path.stat().st_size > MOST_ZIP_BYTES:
        what = f"the zip is larger than {MOST_ZIP_BYTES} bytes"
        raise _refused(artifact, "artifact.too_large", what, artifact.source)
    shutil.copyfile(path, to)


def _no_pack(artifact: Artifact) -> Failed:
    return Failed(
        [
            Problem(
                "artifact.no_pack",
                "wordpress.org has no language pack of this version",
                key=f"{artifact.kind}.{artifact.slug}",
                found=artifact.version,
                mend="ask for another language or version, or for none",
            )
        ]
    )


def _refused(artifact: Artifact, slug: str, what: str, found: str) -> Refused:
    return Refused([Problem(slug, what, key=f"{artifact.kind}.{artifact.slug}", found=found)])
