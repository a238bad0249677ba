"""A run on a lab site as the faults find it: the command, the site, and what they leave to heal."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.e2e.fleet import Fleet
from tests.e2e.site import Site
from tests.faults.line import Line
from tests.faults.moments import Progress

SETTLED_WITHIN_S = 90.0
LONG_AGO_S = 11 * 60
"""Past every deadline of a freeze, and past the silence after which a run counts as abandoned."""


@dataclass
class Scene:
    site: Site
    fleet: Fleet
    random: Random
    environment: dict[str, str] = field(default_factory=dict)
    """What the command finds in its environment beside the fleet's own."""
    line: Line | None = None
    progress: Progress | None = None
    rivals: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """What a fault saw that must not be, beside what the oracle judges."""

    def begin(self) -> Progress:
        running = self.fleet.start("apply", self.site.name, "--yes", **self.environment)
        self.progress = Progress(running)
        return self.progress

    def command(self, *words: str) -> None:
        """Run a command of wpstate to its end, whatever its exit code."""
        running = self.fleet.start(*words, **self.environment)
        out, err = running.communicate(timeout=240)
        self.said.output.append(f"$ wpstate {' '.join(words)}\n{out}{err}")

    @property
    def said(self) -> Progress:
        assert self.progress is not None, "the run was not begun"
        return self.progress

    @property
    def controller(self) -> int:
        return self.said.running.pid

    @property
    def run_folders(self) -> tuple[Path, ...]:
        """The runs that the site's host knows, oldest first; run ids sort by time."""
        return tuple(sorted((self.site.state / "runs").glob("*")))

    @property
    def locked(self) -> bool:
        return (self.site.state / "lock").exists()

    def wait_until_free(self) -> bool:
        return wait_until_free(self.site.state, SETTLED_WITHIN_S)

    def ended_by_time(self) -> bool:
        """Let so much time pass that the host must act by itself; False where it does not."""
        give_up_at = time.monotonic() + SETTLED_WITHIN_S
        while time.monotonic() < give_up_at:
            # Again and again: a verb that was under way writes its own times later.
            self.let_time_pass(LONG_AGO_S)
            if wait_until_free(self.site.state, 5):
                return True
        return False

    def let_time_pass(self, seconds: int) -> None:
        let_time_pass(self.site.state, seconds)
        _shift(self.site.wp_path / ".maintenance", r'(?<="at":)(\d+)', seconds)


def wait_until_free(state: Path, limit_s: float) -> bool:
    """False where the site is still locked then."""
    give_up_at = time.monotonic() + limit_s
    while (state / "lock").exists():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.1)
    return True


def let_time_pass(state: Path, seconds: int) -> None:
    """Move what the host has written down of its clock into the past, as if that time had gone
    by. The watchdog then acts by its own rules."""
    for folder in (state / "runs").glob("*"):
        for name in ("heartbeat", "deadline", "frozen_at"):
            _shift(folder / name, r"^(\d+)$", seconds)
    _shift(state / "lock" / "info", r"(?<=since=)(\d+)", seconds)


def _shift(file: Path, pattern: str, seconds: int) -> None:
    """Owner and mode stay; a file that goes away meanwhile is no harm. One write of the same
    length: emptied first, a lock's facts would look to the watchdog as if the lock were gone."""
    try:
        with file.open("r+", encoding="utf-8") as opened:
            text = opened.read()
            moved = re.sub(pattern, lambda found: str(int(found[1]) - seconds), text)
            assert len(moved) == len(text)
            opened.seek(0)
            opened.write(moved)
    except OSError:
        pass


def family(process: int) -> tuple[int, ...]:
    """A process and all that it has started, by /proc."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(folder.name))
    found, waiting = [], [process]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return tuple(found)


def at_work(state: Path) -> Iterator[tuple[int, str]]:
    """Processes on the host that a run in this state folder has begun: id and command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (
                (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            )
        except OSError:
            continue
        if f"{state}/runs/" in words and int(folder.name) != os.getpid():
            yield int(folder.name), words.strip()
