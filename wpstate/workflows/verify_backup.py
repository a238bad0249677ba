"""Proves that a site's backups are in their repository as they were written. Restoring them on
trial is left to drills."""

from wpstate.model.backup import Backup, VerifiedBackups
from wpstate.model.desired import DesiredState
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
        missing = [one for one in _snapshots(backup) if one not in there]
        if missing:
            errors.append(f"backup {backup.id}: its snapshot {missing[0][:8]} is not there")
        elif last_good is None:
            found = _dump_of(backup, keeping)
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


def _snapshots(backup: Backup) -> tuple[str, ...]:
    return tuple(filter(None, (backup.database_snapshot, backup.files_snapshot)))


def _dump_of(backup: Backup, keeping: Keeping) -> str | None:
    """What is wrong with its dump; None where nothing is."""
    if backup.database_snapshot is None:
        return None
    size, digest = keeping.holding(backup).read(backup.database_snapshot, f"/{DUMP}")
    if (size, digest) != (backup.dump_bytes, backup.dump_sha256):
        return f"its dump is not what came from the site: {size} bytes, {digest[:16]}"
    return None
