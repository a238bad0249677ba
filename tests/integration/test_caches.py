"""Folders of kept pages are emptied on the host: nothing else is, whatever lies there."""

import subprocess
from pathlib import Path

import pytest

from wpstate.adapters.safety_net_program import definitions


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "www" / "wp-content"
    for name in (
        "plugins/a",
        "themes/b",
        "mu-plugins",
        "languages",
        "uploads/2026",
        "cache/pages/x",
    ):
        (folder / name).mkdir(parents=True)
        (folder / name / "index.html").write_text("kept")
    return folder


def emptied(content: Path, *words: str, plugins: str = "") -> str:
    """What the host's shell answers."""
    run = content.parent.parent / "state" / "runs" / "r"
    run.mkdir(parents=True, exist_ok=True)
    (run / "net.conf").write_text(f"plugins='{plugins}'\n")
    (run / "content").write_text(f"{content}\n")
    (run.parent.parent / "site").write_text(f"{content.parent}\n")
    ending = '\nnote_caches "$@"\nempty_caches\nsay end ok\n'
    (run / "net.sh").write_text(definitions() + ending)
    argv = ("sh", run / "net.sh", *words)
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    assert not done.stderr, done.stderr
    return done.stdout


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


def test_all_that_is_kept_goes_and_rules_for_the_web_server_stay(content: Path) -> None:
    pages = content / "cache" / "pages"
    (pages / ".htaccess").write_text("deny")
    (pages / "x" / "-rf odd\nname .php").write_text("kept")
    before = files(content)

    assert emptied(content, "folder:cache/pages", "folder:cache/none") == "end=ok\n"

    assert files(pages) == {".htaccess"}
    (away,) = (content.parent.parent / "state" / "runs" / "r" / "emptied").iterdir()
    assert files(away) == {"x/index.html", "x/-rf odd\nname .php"}
    assert before - files(content) == {
        "cache/pages/x/index.html",
        "cache/pages/x/-rf odd\nname .php",
    }


def test_links_are_deleted_and_not_followed(content: Path) -> None:
    pages = content / "cache" / "pages"
    (pages / "out").symlink_to(content / "uploads")
    (pages / "file").symlink_to(content / "uploads" / "2026" / "index.html")
    assert emptied(content, "folder:cache/pages") == "end=ok\n"
    assert files(pages) == set()
    assert "uploads/2026/index.html" in files(content)


@pytest.mark.parametrize("linked", ["cache", "cache/pages"])
def test_a_folder_reached_through_a_link_is_left_and_told(content: Path, linked: str) -> None:
    away = content.parent / "away"
    (content / linked).rename(away)
    (content / linked).symlink_to(away)
    assert "left=cache/pages\n" in emptied(content, "folder:cache/pages")
    assert files(away)


@pytest.mark.parametrize(
    "folder",
    [
        "plugins",
        "plugins/a",
        "themes/b",
        "mu-plugins",
        "languages",
        "uploads",
        "uploads/2026",
        "cache/code",
    ],
)
def test_code_and_uploads_are_never_emptied(content: Path, folder: str) -> None:
    (content / "cache" / "code").mkdir()
    (content / "cache" / "code" / "x.php").write_text("<?php")
    before = files(content)
    told = emptied(content, f"folder:{folder}", plugins=f"{content}/cache/code")
    assert f"left={folder}\n" in told
    assert files(content) == before


@pytest.mark.parametrize(
    "word",
    ["folder:../up", "folder:/etc", "folder:cache/../plugins", "folder:cache//pages", "folder:",
     "folder:a b", "function:system('id')", "action:a/b", "code:x", 'function:a"'],
)  # fmt: skip
def test_other_words_are_refused(content: Path, word: str) -> None:
    before = files(content)
    assert "error=net.usage" in emptied(content, "folder:cache/pages", word)
    assert files(content) == before


def test_what_cannot_be_deleted_is_told(content: Path) -> None:
    pages = content / "cache" / "pages"
    subprocess.run(("chattr", "+i", pages / "x"), check=True)
    try:
        assert "left=cache/pages\n" in emptied(content, "folder:cache/pages")
    finally:
        subprocess.run(("chattr", "-i", pages / "x"), check=True)
