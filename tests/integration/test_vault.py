"""The controller's vault, and what `wpstate lock --check` says of a lock without any network."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.test_lock import FOLDER, SCHEMA, plugin_zip, store
from tests.integration.zips import zipped_only
from wpstate.adapters.vault import FolderVault
from wpstate.desired.compose import compose
from wpstate.model.desired import Fleet
from wpstate.model.identity import Identity
from wpstate.model.problem import Refused, UsageError
from wpstate.workflows.lock import LockedVersion, lock_text
from wpstate.workflows.lock_check import left_over, lock_problems

PAID = plugin_zip("paid", "3.0", "// Author: Ana\n")


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    path = tmp_path / "paid_3.0.zip"
    path.write_bytes(PAID)
    return path


def refused(vault: FolderVault, zipped: Path) -> list[str]:
    with pytest.raises(Refused) as refusal:
        vault.file_zip(zipped)
    return [problem.slug for problem in refusal.value.problems]


def test_a_zip_is_filed_under_its_own_name_and_version(tmp_path: Path, zipped: Path) -> None:
    folder = tmp_path / "vault"
    filed = FolderVault(folder).file_zip(zipped)
    place = folder / "plugins" / "paid" / "3.0.zip"
    assert (filed.kind, filed.slug, filed.facts.version, filed.is_new) == (
        "plugins",
        "paid",
        "3.0",
        True,
    )
    assert (place.read_bytes(), place.stat().st_mode & 0o777) == (PAID, 0o600)
    assert not FolderVault(folder).file_zip(zipped).is_new
    assert [path for path in folder.rglob("*") if path.is_file()] == [place]


def test_other_bytes_of_a_version_are_refused(tmp_path: Path, zipped: Path) -> None:
    vault = FolderVault(tmp_path / "vault")
    vault.file_zip(zipped)
    zipped.write_bytes(plugin_zip("paid", "3.0", "eval($_POST['x']);"))
    assert refused(vault, zipped) == ["vault.other_bytes"]
    assert (tmp_path / "vault" / "plugins" / "paid" / "3.0.zip").read_bytes() == PAID


def test_a_zip_that_breaks_a_rule_is_not_filed(tmp_path: Path, zipped: Path) -> None:
    vault = FolderVault(tmp_path / "vault")
    for content, slug in (
        (zipped_only(("paid/../x", b"")), "artifact.path"),
        (zipped_only(("paid/readme.txt", b"")), "artifact.main_file"),
        (b"no zip", "artifact.damaged"),
        (plugin_zip("paid", "latest"), "vault.unnamed"),
        (plugin_zip("-paid", "3.0"), "vault.unnamed"),
    ):
        zipped.write_bytes(content)
        assert refused(vault, zipped) == [slug]
    assert not [path for path in (tmp_path / "vault").rglob("*") if path.is_file()]
    with pytest.raises(UsageError) as caught:
        vault.file_zip(tmp_path / "nowhere.zip")
    assert "SITE:SLUG" in str(caught.value.problems[0].mend)


@pytest.mark.parametrize("repository", ["", "vault"])
def test_a_vault_in_git_is_refused(tmp_path: Path, zipped: Path, repository: str) -> None:
    (tmp_path / repository / ".git").mkdir(parents=True)
    assert refused(FolderVault(tmp_path / "vault"), zipped) == ["vault.in_git"]


def test_a_hosts_folder_is_packed_and_held_to_the_same_rules(tmp_path: Path) -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        content = b"<?php\n// Plugin Name: Paid\n// Version: 3.0\n"
        info = tarfile.TarInfo("paid/paid.php")
        info.size, info.uid, info.mtime = len(content), 1007, 1_800_000_000
        archive.addfile(info, io.BytesIO(content))
    vault = FolderVault(tmp_path / "vault")
    first = vault.file_folder(tar.getvalue(), "paid")
    assert first.is_new
    assert not vault.file_folder(tar.getvalue(), "paid").is_new
    with pytest.raises(Refused) as refusal:
        vault.file_folder(tar.getvalue(), "other")
    assert [problem.slug for problem in refusal.value.problems] == ["artifact.path"]


LOCKED = tuple(
    LockedVersion(kind, slug, version, sha256)
    for kind, slug, version, sha256 in (
        ("core", "wordpress", "9.9", "a" * 64),
        ("plugins", "shop", "1.9", "b" * 64),
        ("plugins", "shop", "1.10", "c" * 64),
        ("plugins", "paid", "3.0", "d" * 64),
    )
)


def composed(*locked: LockedVersion, **changes: str) -> Fleet:
    texts = {name: text.replace("URL", "http://127.0.0.1:9") for name, text in FOLDER.items()}
    changed = {f"{name}.yml": text for name, text in changes.items()}
    return compose(texts | changed | {"catalog.lock.yml": lock_text(locked, SCHEMA)})


def told(tmp_path: Path, fleet: Fleet) -> list[tuple[str, str | None]]:
    (tmp_path / "fleet").mkdir(exist_ok=True)
    problems = lock_problems(fleet, store(tmp_path, "http://127.0.0.1:9"))
    return [(problem.slug, problem.key) for problem in problems]


def test_a_lock_that_has_all_is_fine_without_a_network(tmp_path: Path) -> None:
    assert told(tmp_path, composed(*LOCKED)) == []
    more = composed(LOCKED[0], LockedVersion("plugins", "shop", "1.8", "e" * 64), *LOCKED[1:])
    assert (told(tmp_path, more), left_over(more)) == ([], (("plugins", "shop", "1.8"),))


def test_what_the_lock_lacks_is_named_with_the_line_that_asks(tmp_path: Path) -> None:
    fleet = composed(LOCKED[2])
    assert told(tmp_path, fleet) == [
        ("lock.lacks", "core.wordpress"),
        ("lock.lacks", "plugins.paid"),
        ("lock.lacks", "plugins.shop"),
    ]
    where = [str(p.where) for p in lock_problems(fleet, store(tmp_path, "http://127.0.0.1:9"))]
    assert where == ["catalog.yml:1:7", "catalog.yml:2:40", "sites/a.yml:3:17"]


def test_a_zip_in_the_fleet_with_other_bytes_contradicts(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / "p.zip").write_bytes(PAID)
    assert told(tmp_path, composed(*LOCKED)) == [("lock.contradicts", "plugins.paid")]


def test_a_hash_in_the_catalog_contradicts(tmp_path: Path) -> None:
    named = f"{{url: https://x.example/p.zip, sha256: {'e' * 64}}}"
    catalog = FOLDER["catalog.yml"].replace("p.zip", named)
    assert told(tmp_path, composed(*LOCKED, catalog=catalog)) == [
        ("lock.contradicts", "plugins.paid")
    ]


def test_another_author_in_the_catalog_contradicts(tmp_path: Path) -> None:
    paid = replace(LOCKED[3], identity=Identity("Somebody Else", "paid", ""))
    catalog = FOLDER["catalog.yml"].replace(
        "{approved: 3.0", "{approved: 3.0, identity: {author: Ana}"
    )
    assert told(tmp_path, composed(*LOCKED[:3], paid, catalog=catalog)) == [
        ("artifact.identity", "plugins.paid")
    ]
