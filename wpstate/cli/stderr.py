"""Writes to stderr past Python's own buffer: a thread that hangs in a stopped terminal must hold no
lock that the command's end waits for."""

import os
from io import UnsupportedOperation
from select import select
from typing import TextIO

_FULL_S = 5.0
"""For so long a terminal that takes nothing just now (O_NONBLOCK, set by others) is waited for."""


class Stderr:
    def __init__(self, stream: TextIO) -> None:
        """Raises OSError or ValueError where the stream leads to no file."""
        try:
            self._number = stream.fileno()
        except UnsupportedOperation as error:
            raise ValueError(str(error)) from None
        self._encoding = stream.encoding or "utf-8"
        self._gone = False

    def write(self, text: str) -> None:
        """Does not raise: once nobody reads any more, nothing is written."""
        left = text.encode(self._encoding, "replace")
        while left and not self._gone:
            try:
                left = left[os.write(self._number, left) :]
            except BlockingIOError:
                self._gone = not select((), (self._number,), (), _FULL_S)[1]
            except OSError:
                self._gone = True

    def size(self) -> tuple[int, int]:
        """Columns and lines of the terminal."""
        try:
            size = os.get_terminal_size(self._number)
        except OSError:
            return 80, 24
        return size.columns or 80, size.lines or 24
