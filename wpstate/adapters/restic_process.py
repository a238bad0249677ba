"""One process of restic: where the program is, how it gets the password, and reading what it says,
however much that is. What is asked of it is left to adapters.restic."""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import which
from threading import Event, Timer
from typing import BinaryIO

from wpstate.adapters import restic_answers
from wpstate.model.secret import Secret

_CHUNK_BYTES = 1 << 18
_MOST_ERRORS_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


@cache
def program() -> str:
    """Beside this Python, else in the PATH. Raises Failed (`backup.restic`)."""
    beside = Path(sys.executable).with_name("restic")
    found = str(beside) if os.access(beside, os.X_OK) else which("restic")
    if found is None:
        raise restic_answers.no_restic("no restic in the PATH")
    said = subprocess.run((found, "version"), capture_output=True, text=True, check=False)
    restic_answers.require_new(said.stdout)
    return found


def ended_process(
    words: tuple[str, ...],
    password: int,
    environment: dict[str, str],
    folder: Path | None,
    take: Callable[[bytes], None] | None,
    within_s: float | None,
) -> Ended:
    kept = bytearray()
    with tempfile.TemporaryFile() as errors:
        running = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=(password,),
            env=environment,
            cwd=folder,
        )
        assert running.stdout
        gave_up = Event()

        def give_up() -> None:
            gave_up.set()
            running.terminate()

        timer = Timer(within_s or 0.0, give_up)
        if within_s is not None:
            timer.start()
        try:
            while chunk := os.read(running.stdout.fileno(), _CHUNK_BYTES):
                (take or kept.extend)(chunk)
        except BaseException:
            running.terminate()
            raise
        finally:
            code = running.wait()
            timer.cancel()
        errors.seek(0)
        err = errors.read(_MOST_ERRORS_BYTES)
    words_of_it = err.decode("utf-8", "replace")
    if gave_up.is_set():
        words_of_it = f"no usable answer within {within_s:.0f} s: see its address and its key"
    return Ended(code, kept.decode("utf-8", "replace"), words_of_it)


def readable(secret: Secret) -> int:
    """A pipe that holds it, for one reader."""
    reading, writing = os.pipe()
    os.write(writing, f"{secret.reveal()}\n".encode())
    os.close(writing)
    return reading


class Counting:
    """Digests what it takes, and writes it where a file is named."""

    def __init__(self, target: Path | None) -> None:
        self._target = target
        self._file: BinaryIO | None = None
        self.size = 0
        self.digest = hashlib.sha256()

    def __enter__(self) -> "Counting":
        if self._target is not None:
            self._file = self._target.open("xb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def taken(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.digest.update(chunk)
        if self._file is not None:
            self._file.write(chunk)
