"""What nothing keeps goes from the real repository; the last backup that is whole stays, whatever
is lost, and a prune that was killed is repeated harmlessly."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import SITE
from tests.integration.test_damaged_backups import Kept
from wpstate.adapters.scratch_folders import ScratchFolders
from wpstate.model.backup import Attempted, Backup, Drill, Owner, Part
from wpstate.model.backup_removal import PrunedBackups
from wpstate.model.desired import Fleet
from wpstate.model.problem import Failed, UsageError, WpstateError
from wpstate.model.site import SiteId
from wpstate.workflows.backups import Keeping
from wpstate.workflows.forget_client import forget_client
from wpstate.workflows.prune_backups import prune_backups

_AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def _backup(kept: Kept) -> Backup:
    (kept.mirror / f"{kept.made}.bin").write_bytes(os.urandom(30_000))
    return kept.back_up()


def _prune(kept: Kept, keeping: Keeping | None = None, *, dry_run: bool = False) -> PrunedBackups:
    def failed(error: WpstateError) -> None:
        raise error

    sites = [kept.desired]
    (done,) = prune_backups(sites, keeping or kept.keeping, dry_run=dry_run, failed=failed)
    return done


def _there(kept: Kept) -> list[str]:
    return [one.id for one in kept.repository.snapshots()]


def test_what_nothing_keeps_goes_and_its_data_with_it(kept: Kept) -> None:
    made = [_backup(kept)]
    for old in kept.mirror.iterdir():
        old.unlink()  # nothing needs its data once that backup is gone
    made += [_backup(kept), _backup(kept)]
    before = kept.packs()
    shown = _prune(kept, dry_run=True)
    assert [(one.id, one.kept) for one in shown.backups] == [
        ("b3", True), ("b2", False), ("b1", False),
    ]  # fmt: skip
    assert (shown.removed, len(_there(kept)), kept.packs()) == ((), 3, before)

    assert _prune(kept).removed == ("b2", "b1")
    assert _there(kept) == [made[2].files_snapshot]
    assert kept.keeping.history.of(SITE.id) == (made[2],)
    assert before - kept.packs()
    assert _prune(kept).removed == ()
    found = kept.verify()
    assert (found.errors, found.last_good) == ((), made[2])


def test_the_last_that_is_whole_stays_where_newer_ones_are_damaged(kept: Kept) -> None:
    first = _backup(kept)
    before = kept.packs()
    second = _backup(kept)
    for pack in kept.packs() - before:
        pack.unlink()
    shown = _prune(kept, dry_run=True)
    assert [(one.id, one.kept) for one in shown.backups] == [("b2", True), ("b1", True)]
    assert kept.keeping.history.of(SITE.id) == (second, first)


def test_a_repository_that_lost_everything_costs_no_record(kept: Kept) -> None:
    made = [_backup(kept), _backup(kept)]
    kept.repository.forget(_there(kept))
    assert _prune(kept).removed == ()
    assert len(kept.keeping.history.of(SITE.id)) == len(made)


def test_killed_between_repository_and_record_it_is_repeated_harmlessly(kept: Kept) -> None:
    made = [_backup(kept), _backup(kept), _backup(kept)]
    kept.repository.forget([str(made[1].files_snapshot)])  # as one that then was killed
    assert _prune(kept).removed == ("b2", "b1")
    assert kept.keeping.history.of(SITE.id) == (made[2],)
    assert kept.verify().errors == ()


def test_an_append_only_repository_is_told_and_left_alone(kept: Kept) -> None:
    made = [_backup(kept), _backup(kept)]
    declared = tuple(replace(one, append_only=True) for one in kept.keeping.declared)
    done = _prune(kept, replace(kept.keeping, declared=declared))
    assert done.removed == ()
    assert done.left == ("here is append-only: old backups are removed on its server",)
    assert len(_there(kept)) == len(kept.keeping.history.of(SITE.id)) == len(made)


class _Copies:
    def __init__(self) -> None:
        self.dropped: list[SiteId] = []

    def drop(self, site: SiteId) -> bool:
        self.dropped.append(site)
        return True


def _of_client(kept: Kept, client: str) -> Fleet:
    """A backup of that client, beside the one of the site itself."""
    repository = kept.keeping.repositories.of(
        kept.keeping.declared[0], Owner(client, is_client=True)
    )
    repository.ensure()
    (kept.mirror / "a.php").write_bytes(os.urandom(20_000))
    saved = repository.save_folder(kept.mirror, site=SITE.id, tag="c1")
    backup = Backup(
        "c1", SITE.id, "here", f"clients/{client}", _AT, 1.0, (Part.CODE,),
        files_snapshot=saved.snapshot,
    )  # fmt: skip
    history = kept.keeping.history
    history.add(backup)
    history.attempted(Attempted("c1", SITE.id, _AT))
    history.drilled(Drill("c1", SITE.id, _AT, 1.0, good=True))
    return Fleet("agency", "", "", (replace(kept.desired, client=client),))


def test_a_client_is_erased_whole_and_nobody_else(kept: Kept) -> None:
    other = _backup(kept)
    fleet, copies = _of_client(kept, "bakery"), _Copies()
    restored = kept.keeping.scratch / f"{SITE.id}-c1"
    restored.mkdir(parents=True)
    done = forget_client("bakery", fleet, kept.keeping, copies, ScratchFolders())
    assert [(one.repository, one.snapshots) for one in done.repositories] == [("here", 1)]
    assert (done.backups, done.left, copies.dropped) == (1, (), [SITE.id])
    assert not restored.exists()
    assert not (kept.folder / "kept/clients/bakery").exists()
    assert [*(kept.folder / "kept/clients").iterdir()] == []
    assert kept.keeping.history.of(SITE.id) == (other,)
    assert kept.keeping.history.drills(SITE.id) == ()
    assert kept.verify().errors == ()
    again = forget_client("bakery", fleet, kept.keeping, copies, ScratchFolders())
    assert (again.repositories, again.backups) == ((), 0)
    with pytest.raises(UsageError) as caught:
        forget_client("nobody", fleet, kept.keeping, copies, ScratchFolders())
    assert caught.value.problems[0].slug == "usage.client"


def test_what_a_killed_erasing_left_goes_with_the_next(kept: Kept) -> None:
    fleet = _of_client(kept, "bakery")
    folder = kept.folder / "kept/clients/bakery"
    (folder / "config").unlink()
    folder.rename(folder.with_name("bakery.erased"))
    done = forget_client("bakery", fleet, kept.keeping, _Copies(), ScratchFolders())
    assert (len(done.repositories), done.backups) == (1, 1)
    assert [*(kept.folder / "kept/clients").iterdir()] == []


def test_a_folder_that_is_no_repository_is_not_erased(kept: Kept) -> None:
    fleet = _of_client(kept, "bakery")
    folder = kept.folder / "kept/clients/bakery"
    (folder / "config").unlink()
    with pytest.raises(Failed) as caught:
        forget_client("bakery", fleet, kept.keeping, _Copies(), ScratchFolders())
    assert caught.value.problems[0].slug == "backup.storage"
    assert (folder / "data").is_dir()
    assert [one.id for one in kept.keeping.history.of(SITE.id)] == ["c1"]
