"""The probe's own PHP holds a folder against hashes: what differs is found, and little is named."""

import json
import subprocess
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


def compared(folder: Path, *known: str, **said: Any) -> dict[str, Any]:
    """Against files that hold their own path."""
    one = {
        "name": "core.version",
        "folder": str(folder),
        "algorithm": "sha256",
        "files": {path: [sha256(path.encode()).hexdigest()] for path in known},
        "below": ["wp-admin", "wp-includes"],
        "beside": True,
        "without": ["wp-config.php"],
        **said,
    }
    program = "".join(f"require '{PROBE / part}';" for part in ("plugins.php", "kinds/core.php"))
    program += "echo json_encode(wpstate_kind_core(json_decode($argv[1], true), array()));"
    argv = ("php", "-r", program, "--", json.dumps({"folders": [one]}))
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    (answer,) = json.loads(done.stdout)["folders"]
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
