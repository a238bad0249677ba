"""Where `plan --out` writes: a file as a whole, a pipe or a device as it is."""

import os
import stat
from pathlib import Path

import pytest

from tests.builders import NOW, desired, managed, observed, version
from wpstate.adapters.plans import read_plan, write_plan
from wpstate.model.problem import UsageError
from wpstate.planning.build import build

_SITE = (desired(managed("plugins.x", version("1.1"))), observed({"plugins.x": version("1.0")}))
_PLAN = build("p-1", "lab", [_SITE], revision=None, dirty=False, now=NOW)


def test_a_link_goes_on_leading_to_the_plan(tmp_path: Path) -> None:
    (tmp_path / "latest.plan").symlink_to(tmp_path / "a.plan")
    write_plan(_PLAN, tmp_path / "latest.plan")
    assert (tmp_path / "latest.plan").is_symlink()
    assert read_plan(tmp_path / "a.plan") == _PLAN
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_plan(_PLAN, pipe)
    assert os.read(reader, 64).startswith(b"{")
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_is_a_mistake_and_no_bug(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        write_plan(_PLAN, tmp_path)
    assert caught.value.problems[0].slug == "usage.out"
