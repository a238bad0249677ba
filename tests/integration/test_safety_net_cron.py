"""The crontab line that backs the watchdog, beside other people's lines.

`crontab` is a stand-in here, which keeps its lines in a file: the lab's accounts have no cron.
"""

import os
import subprocess
from pathlib import Path

import pytest

from wpstate.adapters.safety_net_program import PARTS, _joined

_STAND_IN = """#!/bin/sh
case $1 in
    -l) [ -e "$TABLE" ] || { echo "no crontab for you" >&2; exit 1; }; cat "$TABLE" ;;
    -) ulimit -S -f unlimited; cat >"$TABLE" ;;
esac
"""
# No file can hold more than 512 bytes from here on: what goes beyond is lost, as on a full disk.
_FULL_DISK = "trap '' XFSZ; ulimit -S -f 1"


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "key" / "runs" / "run-1"
    folder.mkdir(parents=True)
    (folder / "net.conf").write_text("run=run-1\n")
    (tmp_path / "bin").mkdir()
    crontab = tmp_path / "bin" / "crontab"
    crontab.write_text(_STAND_IN)
    crontab.chmod(0o755)
    return folder


def act(run_dir: Path, verb: str) -> None:
    (run_dir / "net.sh").write_text(f"{_joined(PARTS[:-1])}\n{verb}\n")
    home = run_dir.parents[2]
    environment = os.environ | {
        "PATH": f"{home}/bin:{os.environ['PATH']}",
        "TABLE": f"{home}/table",
    }
    subprocess.run(("sh", run_dir / "net.sh"), env=environment, check=True, timeout=20)


def table(run_dir: Path) -> list[str]:
    return (run_dir.parents[2] / "table").read_text().splitlines()


@pytest.mark.parametrize("others", [None, ["MAILTO=''", "5 4 * * * backup"]])
def test_the_line_comes_and_goes_and_others_stay(run_dir: Path, others: list[str] | None) -> None:
    if others:
        (run_dir.parents[2] / "table").write_text("".join(f"{line}\n" for line in others))
    act(run_dir, "set_cron")
    act(run_dir, "set_cron")
    *kept, line = table(run_dir)
    assert kept == (others or [])
    assert line == f"* * * * * sh '{run_dir}/net.sh' cron >/dev/null 2>&1 # wpstate run-1"
    act(run_dir, "unset_cron")
    assert table(run_dir) == (others or [])


def test_a_table_that_cannot_be_read_is_not_written(run_dir: Path) -> None:
    """Its lines would be lost."""
    (run_dir.parents[2] / "table").mkdir()
    act(run_dir, "set_cron")
    assert not (run_dir / "cron").exists()
    assert list((run_dir.parents[2] / "table").iterdir()) == []


@pytest.mark.parametrize("verb", ["set_cron", "unset_cron"])
def test_a_full_disk_costs_nobody_a_line(run_dir: Path, verb: str) -> None:
    others = ["MAILTO=''", "", f"5 4 * * * backup {'x' * 470}", "", ""]
    (run_dir.parents[2] / "table").write_text("".join(f"{line}\n" for line in others))
    if verb == "unset_cron":
        act(run_dir, "set_cron")
    act(run_dir, f"{_FULL_DISK}; {verb}")
    assert [line for line in table(run_dir) if "wpstate" not in line] == others


def test_whoever_gets_no_turn_leaves_the_table_alone(run_dir: Path) -> None:
    """A neighbour at it would lose the edit, or this run would undo the neighbour's."""
    turn = run_dir.parents[2] / "crontab.turn"
    turn.mkdir()
    act(run_dir, "set_cron")
    assert not (run_dir.parents[2] / "table").exists()
    turn.rmdir()
    act(run_dir, "set_cron")
    assert len(table(run_dir)) == 1


def test_a_line_goes_whose_writer_was_ended_before_it_said_so(run_dir: Path) -> None:
    act(run_dir, "set_cron")
    (run_dir / "cron").unlink()
    act(run_dir, "unset_cron")
    assert table(run_dir) == []


def test_a_line_left_behind_removes_itself(run_dir: Path) -> None:
    act(run_dir, "set_cron")
    act(run_dir, "cron")
    assert table(run_dir) == []


_SCHEDULE = "*/5 * * * * php wp-cron.php # wpstate cron key"


@pytest.mark.parametrize("before", [[], [_SCHEDULE]])
@pytest.mark.parametrize("now", [[], [_SCHEDULE], [_SCHEDULE.replace("5", "9")]])
def test_a_site_s_own_schedule_goes_back_and_others_stay(
    run_dir: Path, before: list[str], now: list[str]
) -> None:
    others = ["MAILTO=''", "5 4 * * * backup # wpstate cron other"]
    lines = run_dir.parents[2] / "table"
    (run_dir / "snapshot").mkdir()
    lines.write_text("".join(f"{line}\n" for line in [*others, *before]))
    act(run_dir, 'keep_schedule "$run_dir/snapshot"')
    lines.write_text("".join(f"{line}\n" for line in [*now, *others]))

    act(run_dir, 'put_back_schedule "$run_dir/snapshot"')

    assert sorted(table(run_dir)) == sorted([*others, *before])


def test_a_crontab_that_cannot_be_read_is_left_alone(run_dir: Path) -> None:
    (run_dir / "snapshot").mkdir()
    crontab = run_dir.parents[2] / "bin" / "crontab"
    crontab.write_text("#!/bin/sh\necho 'you may not' >&2\nexit 1\n")
    act(run_dir, 'keep_schedule "$run_dir/snapshot"')
    assert not (run_dir / "snapshot" / "schedule").exists()
    act(run_dir, 'put_back_schedule "$run_dir/snapshot"')
    (run_dir / "snapshot" / "schedule").touch()
    act(run_dir, 'put_back_schedule "$run_dir/snapshot"')
    (run_dir / "snapshot" / "schedule").write_text(f"{_SCHEDULE}\n")
    act(run_dir, '! put_back_schedule "$run_dir/snapshot"')


def test_half_a_config_that_its_writer_left_goes_with_the_run(run_dir: Path) -> None:
    config = run_dir.parents[2] / "wp-config.php"
    half = run_dir.parents[2] / ".wpstate-config-0123456789abcdef.php"
    (run_dir / "net.conf").write_text(f"run=run-1\nconfig='{config}'\n")
    for file in (config, half):
        file.touch()
    act(run_dir, "sweep_placed")
    assert config.exists()
    assert not half.exists()
