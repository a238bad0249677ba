"""Brings back what a backup holds, into a folder of this machine: nothing of a site is touched."""

from collections.abc import Sequence
from pathlib import Path

from wpstate.model.backup import Backup, RestoredBackup
from wpstate.model.desired import DesiredState
from wpstate.model.problem import Failed, Problem, UsageError
from wpstate.ports.backups import BackupRepository, MakesFolders
from wpstate.workflows.backups import DUMP, Keeping, backup_at

FILES = "files"
"""Below the target: what the site's folders hold, by what they are."""
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
