"""What a repository has lost is found by verify and named, with the last backup that is whole; what
is killed in the middle leaves a repository that is whole, and the next one goes on."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import SITE, desired
from tests.faults.conftest import FULL
from wpstate.adapters import restic
from wpstate.adapters.backup_history import DatabaseBackupHistory
from wpstate.adapters.database import SqliteDatabase
from wpstate.adapters.restic import ResticRepositories
from wpstate.model.backup import (
    Backup,
    BackupPolicy,
    Keep,
    Part,
    Repository,
    RepositoryKind,
    VerifiedBackups,
)
from wpstate.model.desired import DesiredState, Policy
from wpstate.model.problem import Failed
from wpstate.model.schedule import Every
from wpstate.model.secret import Secret, SecretReference
from wpstate.ports.backups import BackupRepository
from wpstate.workflows.backups import Keeping
from wpstate.workflows.verify_backup import verify_backups

_AT = datetime(2026, 11, 22, tzinfo=UTC)
_POLICY = BackupPolicy(Every(86_400), "24h", 93_600, Keep(), "here")
_REPOSITORY = Repository(
    "here", RepositoryKind.LOCAL, "", SecretReference("env", "WPSTATE_SECRET_B")
)
_POINTS = 20 if FULL else 2


class _Kept:
    def reveal(self, _: SecretReference) -> Secret:
        return Secret("correct horse battery")


class Kept:
    """Backups of a site's files, made without the site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mirror = folder / "mirror"
        self.mirror.mkdir()
        self.keeping = Keeping(
            declared=(replace(_REPOSITORY, address=str(folder / "kept")),),
            repositories=ResticRepositories(_Kept(), folder / "cache", ()),
            open_copy=_nobody,
            history=DatabaseBackupHistory(SqliteDatabase(folder / "home" / "kept.sqlite3")),
            scratch=folder / "restored",
        )
        self.desired: DesiredState = replace(desired(), policy=Policy(backup=_POLICY))
        self.repository: BackupRepository = self.keeping.repository(self.desired)
        self.repository.ensure()
        self.made = 0

    def back_up(self) -> Backup:
        self.made += 1
        saved = self.repository.save_folder(self.mirror, site=SITE.id, tag=f"b{self.made}")
        backup = Backup(
            f"b{self.made}", SITE.id, "here", f"sites/{SITE.id}",
            _AT + timedelta(hours=self.made), 1.0, (Part.CODE,), files_snapshot=saved.snapshot,
        )  # fmt: skip
        self.keeping.history.add(backup)
        return backup

    def verify(self, read: str | None = "100%") -> VerifiedBackups:
        return verify_backups(self.desired, self.keeping, read)

    def packs(self) -> set[Path]:
        return {path for path in (self.folder / "kept").rglob("data/*/*") if path.is_file()}


def _nobody(*_: object) -> "Callable[..., None]":
    raise AssertionError("no site is asked")


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def _flip(pack: Path) -> None:
    data = bytearray(pack.read_bytes())
    data[len(data) // 3] ^= 1
    pack.chmod(0o600)
    pack.write_bytes(data)


@pytest.mark.parametrize(("harm", "read"), [(_flip, "100%"), (Path.unlink, None)])
def test_a_damage_is_named_with_the_last_backup_that_is_whole(
    kept: Kept, harm: Callable[[Path], None], read: str | None
) -> None:
    (kept.mirror / "old.php").write_bytes(os.urandom(50_000))
    first = kept.back_up()
    before = kept.packs()
    (kept.mirror / "new.php").write_bytes(os.urandom(50_000))
    later = kept.back_up()
    sound = kept.verify(read)
    assert (sound.errors, sound.last_good, sound.backups) == ((), later, 2)

    harm(max(kept.packs() - before, key=lambda pack: pack.stat().st_size))
    found = kept.verify(read)
    assert any(f"backup {later.id}: it cannot be read whole" in error for error in found.errors)
    assert found.last_good == first
    assert first.files_snapshot
    kept.repository.restore(first.files_snapshot, kept.folder / "back")
    assert (kept.folder / "back/old.php").stat().st_size == 50_000


def test_a_backup_that_somebody_removed_is_named(kept: Kept) -> None:
    (kept.mirror / "a.php").write_text("a")
    first, later = kept.back_up(), kept.back_up()
    assert later.files_snapshot
    kept.repository.forget([later.files_snapshot], prune=True)
    found = kept.verify()
    assert found.errors == (
        f"backup {later.id}: its snapshot {later.files_snapshot[:8]} is not there",
    )
    assert found.last_good == first


def test_killed_backups_and_prunes_leave_a_whole_repository(kept: Kept) -> None:
    (kept.mirror / "kept.php").write_bytes(os.urandom(1_000_000))
    first = kept.back_up()

    def back_up() -> None:
        with suppress(Failed):
            kept.repository.save_folder(kept.mirror, site=SITE.id, tag="killed")

    def prune() -> None:
        with suppress(Failed):
            listed = kept.repository.snapshots()
            others = [one.id for one in listed if one.id != first.files_snapshot]
            kept.repository.forget(others, prune=True)

    for point in range(_POINTS):
        for name in ("more.php", "again.php"):
            (kept.mirror / name).write_bytes(os.urandom(10_000_000))
        kept.back_up()
        _killed(back_up if point % 2 == 0 else prune, kept.folder, 0.4 + 1.6 * point / _POINTS)
        kept.back_up()  # whoever comes next finds no lock in its way
        assert kept.repository.check("100%").good
        assert first.files_snapshot in {one.id for one in kept.repository.snapshots()}
        assert kept.verify().last_good
    prune()
    assert [one.id for one in kept.repository.snapshots()] == [first.files_snapshot]
    assert kept.repository.check("100%").good


def test_a_dead_lock_is_in_nobodys_way(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a removal that was killed while it held the repository for itself."""
    monkeypatch.setattr(restic, "_RETRY_LOCK", "1s")
    (kept.mirror / "kept.php").write_bytes(os.urandom(1_000_000))
    kept.back_up()
    dying = threading.Thread(target=lambda: _ignoring(lambda: kept.repository.check("100%")))
    locks = kept.folder / "kept" / "sites" / SITE.id / "locks"
    dying.start()
    while not _held(locks):
        time.sleep(0.001)
    _kill_restic(kept.folder)
    dying.join()
    assert _held(locks)
    assert kept.repository.check().good  # it wants the repository for itself, too
    assert not _held(locks)


def _held(locks: Path) -> bool:
    """By a lock that is there, not by one that restic only begins to write."""
    return any("-tmp-" not in lock.name for lock in locks.iterdir())


def _killed(work: Callable[[], None], folder: Path, after_s: float) -> None:
    """Run this, and SIGKILL the restic that it began so long after."""
    thread = threading.Thread(target=work)
    thread.start()
    until = time.monotonic() + after_s
    while time.monotonic() < until and thread.is_alive():
        time.sleep(0.01)
    _kill_restic(folder)
    thread.join(120)
    assert not thread.is_alive()


def _kill_restic(folder: Path) -> None:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes()
            if b"restic" in words.split(b"\0")[0] and str(folder).encode() in words:
                os.kill(int(process.name), signal.SIGKILL)


def _ignoring(work: Callable[[], object]) -> None:
    with suppress(Failed):
        work()
