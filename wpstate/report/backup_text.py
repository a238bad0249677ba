"""Backups as text."""

from collections.abc import Iterator, Sequence

from wpstate.model.backup import Backup
from wpstate.model.backup_removal import ForgottenClient, PrunedBackups
from wpstate.report.lines import Line, Tone, line
from wpstate.report.plan_text import size


def made_lines(backup: Backup) -> Iterator[Line]:
    parts = ", ".join(part.value for part in backup.parts)
    yield line(f"{backup.site} · backup {backup.id} · whole: {parts}", Tone.GOOD)
    if backup.database_snapshot:
        yield line(f"  database  {backup.tables} tables, {size(backup.dump_bytes)}")
    if backup.files_snapshot:
        yield line(
            f"  files     {backup.files}, {size(backup.files_bytes)}; "
            f"{size(backup.received_bytes)} came over the line"
        )
    yield line(
        f"  kept in   {backup.repository}/{backup.owner}, which grew by {size(backup.added_bytes)}"
        f", in {backup.took_s:.0f} s"
    )


def listed_lines(site: str, backups: Sequence[Backup]) -> Iterator[Line]:
    if not backups:
        yield line(f"{site} · no backups", Tone.WARN)
        return
    yield line(f"{site} · {len(backups)} backups")
    for one in backups:
        parts = ", ".join(part.value for part in one.parts)
        yield line(
            f"  {one.at:%Y-%m-%d %H:%M} UTC  {one.id}  {parts}  "
            f"{size(one.dump_bytes + one.files_bytes)}  {one.repository}"
        )


def verified_lines(
    site: str, repository: str, errors: Sequence[str], last_good: Backup | None, *, read_all: bool
) -> Iterator[Line]:
    if not errors:
        read = "all of its data was read" if read_all else "its structure is whole"
        yield line(f"{site} · {repository}: {read}", Tone.GOOD)
    else:
        yield line(f"{site} · {repository}: damaged", Tone.BAD)
        yield from (line(f"  {error}", Tone.BAD) for error in errors)
    if last_good is not None:
        yield line(f"  last good  {last_good.at:%Y-%m-%d %H:%M} UTC  {last_good.id}")
    else:
        yield line("  last good  none", Tone.WARN)


def pruned_lines(pruned: PrunedBackups, *, dry_run: bool) -> Iterator[Line]:
    removed = f"{len(pruned.removed)} removed"
    if dry_run:
        removed = f"{sum(not one.kept for one in pruned.backups)} would go"
    yield line(f"{pruned.site} · {len(pruned.backups)} backups · {removed}")
    for one in pruned.backups:
        word = "keep  " if one.kept else "remove"
        yield line(f"  {word}  {one.at:%Y-%m-%d %H:%M} UTC  {one.id}  {', '.join(one.reasons)}")
    yield from (line(f"  left    {why}", Tone.WARN) for why in pruned.left)


def forgotten_lines(done: ForgottenClient) -> Iterator[Line]:
    yield line(f"{done.client} · {done.backups} backups forgotten")
    for one in done.repositories:
        stays = f"; empty, it stays at {one.stays}: remove it there" if one.stays else ""
        yield line(f"  {one.repository}: {one.snapshots} snapshots erased{stays}")
    for copy in done.copies:
        yield line(f"  removed from this machine: {copy}")
    yield from (line(f"  left: {why}", Tone.WARN) for why in done.left)


def restored_lines(
    backup: Backup, target: str, dump_bytes: int | None, files: int, files_bytes: int
) -> Iterator[Line]:
    yield line(f"{backup.site} · backup {backup.id} of {backup.at:%Y-%m-%d %H:%M} UTC", Tone.GOOD)
    if dump_bytes is not None:
        yield line(f"  database  {target}/database.sql, {size(dump_bytes)}")
    if files:
        yield line(f"  files     {target}/files: {files}, {size(files_bytes)}")


def offered_lines(backup: Backup, path: str, files: int) -> Iterator[Line]:
    yield line(f"{backup.site} · backup {backup.id} of {backup.at:%Y-%m-%d %H:%M} UTC")
    yield line(f"  puts {path} of then ({files} files) in the place of what stands there now")
    yield line("  lost      nothing: what it replaces is kept; tables and uploads stay as they are")


def undoing_lines(site: str, run: str) -> Iterator[Line]:
    yield line(f"  as it was before: wpstate rollback {site} --to {run}")
