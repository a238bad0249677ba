"""The moments of a run at which a fault may strike, and waiting for one.

Most are lines of the journal that the host keeps, written before and after each step; the steps
that only the controller knows are told by its progress. Nothing in wpstate knows of this.
"""

import re
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_LOOK_EACH_S = 0.002
_GIVE_UP_S = 240.0


@dataclass(frozen=True, slots=True)
class Moment:
    phase: str
    edge: str
    """`before` or `after` the phase; `during` for one that begins and is only told as it begins."""
    line: str = ""
    """A pattern for the end of a line of the journal; empty for a line of progress."""
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.edge} {self.phase}"


def _step(phase: str, word: str, nth: int = 1) -> tuple[Moment, Moment]:
    return (
        Moment(phase, "before", rf" {word} begin.*", nth),
        Moment(phase, "after", rf" {word} end.*", nth),
    )


def _progress(phase: str) -> Moment:
    return Moment(phase, "during")


_RELEASE = (
    Moment("release", "before", r" done begin "),
    Moment("release", "after", r" done end "),
)

GOOD_WAY = (
    *_step("lock", "lock"),
    _progress("verify"),
    *_step("stage", "stage"),
    *_step("freeze", "freeze"),
    *_step("drain", "drain"),
    *_step("snapshot", "snapshot"),
    _progress("apply"),
    _progress("observe"),
    _progress("post-check"),
    Moment("confirm", "before", r" done begin confirm"),
    Moment("confirm", "after", r" done end confirmed"),
    *_step("thaw", "thaw"),
    *_RELEASE,
)
"""In the order of a run whose update is good."""

WAY_BACK = (
    *_step("rollback", "rollback"),
    *_step("rollback again", "rollback", 2),
    Moment("record", "before", r" done begin record"),
    Moment("record", "after", r" done end "),
    *_step("thaw", "thaw"),
    Moment("release", "before", r" done begin "),
    Moment("release", "after", r" done end ", 2),
)
"""What a run whose update is bad goes through from its rollback on."""


class Progress:
    """What a running command says, read while it runs."""

    def __init__(self, running: "subprocess.Popen[str]") -> None:
        self.running = running
        self.errors: list[str] = []
        self.output: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(stream, lines), daemon=True)
            for stream, lines in ((running.stderr, self.errors), (running.stdout, self.output))
        ]
        for reader in self._readers:
            reader.start()

    def ended(self, timeout_s: float) -> int:
        """Its exit code, once all that it said was read."""
        code = self.running.wait(timeout_s)
        for reader in self._readers:
            reader.join(5)
        return code

    @property
    def said(self) -> str:
        return "".join((*self.output, *self.errors))

    def _read(self, stream: IO[str] | None, lines: list[str]) -> None:
        assert stream
        lines.extend(stream)


def journal_lines(state: Path) -> list[str]:
    """The journal of the site's state folder; empty where there is none."""
    try:
        return (state / "journal").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def reach(there: Callable[[], bool], progress: Progress) -> bool:
    """Wait until it is so; False where the command ended without it."""
    give_up_at = time.monotonic() + _GIVE_UP_S
    while True:
        over = progress.running.poll() is not None
        if there():
            return True
        if over:
            return False
        assert time.monotonic() < give_up_at, f"it never came:\n{progress.said}"
        time.sleep(_LOOK_EACH_S)


def is_there(moment: Moment, state: Path, progress: Progress) -> bool:
    if not moment.line:
        return any(f": {moment.phase} …" in line for line in list(progress.errors))
    pattern = re.compile(rf"^\d+ \d+ \S+{moment.line}$")
    return sum(1 for line in journal_lines(state) if pattern.match(line)) >= moment.nth
