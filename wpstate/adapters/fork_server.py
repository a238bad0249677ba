"""Processes forked from one that has its imports behind it: Python's own start and the libraries
are half of what a short program costs. The forked one is a process like any other, with a session
of its own, and shares nothing with those beside it. What it does is left to who serves.

Both ends are here. They speak through a socket that keeps messages apart (unix(7),
SOCK_SEQPACKET): a job comes with the ends of its pipes, its exit code goes into one of them. The
socket's end is the server's end. Imports nothing of wpstate: ansible_shim.py loads it by its path.
"""

import json
import os
import select
import signal
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

_MESSAGE_BYTES = 1 << 18
_MOST_FDS = 16
_NOT_BEGUN = 71
"""EX_OSERR of sysexits.h(3)."""
_numbers = count()


@dataclass(frozen=True, slots=True)
class Job:
    """What a forked process was given beside its standard input, output and errors."""

    words: Any
    fds: tuple[int, ...]


def serve(control: socket.socket) -> Job | None:
    """Fork a process for each job, in which this returns it; None in the server, once nobody is
    left who could ask. Not beside other threads."""
    living: dict[int, tuple[str, int]] = {}
    woken, wakes = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(wakes)
    before = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    while True:
        ready, _, _ = select.select((control.fileno(), woken), (), ())
        if woken in ready:
            with suppress(BlockingIOError):
                os.read(woken, 1 << 12)
        _tell_ended(living)
        if control.fileno() not in ready:
            continue
        data, fds, flags, _ = socket.recv_fds(
            control, _MESSAGE_BYTES, _MOST_FDS, socket.MSG_CMSG_CLOEXEC
        )
        if not data:
            return None
        if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):  # too long, or we may open no more
            _refuse(fds, "the job did not come whole")
            continue
        asked = json.loads(data)
        if "stop" in asked:
            for pid, (name, _) in living.items():
                if name == asked["stop"]:
                    os.kill(pid, asked["signal"])  # ours, and not waited for yet
            continue
        stdin, stdout, stderr, status, *more = fds
        try:
            pid = os.fork()
        except OSError as error:  # no memory, or no more processes: the others go on
            _refuse(fds, f"no process could be forked: {error.strerror}")
            continue
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, before)
            os.setsid()
            for number, fd in enumerate((stdin, stdout, stderr)):
                os.dup2(fd, number)
            foreign = [fd for _, fd in living.values()]
            for fd in {woken, wakes, stdin, stdout, stderr, status, control.detach(), *foreign}:
                os.close(fd)
            return Job(asked["words"], tuple(more))
        living[pid] = asked["begin"], status
        for fd in (stdin, stdout, stderr, *more):
            os.close(fd)


def _refuse(fds: list[int], why: str) -> None:
    with suppress(OSError, ValueError):  # nobody listens any more, or these did not come
        _, _, stderr, status, *_ = fds
        os.write(status, struct.pack("i", _NOT_BEGUN))
        os.write(stderr, f"{why}\n".encode())
    for fd in fds:
        os.close(fd)


def _tell_ended(living: dict[int, tuple[str, int]]) -> None:
    while living:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        _, fd = living.pop(pid, ("", -1))
        if fd >= 0:
            with suppress(OSError):  # nobody waits for it any more
                os.write(fd, struct.pack("i", os.waitstatus_to_exitcode(status)))
            os.close(fd)


class Forked:
    """A process that a server forked for us. For one thread, but for `send_signal`."""

    def __init__(self, control: socket.socket, name: str, status: int) -> None:
        self._control = control
        self._name = name
        self._status = status
        self._ended = False
        self.returncode: int | None = None
        """None, too, of one whose server was lost or stopped: what became of it nobody knows."""

    def send_signal(self, number: int) -> None:
        """Nothing where it has ended, or its server has."""
        with suppress(OSError):
            asked = json.dumps({"stop": self._name, "signal": number})
            self._control.sendall(asked.encode())

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Its exit code. Raises TimeoutError."""
        if not self._ended:
            if not select.select((self._status,), (), (), timeout_s)[0]:
                raise TimeoutError
            said = os.read(self._status, struct.calcsize("i"))
            os.close(self._status)
            self._ended = True
            self.returncode = struct.unpack("i", said)[0] if said else None
        return self.returncode


def begin(
    control: socket.socket,
    words: Any,
    *,
    stdin: int,
    stdout: int,
    stderr: int,
    fds: tuple[int, ...] = (),
) -> Forked:
    """Have a process forked. The given ends stay open here, too. `words` are JSON. Raises OSError
    where the server is gone. Safe for threads and processes that share the socket."""
    name = f"{os.getpid()}.{next(_numbers)}"
    ours, theirs = os.pipe2(os.O_CLOEXEC)
    try:
        message = json.dumps({"begin": name, "words": words}).encode()
        socket.send_fds(control, [message], [stdin, stdout, stderr, theirs, *fds])
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    return Forked(control, name, ours)
