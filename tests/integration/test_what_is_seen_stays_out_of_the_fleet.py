"""What commands see of sites is never written where git would take it: the fleet's folder."""

import os
import subprocess
import sys
from pathlib import Path

from tests.simulated.behaviour import mixed
from tests.simulated.fleet import SimulatedFleet, simulated

_COMMANDS = (
    ("validate",),
    ("explain", "{site}"),
    ("observe",),
    ("observe", "--format", "json"),
    ("plan",),
    ("plan", "--rollout"),
    ("plan", "--base", "main", "--head", "proposal"),
    ("patch", "akismet", "--deactivate"),
    ("reconcile", "--once", "--dry-run"),
    ("reconcile", "--once"),
    ("acknowledge", "--list"),
    ("metrics",),
    ("runs",),
    ("at", "HEAD", "{site}"),
    ("facts",),
    ("doctor", "{site}"),
    ("recover", "{site}"),
)


def test_no_command_leaves_anything_in_the_fleets_folder(tmp_path: Path) -> None:
    with simulated(tmp_path, mixed(2)) as fleet:
        site = fleet.placed[0].name
        _git(fleet, "init", "-q", "-b", "main")
        _git(fleet, "add", "-A")
        _git(fleet, "commit", "-q", "-m", "simulated")
        _git(fleet, "checkout", "-q", "-b", "proposal")
        file = fleet.folder / "sites" / f"{site}.yml"
        file.write_text(file.read_text() + "options: {posts_per_page: 20}\n")
        _git(fleet, "commit", "-q", "-a", "-m", "more on a page")
        for words in _COMMANDS:
            said = _wpstate(fleet, *(word.format(site=site) for word in words))
            assert "This is a bug" not in said, f"{words}: {said}"
            left = _git(fleet, "status", "--porcelain", "--ignored")
            assert left == "", f"{words} left {left}"
        assert _git(fleet, "branch", "--format=%(refname:short)").split() == ["main", "proposal"]
    assert any(fleet.home.iterdir())


def _git(fleet: SimulatedFleet, *words: str) -> str:
    argv = ("git", "-c", "user.name=a", "-c", "user.email=a@wpstate.invalid", *words)
    return subprocess.run(
        argv, cwd=fleet.folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def _wpstate(fleet: SimulatedFleet, *words: str) -> str:
    ran = subprocess.run(
        (sys.executable, "-m", "wpstate", *words), stdin=subprocess.DEVNULL, cwd=fleet.folder,
        env=os.environ | fleet.environment(), capture_output=True, text=True,
    )  # fmt: skip
    return ran.stdout + ran.stderr
