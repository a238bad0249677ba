"""Packs a folder that came as a tar into a zip, the same bytes on every machine and every day.

Files lie in the order of their names, stored as they are (two versions of zlib pack differently),
with one time and one mode. A tar comes from a stranger: only plain files in one folder pass.
"""

import tarfile
import zipfile
from pathlib import Path

from wpstate.model.problem import Problem, Refused
from wpstate.planning.zip_rules import MOST_ENTRIES, MOST_UNPACKED_BYTES, is_safe_path
from wpstate.resources.foreign_text import visible

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


def pack(tar: Path, folder: str, to: Path) -> None:
    """Write a tar that holds one folder of this name as a zip.

    Raises Refused (`artifact.link`, `artifact.path`, `artifact.entries`, `artifact.too_large`,
    `artifact.empty`, `artifact.damaged`).
    """
    try:
        with tarfile.open(tar, "r:") as archive:
            _write(archive, _files(archive, folder), to)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as why:
        raise _refused("artifact.damaged", "the archive is damaged", str(why)) from why


def _files(archive: tarfile.TarFile, folder: str) -> dict[str, tarfile.TarInfo]:
    """Plain files by their name in the zip."""
    found: dict[str, tarfile.TarInfo] = {}
    size_bytes = 0
    for count, member in enumerate(archive, start=1):
        if count > MOST_ENTRIES:
            raise _refused(
                "artifact.entries", "the folder holds too many files", f"{count} or more"
            )
        name = member.name.removeprefix("./")
        if member.isdir() or member.name in ("", "."):
            continue
        if not member.isreg() or member.issparse():
            raise _refused("artifact.link", "the folder holds a link or a device", name)
        if not is_safe_path(name) or not name.startswith(f"{folder}/"):
            raise _refused("artifact.path", "the archive holds a path that leaves its folder", name)
        size_bytes += member.size
        if size_bytes > MOST_UNPACKED_BYTES:
            raise _refused("artifact.too_large", "the folder is too large", f"{size_bytes} bytes")
        found[name] = member
    if not found:
        raise _refused("artifact.empty", "the folder holds no file", folder)
    return found


def _write(archive: tarfile.TarFile, files: dict[str, tarfile.TarInfo], to: Path) -> None:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_STORED) as packed:
        for name, member in sorted(files.items()):
            info = zipfile.ZipInfo(name, _FIRST_DAY)
            info.create_system = _UNIX
            info.external_attr = 0o100644 << 16
            content = archive.extractfile(member)
            assert content is not None
            packed.writestr(info, content.read())


def _refused(slug: str, what: str, found: str) -> Refused:
    return Refused([Problem(slug, what, found=visible(found, 200))])
