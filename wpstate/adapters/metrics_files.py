"""Metrics in a file that a collector of another account reads."""

import os
import select
import time
from pathlib import Path

from wpstate.adapters.plans import write_whole
from wpstate.model.problem import Failed, Problem

_PATIENCE_S = 5.0


def write_metrics(path: Path, text: str) -> None:
    """Replace it in one step, readable by everybody: no reader sees half of it.

    A pipe that nobody reads, or not soon, is given up. Raises Failed (`metrics.unwritable`).
    """
    try:
        if path.exists() and not path.is_file():  # a pipe, /dev/stdout
            _send(path, text.encode())
        else:
            write_whole(path, text.encode(), mode=0o644)
    except OSError as error:
        raise Failed(
            [
                Problem(
                    "metrics.unwritable",
                    "the metrics could not be written",
                    key=str(path),
                    found=error.strerror or str(error),
                    why="whoever watches them would go on seeing old ones",
                    mend="name a file in a folder that this account may write to",
                )
            ]
        ) from None


def _send(path: Path, content: bytes) -> None:
    """Raises OSError: a pipe without a reader cannot even be opened without waiting."""
    number = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    try:
        until_s = time.monotonic() + _PATIENCE_S
        while content:
            left_s = until_s - time.monotonic()
            if left_s <= 0 or not select.select([], [number], [], left_s)[1]:
                raise TimeoutError(f"nobody reads it, or not for {_PATIENCE_S:g} s")
            content = content[os.write(number, content) :]
    finally:
        os.close(number)
