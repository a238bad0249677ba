"""A real terminal of a test's own (pty(7)), and what a person sees on it."""

import fcntl
import os
import struct
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pyte


class Terminal:
    """Both ends of a pty; what was written to it as a terminal shows it."""

    def __init__(self, columns: int, lines: int) -> None:
        self.person, self._end = os.openpty()
        self.program = os.fdopen(self._end, "w", encoding="utf-8")
        os.set_blocking(self.person, False)
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.resize(columns, lines)

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def shown(self) -> list[str]:
        with suppress(OSError):
            while read := os.read(self.person, 1 << 16):
                self.written += read
                self._stream.feed(read)
        return [row.rstrip() for row in self.screen.display if row.strip()]

    def until(self, wanted: Callable[[list[str]], bool], within_s: float = 30) -> list[str]:
        give_up_at = time.monotonic() + within_s
        while not wanted(shown := self.shown()):
            assert time.monotonic() < give_up_at, shown
            time.sleep(0.02)
        return shown

    def hang_up(self) -> None:
        """The person's end is gone, as where a window is closed."""
        os.close(self.person)


@contextmanager
def open_terminal(columns: int = 80, lines: int = 24) -> Iterator[Terminal]:
    terminal = Terminal(columns, lines)
    try:
        yield terminal
    finally:
        with suppress(OSError):
            terminal.program.close()
        with suppress(OSError):
            os.close(terminal.person)
