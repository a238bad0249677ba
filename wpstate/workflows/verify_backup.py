"""Proves that a site's backups are in their repository as they were written. Restoring them on
trial is left to drills."""

from wpstate.model.backup import Backup, VerifiedBackups
from wpstate.model.desired import DesiredState
from wpstate.model.problem import Failed
from wpstate.workflows.backups import DUMP, Keeping


def verify_backups(desired: DesiredState, keeping: Keeping, read: str | None) -> VerifiedBackups:
    """`read`: what of the repository's data is read too (`100%`, `2/10`).

    Raises Refused (`backup.*`) and Failed (`backup.*`).
    """
    _, declared, owner = keeping.place(desired)
    repository = keeping.repositories.of(declared, owner)
    checked = repository.check(read)
    there = {one.id for one in repository.snapshots(desired.site.id)}
    errors, last_good, count = list(checked.errors), None, 0
    for backup in keeping.history.of(desired.site.id):
        if (backup.repository, backup.owner) != (declared.name, owner.folder):
            continue
        count += 1
        missing = [one for one in snapshots_of(backup) if one not in there]
        if missing:
            errors.append(f"backup {backup.id}: its snapshot {missing[0][:8]} is not there")
        elif last_good is None:
            found = wrong_with(backup, keeping, whole=not checked.good)
            if found is None:
                last_good = backup
            else:
                errors.append(f"backup {backup.id}: {found}")
    return VerifiedBackups(
        site=desired.site.id,
        repository=f"{declared.name}/{owner.folder}",
        errors=tuple(errors),
        read_all=checked.read_all,
        backups=count,
        last_good=last_good,
    )


def snapshots_of(backup: Backup) -> tuple[str, ...]:
    return tuple(filter(None, (backup.database_snapshot, backup.files_snapshot)))


def wrong_with(backup: Backup, keeping: Keeping, *, whole: bool) -> str | None:
    """None where nothing is. The dump is compared with what came from the site; `whole`: and every
    file is read, because the repository has lost something and nobody knows of which backup."""
    repository = keeping.holding(backup)
    try:
        if backup.database_snapshot is not None:
            read = repository.read(backup.database_snapshot, f"/{DUMP}")
            if read != (backup.dump_bytes, backup.dump_sha256):
                return f"its dump is not what came from the site: {read[0]} bytes, {read[1][:16]}"
        if whole and backup.files_snapshot is not None:
            repository.read(backup.files_snapshot, "/")
    except Failed as failed:
        return f"it cannot be read whole: {failed.problems[0].found}"
    return None
