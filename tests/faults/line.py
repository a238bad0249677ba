"""A line between controller and host that a test can cut, reset or stall.

Listens on loopback and passes bytes on to the lab's sshd. One thread a direction is enough for the
few connections of a run.
"""

import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_BLOCK = 16_384
_LOOK_EACH_S = 0.05
_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: close(2) sends RST (socket(7))."""


class Line:
    """Every connection through this port; what was passed on is counted."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._flowing = threading.Event()
        self._flowing.set()
        self._down = False
        self.passed_bytes = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End what is connected now, as a router that forgets; who connects again gets through."""
        self._end_all()

    def reset(self) -> None:
        """The same with RST in place of FIN, which also throws away what was on its way."""
        self._end_all(reset=True)

    def stall(self) -> None:
        """Nothing gets through and nobody is told."""
        self._flowing.clear()

    def down(self) -> None:
        """What is connected ends, and nobody connects again until `up`."""
        self._down = True
        self._end_all()

    def up(self) -> None:
        self._down = False
        self._flowing.set()

    def close(self) -> None:
        self._listening.close()
        self.up()
        self._end_all()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if self._down:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to_port))
                self._pairs.append((near, far))
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        # Nobody waits inside recv: a socket that is closed meanwhile would live on in there.
        with suppress(OSError, ValueError):
            while True:
                if not select.select([source], [], [], _LOOK_EACH_S)[0]:
                    continue
                if not (block := source.recv(_BLOCK)):
                    break
                self._flowing.wait()
                target.sendall(block)
                self.passed_bytes += len(block)
        for end in (source, target):
            _end(end)

    def _end_all(self, *, reset: bool = False) -> None:
        for pair in self._pairs:
            for end in pair:
                _end(end, reset=reset)
        self._pairs.clear()


def _end(end: socket.socket, *, reset: bool = False) -> None:
    with suppress(OSError):
        if reset:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        else:
            end.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        end.close()


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    line = Line(port)
    try:
        yield line
    finally:
        line.close()
