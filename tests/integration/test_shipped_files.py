"""The probe's own PHP holds a folder against hashes: what differs is found, and little is named.
What it read before it reads again only where the file has moved, or its own note of it."""

import json
import os
import subprocess
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

PROBE = Path(__file__).parents[2] / "wpstate" / "probe"
MANY = 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "www"
    for path in ("index.php", "wp-config.php", "wp-admin/a.php", "wp-includes/js/b.js"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    (root / "wp-content").mkdir()
    (root / "wp-content" / "x.php").write_text("theirs")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "c.php").write_text("wp-includes/lib/c.php")
    (root / "wp-includes" / "lib").symlink_to(tmp_path / "lib")
    return root


def asked(
    folder: Path, place: dict[str, str], cache: dict[str, Any] | None, *known: str, **said: Any
) -> dict[str, Any]:
    """Against files that hold their own path."""
    one = {
        "name": "core.version",
        "folder": str(folder),
        "algorithm": "sha256",
        "files": {path: [sha256(path.encode()).hexdigest()] for path in known},
        "below": ["wp-admin", "wp-includes"],
        "beside": True,
        "without": ["wp-config.php"],
        "code_alone": False,
        **said,
    }
    question = {"folders": [one]} | ({"cache": cache} if cache else {})
    parts = ("plugins.php", "kinds/core.php", "kinds/core_cache.php")
    program = "".join(f"require '{PROBE / part}';" for part in parts)
    program += "$asked = json_decode($argv[1], true); $place = json_decode($argv[2], true);"
    program += "echo json_encode(wpstate_kind_core($asked, $place));"
    argv = ("php", "-r", program, "--", json.dumps(question), json.dumps(place))
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def compared(folder: Path, *known: str, **said: Any) -> dict[str, Any]:
    (answer,) = asked(folder, {}, None, *known, **said)["folders"]
    assert isinstance(answer, dict)
    return answer


KNOWN = ("index.php", "wp-admin/a.php", "wp-includes/js/b.js", "wp-includes/lib/c.php")


def differences(answer: dict[str, Any]) -> set[tuple[str, str]]:
    assert answer["unknown"] is None
    return {(each["sort"], each["path"]) for each in answer["named"]}


def test_as_it_was_shipped(folder: Path) -> None:
    assert differences(compared(folder, *KNOWN)) == set()


def test_what_was_changed_added_and_taken_away(folder: Path, tmp_path: Path) -> None:
    (folder / "wp-includes" / "js" / "b.js").write_text("edited")
    (folder / "wp-admin" / "a.php").unlink()
    (folder / "dropped.php").write_text("<?php")
    (folder / "wp-includes" / "x.png").write_text("<?php")
    (folder / "wp-admin" / "elsewhere").symlink_to(tmp_path / "lib")
    assert differences(compared(folder, *KNOWN)) == {
        ("changed", "wp-includes/js/b.js"),
        ("missing", "wp-admin/a.php"),
        ("added", "dropped.php"),
        ("added", "wp-includes/x.png"),
        ("added", "wp-admin/elsewhere/"),
    }


def test_many_are_counted_and_a_few_named(folder: Path) -> None:
    for number in range(MANY):
        (folder / "wp-admin" / f"{number}.php").write_text("x")
    answer = compared(folder, *KNOWN)
    assert (answer["added"], len(answer["named"])) == (MANY, 30)


def test_a_whole_folder(folder: Path) -> None:
    asked = {"below": [""], "beside": False, "without": []}
    found = differences(compared(folder, *KNOWN, **asked))
    assert found == {("added", "wp-config.php"), ("added", "wp-content/x.php")}


def test_what_cannot_be_read_is_not_as_it_was_shipped(folder: Path) -> None:
    assert compared(folder / "nowhere", *KNOWN)["unknown"] == "unreadable"
    assert compared(folder, *KNOWN, below=["wp-gone"])["unknown"] == "unreadable"


@dataclass
class Deep:
    """Deep looks one after another at one folder, with a state folder beside it."""

    folder: Path
    state: Path
    seal: str | None = None

    def look(self, *known: str, keep: bool = False, **said: Any) -> dict[str, Any]:
        cache = {"seal": self.seal, "keep": keep}
        answer = asked(self.folder, {"state": str(self.state)}, cache, *known, **said)
        self.seal = answer["cache"]["seal"]
        return answer

    @property
    def kept(self) -> Path:
        return self.state / "deep-look"


