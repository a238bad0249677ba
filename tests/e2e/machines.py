"""Workers as if each were on a machine of its own: its own home, its own copy of the fleet's files
and its own host name, so that nobody can tell from a process that another worker's is gone."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.e2e.fleet import Fleet
from tests.faults.scene import family


@dataclass
class Machine:
    name: str
    fleet: Fleet
    url: str
    lines: list[str] = field(default_factory=list)
    told: Callable[[str], None] = lambda _: None
    """Hears of each line of progress as it is said."""
    running: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        words = ("worker", "--at-once", "1")
        named = ("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name)
        # Not everywhere may a name of its own be had. Without, a death is seen at once.
        tried = subprocess.run(("unshare", "--uts", "true"), stderr=subprocess.DEVNULL)
        prefix = named if tried.returncode == 0 else ()
        self.running = self.fleet.start(*words, before=prefix, WPSTATE_DATABASE=self.url)
        for stream in (self.running.stdout, self.running.stderr):
            threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream: "object") -> None:
        for line in stream:  # type: ignore[attr-defined]
            self.lines.append(line)
            self.told(line)

    def send(self, number: int) -> tuple[int, ...]:
        """To the worker and all that it started: the machine."""
        assert self.running
        # From the top down, so that nobody is seen to die before whoever would mourn it.
        members = tuple(family(self.running.pid))
        for process in members:
            with suppress(ProcessLookupError):
                os.kill(process, number)
        return members

    def drain(self) -> int:
        assert self.running
        self.running.send_signal(signal.SIGTERM)
        return self.running.wait(120)

    def end(self) -> None:
        if self.running is not None and self.running.poll() is None:
            self.send(signal.SIGCONT)
            self.running.terminate()
            try:
                self.running.wait(90)
            except subprocess.TimeoutExpired:
                self.send(signal.SIGKILL)


def machine(name: str, fleet: Fleet, url: str, below: Path) -> Machine:
    """With the fleet's files as they are now."""
    folder, home = below / name / "fleet", below / name / "home"
    shutil.copytree(fleet.folder, folder)
    home.mkdir()
    shutil.copytree(fleet.home, home, symlinks=True, dirs_exist_ok=True)
    return Machine(name, replace(fleet, folder=folder, home=home), url)


def runs_in_turn(state: Path) -> list[str]:
    """The runs that the host's journal tells of, in order; asserts that none came between the
    lines of another, and that the lock's epoch never went back."""
    runs: list[str] = []
    epochs: list[int] = []
    for line in (state / "journal").read_text("utf-8", "replace").splitlines():
        epoch, _, run, *_ = line.split(" ", 5)
        epochs.append(int(epoch))
        if not runs or runs[-1] != run:
            runs.append(run)
    assert len(runs) == len(set(runs)), f"two runs at once: {runs}"
    assert epochs == sorted(epochs), epochs
    return runs
