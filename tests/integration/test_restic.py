"""The real restic on a folder of this machine: what is kept is what came, a dump that breaks off is
not kept, damages are found and named, and the password is on no command line."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wpstate.adapters import dump_reader, restic_answers
from wpstate.adapters.restic import ResticRepositories, ResticRepository
from wpstate.model.backup import Owner, Repository, RepositoryKind
from wpstate.model.problem import Failed
from wpstate.model.secret import Secret, SecretReference
from wpstate.model.site import SiteId

SITE = SiteId("boutique")
PASSWORD = "correct horse battery staple"
DUMP = """-- MariaDB dump
CREATE TABLE `wp_posts` (x int);
INSERT INTO `wp_posts` VALUES (1);
CREATE TABLE `wp_options` (x int);
-- Dump completed on 2026-11-22
-- wpstate: tables \n"""
TRIGGERS = """CREATE TRIGGER t BEFORE INSERT ON wp_posts FOR EACH ROW BEGIN
CREATE TABLE `in a trigger's body` (x int);
END
-- Dump completed on 2026-11-22
-- wpstate: triggers \n"""
END = "-- wpstate: whole 2\n"
Open = Callable[..., ResticRepository]


class _Kept:
    def __init__(self, password: str) -> None:
        self._password = password

    def reveal(self, reference: SecretReference) -> Secret:
        return Secret(self._password)


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def again(password: str = PASSWORD, client: str = "boutique") -> ResticRepository:
        named = SecretReference("env", "WPSTATE_SECRET_B")
        place = Repository("here", RepositoryKind.LOCAL, str(tmp_path / "kept"), named)
        repositories = ResticRepositories(_Kept(password), tmp_path / "cache", ())
        return repositories.of(place, Owner(client, is_client=True))

    return again


def _saying(text: str, code: int = 0) -> tuple[str, ...]:
    program = f"import sys; sys.stdout.write({text!r}); sys.exit({code})"
    return (sys.executable, "-c", program)


def _slug(caught: pytest.ExceptionInfo[Failed]) -> str:
    return caught.value.problems[0].slug


def test_a_dump_and_a_folder_come_back(opened: Open, tmp_path: Path) -> None:
    repository = opened()
    repository.ensure()
    repository.ensure()
    dumped = repository.save_dump(_saying(DUMP + TRIGGERS + END), name="d.sql", site=SITE, tag="b1")
    assert (dumped.tables, dumped.bytes) == (2, len(DUMP + TRIGGERS + END))
    folder = tmp_path / "mirror"
    odd = folder / "wordpress" / "wp-content" / "odd [name]* ?.txt"
    odd.parent.mkdir(parents=True)
    odd.write_text("odd")
    (folder / "wordpress" / "link").symlink_to("/etc/passwd")
    (folder / "wordpress" / "index.php").write_text("<?php")
    saved = repository.save_folder(folder, site=SITE, tag="b1")
    listed = repository.snapshots(SITE)
    assert [one.id for one in listed] == [dumped.saved.snapshot, saved.snapshot]
    assert {one.tags for one in listed} == {("backup:b1",)}
    assert repository.snapshots(SiteId("other")) == ()

    size, digest = repository.read(dumped.saved.snapshot, "/d.sql", tmp_path / "d.sql")
    assert (size, digest) == (dumped.bytes, dumped.sha256)
    assert (tmp_path / "d.sql").read_text() == DUMP + TRIGGERS + END
    repository.restore(saved.snapshot, tmp_path / "all")
    compared = subprocess.run(("diff", "-r", "--no-dereference", folder, tmp_path / "all"))
    assert compared.returncode == 0
    repository.restore(
        saved.snapshot, tmp_path / "one", only=["/wordpress/wp-content/odd [name]* ?.txt"]
    )
    assert [path.name for path in (tmp_path / "one").rglob("*.*")] == [odd.name]


@pytest.mark.parametrize(
    ("said", "code", "found"),
    [
        (
            DUMP.partition("-- Dump")[0] + "-- wpstate: tables lost connection\n",
            0,
            "lost connection",
        ),
        (DUMP, 0, "broke off"),
        (DUMP + TRIGGERS + END, 7, "code 7"),
        (DUMP + "-- wpstate: whole 3\n", 0, "2 tables came, not 3"),
        (DUMP + END + "more\n", 0, "broke off"),
        (DUMP + TRIGGERS.partition("-- Dump")[0] + "-- wpstate: triggers gone\n" + END, 0, "gone"),
        ("error=database.unreachable\ntext=no answer\nend=error\n", 1, "no answer"),
        ("", 0, "broke off"),
        ("-- wpstate: whole 0\n", 0, "0 tables"),
    ],
)
def test_a_dump_that_breaks_off_is_known(tmp_path: Path, said: str, code: int, found: str) -> None:
    """The program that restic reads it from, by itself."""
    asked, told = tmp_path / "asked.json", tmp_path / "told.json"
    asked.write_text(json.dumps({"command": _saying(said, code), "told": str(told)}))
    program = (sys.executable, "-I", str(dump_reader.__file__), str(asked))
    ended = subprocess.run(program, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stdout == said
    assert found in json.loads(told.read_text())["problem"]


def test_a_dump_that_breaks_off_is_not_kept(opened: Open) -> None:
    repository = opened()
    repository.ensure()
    with pytest.raises(Failed) as caught:
        repository.save_dump(_saying(DUMP), name="d.sql", site=SITE, tag="b1")
    assert _slug(caught) == "backup.dump"
    assert "broke off" in str(caught.value.problems[0].found)
    assert repository.snapshots() == ()


def test_what_is_wrong_is_named(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(Failed) as missing:
        opened().snapshots()
    assert _slug(missing) == "backup.missing"
    opened().ensure()
    with pytest.raises(Failed) as wrong:
        opened("wrong horse").snapshots()
    assert _slug(wrong) == "backup.password"
    with pytest.raises(Failed) as gone:
        opened().read("0" * 64, "/d.sql")
    assert _slug(gone) == "backup.storage"
    # Clients share nothing.
    opened(client="other").ensure()
    assert {path.name for path in (tmp_path / "kept" / "clients").iterdir()} == {
        "boutique",
        "other",
    }


def test_a_flipped_byte_and_a_missing_pack_are_found(opened: Open, tmp_path: Path) -> None:
    repository = opened()
    repository.ensure()
    text = "\n".join(f"{DUMP}-- {number}" for number in range(100))
    kept = repository.save_dump(_saying(DUMP + END), name="d.sql", site=SITE, tag="b1")
    folder = tmp_path / "mirror"
    folder.mkdir()
    (folder / "a").write_text(text)
    before = _packs(tmp_path)
    later = repository.save_folder(folder, site=SITE, tag="b2")
    assert repository.check("100%").good
    new = sorted(_packs(tmp_path) - before, key=lambda path: path.stat().st_size)[-1]

    data = bytearray(new.read_bytes())
    data[10] ^= 1
    new.chmod(0o600)
    new.write_bytes(data)
    found = repository.check("100%")
    assert not found.good
    assert found.read_all
    assert any(new.name[:8] in error for error in found.errors)
    with pytest.raises(Failed):
        repository.restore(later.snapshot, tmp_path / "later")
    # What does not lie in it is as good as ever.
    assert repository.read(kept.saved.snapshot, "/d.sql")[1] == kept.sha256

    new.unlink()
    assert not repository.check().good
    assert repository.read(kept.saved.snapshot, "/d.sql")[1] == kept.sha256


def _packs(tmp_path: Path) -> set[Path]:
    return {path for path in (tmp_path / "kept").rglob("data/*/*") if path.is_file()}


def test_the_password_is_on_no_command_line_and_in_no_environment(
    opened: Open, tmp_path: Path
) -> None:
    """Of restic, and of what it starts."""
    repository = opened()
    repository.ensure()
    seen = tmp_path / "seen"
    program = (
        "import os, pathlib, sys\n"
        "text, at = b'', os.getpid()\n"
        "for _ in range(3):\n"
        "    for name in ('cmdline', 'environ'):\n"
        "        text += pathlib.Path(f'/proc/{at}/{name}').read_bytes()\n"
        "    at = int(pathlib.Path(f'/proc/{at}/stat').read_text().rpartition(')')[2].split()[1])\n"
        f"pathlib.Path({str(seen)!r}).write_bytes(text)\n"
        f"sys.stdout.write({DUMP + END!r})\n"
    )
    command = (sys.executable, "-c", program)
    repository.save_dump(command, name="d.sql", site=SITE, tag="b1")
    text = seen.read_bytes()
    assert b"restic" in text
    assert b"--password-file" in text
    assert PASSWORD.encode() not in text


def test_a_dump_whose_reader_is_killed_is_not_kept(opened: Open, tmp_path: Path) -> None:
    repository = opened()
    repository.ensure()
    program = (
        "import os, sys, time\n"
        f"sys.stdout.write({DUMP!r}); sys.stdout.flush()\n"
        "os.kill(os.getppid(), 9)\n"
    )
    with pytest.raises(Failed):
        repository.save_dump((sys.executable, "-c", program), name="d.sql", site=SITE, tag="b1")
    assert repository.snapshots() == ()
    assert repository.check("100%").good


@pytest.mark.parametrize(
    "said", ["restic 0.16.5 compiled with go1", "restic 0.14.0", "", "borg 1.4"]
)
def test_an_older_restic_is_refused(said: str) -> None:
    with pytest.raises(Failed) as caught:
        restic_answers.require_new(said)
    assert _slug(caught) == "backup.restic"


@pytest.mark.parametrize("said", ["restic 0.17.0", "restic 0.18.0 compiled with", "restic 1.0.0"])
def test_a_newer_restic_is_taken(said: str) -> None:
    restic_answers.require_new(said)


@pytest.mark.parametrize(
    ("code", "slug"),
    [
        (1, "backup.storage"),
        (2, "backup.engine"),
        (3, "backup.unread"),
        (10, "backup.missing"),
        (11, "backup.busy"),
        (12, "backup.password"),
        (130, "backup.engine"),
        (-9, "backup.engine"),
    ],
)
def test_each_exit_code_has_a_name(code: int, slug: str) -> None:
    said = '{"message_type":"exit_error","code":1,"message":"Fatal: no \\u001b[31mroom"}\n'
    problem = restic_answers.problem_of(code, said, "here/clients/boutique").problems[0]
    assert problem.slug == slug
    assert problem.found
    assert "\x1b" not in problem.found


def test_a_full_disk_is_said_plainly(opened: Open, tmp_path: Path) -> None:
    room = tmp_path / "kept"
    room.mkdir()
    mounted = subprocess.run(("mount", "-t", "tmpfs", "-o", "size=1m", "none", room))
    if mounted.returncode != 0:
        pytest.fail("a small file system could not be mounted")
    try:
        repository = opened()
        repository.ensure()
        kept = repository.save_dump(_saying(DUMP + END), name="d.sql", site=SITE, tag="b1")
        folder = tmp_path / "mirror"
        folder.mkdir()
        (folder / "big").write_bytes(os.urandom(4 << 20))
        with pytest.raises(Failed) as caught:
            repository.save_folder(folder, site=SITE, tag="b2")
        assert _slug(caught) == "backup.storage"
        assert "no space left" in str(caught.value.problems[0].found).lower()
        assert repository.read(kept.saved.snapshot, "/d.sql")[1] == kept.sha256
        assert [one.id for one in repository.snapshots()] == [kept.saved.snapshot]
    finally:
        for _ in range(5):
            if subprocess.run(("umount", room)).returncode == 0:
                break
            time.sleep(0.2)