@pytest.fixture
def deep(folder: Path, tmp_path: Path) -> Deep:
    (tmp_path / "state").mkdir()
    for each in folder.rglob("*"):
        os.utime(each, (1, 1))
    time.sleep(3)  # What changed a moment ago is not kept.
    return Deep(folder, tmp_path / "state")


def reads(answer: dict[str, Any]) -> tuple[int, int]:
    return answer["cache"]["read"], answer["cache"]["known"]


def named(answer: dict[str, Any]) -> set[tuple[str, str]]:
    (one,) = answer["folders"]
    return differences(one)


def test_what_was_read_once_is_not_read_again_until_it_moves(deep: Deep) -> None:
    assert reads(deep.look(*KNOWN)) == (4, 0)
    assert deep.kept.stat().st_mode & 0o777 == 0o600
    assert reads(deep.look(*KNOWN)) == (0, 4)

    # As long as before, with the time of before: the inode's own time tells.
    edited = deep.folder / "wp-admin" / "a.php"
    before = edited.stat()
    edited.write_text("WP-admin/a.php")
    os.utime(edited, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert edited.stat().st_size == before.st_size
    again = deep.look(*KNOWN)
    assert reads(again) == (1, 3)
    assert named(again) == {("changed", "wp-admin/a.php")}
    # It moved a moment ago, so it is read until it has come to rest.
    assert reads(deep.look(*KNOWN)) == (1, 3)


def test_hashes_that_somebody_else_wrote_are_not_believed(deep: Deep) -> None:
    deep.look(*KNOWN)
    edited = deep.folder / "wp-admin" / "a.php"
    edited.write_text("WP-admin/a.php")
    stat = edited.stat()
    was = next(line for line in deep.kept.read_text().splitlines() if str(edited) in line)
    mark = f"{stat.st_size} {int(stat.st_mtime)} {int(stat.st_ctime)} {stat.st_ino} {stat.st_dev}"
    forged = f"sha256 {mark} {sha256(b'wp-admin/a.php').hexdigest()}\t{edited}"
    deep.kept.write_text(deep.kept.read_text().replace(was, forged))
    again = deep.look(*KNOWN)
    assert reads(again) == (4, 0)
    assert named(again) == {("changed", "wp-admin/a.php")}


def test_without_a_state_folder_nothing_is_kept_and_all_is_read(deep: Deep) -> None:
    deep.state.rmdir()
    assert reads(deep.look(*KNOWN)) == (4, 0)
    assert deep.seal is None
    assert reads(deep.look(*KNOWN)) == (4, 0)
    assert not deep.state.exists()


def test_a_question_in_portions_keeps_what_the_others_brought(deep: Deep) -> None:
    deep.look(*KNOWN[:2], keep=True, below=[], beside=False)
    deep.look(*KNOWN[2:], keep=True, below=[], beside=False)
    assert reads(deep.look(*KNOWN)) == (0, 4)
    deep.look(*KNOWN[:2], below=[], beside=False)
    assert reads(deep.look(*KNOWN)) == (2, 2)


def test_no_more_is_kept_than_there_is_room_for(deep: Deep) -> None:
    deep.look(*KNOWN)
    deep.kept.write_bytes(b"x" * (9 << 20))
    deep.seal = sha256(deep.kept.read_bytes()).hexdigest()
    assert reads(deep.look(*KNOWN)) == (4, 0)
    assert deep.kept.stat().st_size < 2000


def test_of_uploads_only_php_counts(folder: Path, tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    asked = {"below": [""], "beside": False, "without": [], "code_alone": True}
    assert differences(compared(uploads, **asked)) == set()
    (uploads / "2026").mkdir(parents=True)
    for name, text in {
        "photo.jpg": "x",
        "index.php": "<?php\n// Silence is golden.\n",
        "empty.php": "",
        "2026/shell.php.jpg": "<?php system('id');",
        "2026/x.PHTML": "x" * 300,
        "silent.php": "<?php // Silence is golden. ?><?php system('id');",
    }.items():
        (uploads / name).write_text(text)
    assert differences(compared(uploads, **asked)) == {
        ("added", "2026/shell.php.jpg"),
        ("added", "2026/x.PHTML"),
        ("added", "silent.php"),
    }
