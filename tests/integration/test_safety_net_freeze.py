"""The freeze by the host's own clock: how long it lasts, who renews it, when it counts as lost."""

import subprocess
import time
from pathlib import Path

import pytest

from wpstate.adapters.safety_net_program import PARTS, _joined

_MADE = {"frozen_at": "{now}", "closed_at": "{now}", "token_sha256": "a" * 64}


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """A run that froze its site this moment, with the files that it works by."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "wp-load.php").touch()
    folder = tmp_path / "key" / "runs" / "run-1"
    folder.mkdir(parents=True)
    (tmp_path / "key" / "site").write_text(f"{tmp_path}/site\n")
    (folder / "net.conf").write_text("run=run-1\n")
    (folder / "epoch").write_text("1\n")
    (folder / "maintenance.php").write_text("<?php\n")
    for name, text in _MADE.items():
        (folder / name).write_text(f"{text.format(now=int(time.time()))}\n")
    return folder


def act(run_dir: Path, words: str) -> str:
    (run_dir / "net.sh").write_text(f"{_joined(PARTS[:-1])}\n{words}\n")
    done = subprocess.run(
        ("sh", run_dir / "net.sh"), check=False, capture_output=True, text=True, timeout=20
    )
    assert not done.stderr, done.stderr
    return done.stdout


def place(run_dir: Path, age_s: int = 0) -> Path:
    frozen = run_dir.parents[2] / "site" / ".maintenance"
    at = int(time.time()) - age_s
    frozen.write_text(f'<?php\n# wpstate {{"at":{at},"token_sha256":"x","run":"run-1"}}\n')
    return frozen


def age_s(frozen: Path) -> int:
    line = frozen.read_text().splitlines()[-1]
    return int(time.time()) - int(line.partition('"at":')[2].partition(",")[0])


HELD = "if freeze_held; then echo held; else echo lost; fi"


@pytest.mark.parametrize(("written_s_ago", "said"), [(0, "held"), (590, "held"), (600, "lost")])
def test_core_lets_everybody_in_after_ten_minutes(
    run_dir: Path, written_s_ago: int, said: str
) -> None:
    place(run_dir, written_s_ago)
    assert act(run_dir, HELD) == f"{said}\n"


def test_a_freeze_once_lost_stays_lost(run_dir: Path) -> None:
    assert act(run_dir, HELD) == "lost\n"
    place(run_dir)
    assert act(run_dir, HELD) == "lost\n"


def test_a_renewal_writes_the_time_anew_and_never_after_a_thaw(run_dir: Path) -> None:
    frozen = place(run_dir, 500)
    act(run_dir, "renew_freeze")
    assert age_s(frozen) < 5
    frozen.unlink()
    (run_dir / "thawed").touch()
    act(run_dir, "renew_freeze; watch_freeze")
    assert not frozen.exists()


def test_a_site_that_cannot_be_put_back_is_not_frozen_for_a_day(run_dir: Path) -> None:
    (run_dir / "frozen_at").write_text(f"{int(time.time()) - 900}\n")
    frozen = place(run_dir)
    act(run_dir, "stop_renewing")
    assert age_s(frozen) >= 900
