"""Brings back what a backup holds, into a folder of this machine: nothing of a site is touched.

Putting it onto the site is left to restore_onto_site.
"""

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

from wpstate.model.backup import Backup, RestoredBackup
from wpstate.model.desired import DesiredState
from wpstate.model.problem import Failed, Problem, Refused, UsageError
from wpstate.ports.backups import BackupRepository, MakesFolders
from wpstate.workflows.backups import DUMP, Keeping, backup_at
from wpstate.workflows.restore_onto_site import PartOffer

FILES = "files"
"""Below the target: what the site's folders hold, by what they are."""
MOST_BYTES = 256 * 1024 * 1024
"""Of what is put onto a site: it is sent whole."""
_DATABASE, _FILES, _UPLOADS = "database", "files", "uploads"


def restore_to_folder(
    desired: DesiredState,
    keeping: Keeping,
    folders: MakesFolders,
    *,
    when: str,
    target: Path | None,
    only: Sequence[str] = (),
) -> RestoredBackup:
    """`only`: `database`, `files`, `uploads`, or paths below the WordPress folder; all where it
    is empty.

    Raises Refused (`backup.none`, `restore.target`), UsageError (`usage.moment`, `usage.only`) and
    Failed (`backup.*`).
    """
    backup = backup_at(desired, keeping.history, when)
    repository = keeping.holding(backup)
    _require(desired, backup, only)
    place = target or keeping.scratch / f"{desired.site.id}-{backup.id}"
    folders.make_empty(place)
    dump_bytes: int | None = None
    files, files_bytes = 0, 0
    if backup.database_snapshot and (not only or _DATABASE in only):
        dump_bytes = _dump(backup, repository, place)
    if backup.files_snapshot and (not only or set(only) - {_DATABASE}):
        files, files_bytes = _files(backup, repository, place, only)
    return RestoredBackup(backup, str(place), dump_bytes, files, files_bytes)


def part_of_backup(
    desired: DesiredState,
    keeping: Keeping,
    folders: MakesFolders,
    *,
    when: str,
    only: Sequence[str],
    scratch: Path,
) -> PartOffer:
    """One folder or file of the code, to be put onto the site; `scratch` is left to the caller.

    Raises as `restore_to_folder`, and Refused (`restore.path`).
    """
    if len(only) != 1 or set(only) & {_DATABASE, _FILES, _UPLOADS} or not only[0].strip("/"):
        raise Refused([_no_part(desired, ", ".join(only) or "no --only")])
    path = only[0].strip("/")
    done = restore_to_folder(desired, keeping, folders, when=when, target=scratch, only=[path])
    found = scratch / FILES / "wordpress" / path
    if not found.is_symlink() and not found.exists():
        raise UsageError([_nothing(done.backup, only)])
    if done.files_bytes > MOST_BYTES:
        raise Refused([_no_part(desired, f"{path}: {done.files_bytes} bytes of {MOST_BYTES}")])
    return PartOffer(done.backup, path, _packed(found), done.files)


def _packed(found: Path) -> bytes:
    def timed(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        # tarfile's own are floats, which do not hold nanoseconds.
        ns = (found / entry.name.partition("/")[2]).lstat().st_mtime_ns
        entry.pax_headers = {"mtime": f"{ns // 10**9}.{ns % 10**9:09d}"}
        return entry

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(found, "it", filter=timed)
    return packed.getvalue()


def _no_part(desired: DesiredState, found: str) -> Problem:
    return Problem(
        "restore.path",
        "this cannot be put into the site by a run",
        key=desired.site.id,
        found=found,
        why="only what a run can put back byte for byte is put into a live site: code of at most "
        "256 MiB, one folder or file at a time",
        mend="--only such as wp-content/plugins/akismet, or restore into a folder with --to",
    )


def _dump(backup: Backup, repository: BackupRepository, place: Path) -> int:
    assert backup.database_snapshot
    size, digest = repository.read(backup.database_snapshot, f"/{DUMP}", place / DUMP)
    if (size, digest) != (backup.dump_bytes, backup.dump_sha256):
        raise Failed(
            [
                Problem(
                    "backup.changed",
                    "the dump is not the one that came from the site",
                    key=backup.site,
                    found=f"{size} bytes, sha256 {digest}",
                    why=f"kept were {backup.dump_bytes} bytes, sha256 {backup.dump_sha256}",
                    mend=f"wpstate backup verify {backup.site}, then restore an older one",
                )
            ]
        )
    return size


def _files(
    backup: Backup, repository: BackupRepository, place: Path, only: Sequence[str]
) -> tuple[int, int]:
    assert backup.files_snapshot
    wanted = () if not only or _FILES in only else tuple(_paths(backup, only))
    files, size = repository.restore(backup.files_snapshot, place / FILES, only=wanted)
    if not files and wanted:
        raise UsageError([_nothing(backup, only)])
    return files, size


def _paths(backup: Backup, only: Sequence[str]) -> list[str]:
    """Of the backup's folder."""
    found = []
    for word in only:
        if word == _UPLOADS:
            found.append(f"/{backup.uploads}")
        elif word != _DATABASE:
            found.append(f"/wordpress/{word.strip('/')}")
    return found


def _require(desired: DesiredState, backup: Backup, only: Sequence[str]) -> None:
    """Raises UsageError (`usage.only`)."""
    lacks = []
    if _DATABASE in only and backup.database_snapshot is None:
        lacks.append(_DATABASE)
    if set(only) - {_DATABASE} and backup.files_snapshot is None:
        lacks.append(_FILES)
    odd = [word for word in only if ".." in word.split("/")]
    if lacks or odd:
        raise UsageError([_nothing(backup, lacks or odd)])


def _nothing(backup: Backup, only: Sequence[str]) -> Problem:
    return Problem(
        "usage.only",
        "the backup holds nothing of this name",
        key=backup.site,
        found=", ".join(only),
        why="paths are those below the WordPress folder",
        mend="write database, files, uploads, or a path such as wp-content/plugins/akismet",
    )
