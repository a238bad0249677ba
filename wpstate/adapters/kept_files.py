"""Files that themes must have, as the fleet keeps them: their locked zip's, else a copy in
`theme-files/SITE/THEME/` of the fleet folder, which `wpstate lock --theme-files SITE` writes.

Which files of a theme count is left to resources.theme_files.
"""

import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from wpstate.model.desired import Artifact, DesiredState
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.site import SiteId
from wpstate.resources.theme_files import MOST_BYTES, MOST_FILES, counts, is_plain

FOLDER = "theme-files"


class Zips(Protocol):
    def fetch(self, artifact: Artifact) -> Path:
        """A local zip of exactly the locked bytes."""


class FleetFiles:
    """Nothing outside the fleet folder and the artifact store is ever read or written."""

    def __init__(
        self, fleet_folder: Path, zips: Callable[[], Zips], approved: Iterable[Artifact]
    ) -> None:
        self._copies = fleet_folder / FOLDER
        self._zips = zips
        self._approved = tuple(approved)

    def of_theme(
        self, desired: DesiredState, theme: str, version: str
    ) -> Mapping[str, bytes] | None:
        """By path in the theme's folder. A zip that cannot be had is as good as none: a plan is
        not the place to mend it."""
        zipped = self._zip_of(desired, theme, version)
        if zipped is not None:
            try:
                return _unpacked(self._zips().fetch(zipped))
            except (Refused, Failed, OSError, zipfile.BadZipFile):
                return None
        return self._copied(desired.site.id, theme)

    def has_zip(self, desired: DesiredState, theme: str, version: str) -> bool:
        """Whether the catalog has the bytes of this theme, locked."""
        return self._zip_of(desired, theme, version) is not None

    def _zip_of(self, desired: DesiredState, theme: str, version: str) -> Artifact | None:
        named = (*self._approved, *(m.artifact for m in desired.managed if m.artifact))
        wanted = ("themes", theme, version)
        return next((a for a in named if (a.kind, a.slug, a.version) == wanted and a.sha256), None)

    def keep(self, site: SiteId, theme: str, files: Mapping[str, bytes]) -> Path:
        """Put a copy of a theme's files in the place of the former one.

        Raises Refused (`theme.path`) where a site names a path that is no plain one.
        """
        odd = [path for path in (theme, *files) if not is_plain(path)]
        if odd or "/" in theme:
            raise Refused([_odd(site, (odd or [theme])[0])])
        folder = self._copies / site / theme
        self._make(folder.parent)
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return folder

    def _copied(self, site: SiteId, theme: str) -> Mapping[str, bytes] | None:
        folder = self._copies / site / theme
        if not is_plain(theme) or "/" in theme or not folder.is_dir() or _leads_away(folder):
            return None
        return {path: (folder / path).read_bytes() for path in _below(folder)}

    def _make(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if _leads_away(folder):
            raise Refused([_link(folder)])


def _leads_away(folder: Path) -> bool:
    """A link among its last three steps, which lie in the fleet folder."""
    return any(step.is_symlink() for step in (folder, *folder.parents[:2]))


def _below(folder: Path) -> Iterable[str]:
    """Plain files below a folder that count, no link among them."""
    found: list[str] = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not (Path(root) / name).is_symlink()]
        for name in names:
            path = Path(root) / name
            shown = path.relative_to(folder).as_posix()
            if counts(shown) and not path.is_symlink() and len(found) < MOST_FILES:
                found.append(shown)
    return found


@lru_cache(maxsize=4)
def _unpacked(zip_file: Path) -> Mapping[str, bytes]:
    """What counts in a theme's zip, by path below its one top folder (inspected when it came).
    Many sites share a theme, and zips are called after their bytes."""
    files: dict[str, bytes] = {}
    size_bytes = 0
    with zipfile.ZipFile(zip_file) as archive:
        for entry in archive.infolist():
            path = entry.filename.partition("/")[2]
            size_bytes += entry.file_size if counts(path) else 0
            if counts(path) and size_bytes <= MOST_BYTES:
                files[path] = archive.read(entry)
    return files


def _odd(site: SiteId, path: str) -> Problem:
    return Problem(
        slug="theme.path",
        what="a file of the site's theme cannot be kept under its name",
        key=site,
        found=path,
        why="what a site names is written into the fleet folder only where that is harmless",
        mend="give it a name of letters, digits, dots, hyphens and underscores",
    )


def _link(folder: Path) -> Problem:
    return Problem(
        slug="fleet.link_outside",
        what="a link leads out of the fleet folder",
        key=str(folder),
        why="a fleet must be whole in itself, for reviewers and for other machines",
        mend="put a folder itself in the link's place",
    )
