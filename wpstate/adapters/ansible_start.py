"""Begins an ansible_shim.py, by itself or forked from a process that has Ansible's imports behind
it (ansible_server.py). What it is given is left to ansible_files.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wpstate.adapters import fork_server
from wpstate.adapters.ansible_files import SETTINGS

_SHIM = Path(__file__).with_name("ansible_shim.py")
_SERVER = Path(__file__).with_name("ansible_server.py")


@dataclass(slots=True)
class Shim:
    """One that runs, from this side: the leash, its events, and its end."""

    leash: int
    events: int
    process: "subprocess.Popen[bytes] | fork_server.Forked"

    def end(self, limit_s: float) -> None:
        """Let go of the leash, wait until it has swept, and kill it where it does not."""
        os.close(self.leash)
        try:
            self.process.wait(limit_s)
        except (subprocess.TimeoutExpired, TimeoutError):
            self.process.send_signal(signal.SIGKILL)
            with suppress(TimeoutError):  # its server was killed too, or stopped
                self.process.wait(limit_s)
        os.close(self.events)


def begin_shim(request: Path, environment: Mapping[str, str], server: socket.socket | None) -> Shim:
    """`server`: the socket of one; where it is gone, the shim begins by itself."""
    (leash, let_go), (events, told) = (os.pipe2(os.O_CLOEXEC) for _ in range(2))
    ours = {let_go, events}
    nothing = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    try:
        process = _forked(request, environment, server, leash, told, nothing) or subprocess.Popen(
            (sys.executable, "-I", str(_SHIM), str(request)),
            stdin=leash,
            stdout=told,
            stderr=nothing,
            env=environment,
            cwd=request.parent,
            start_new_session=True,
        )
    except BaseException:
        for fd in ours:
            os.close(fd)
        raise
    finally:
        for fd in (leash, told, nothing):
            os.close(fd)
    return Shim(let_go, events, process)


def _forked(
    request: Path,
    environment: Mapping[str, str],
    server: socket.socket | None,
    leash: int,
    told: int,
    nothing: int,
) -> fork_server.Forked | None:
    if server is None:
        return None
    words = {"request": str(request), "environment": dict(environment)}
    try:
        return fork_server.begin(server, words, stdin=leash, stdout=told, stderr=nothing)
    except OSError:
        return None


def begin_server(
    control: socket.socket, environment: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """A process of its own that forks shims for whoever has the other end of `control`, and ends
    once nobody has it. `environment` is the whole of it."""
    return subprocess.Popen(
        (sys.executable, "-I", str(_SERVER), str(control.fileno()), SETTINGS),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        pass_fds=(control.fileno(),),
        start_new_session=True,
    )
