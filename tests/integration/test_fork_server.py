"""Processes forked from a prepared one are processes like any other: each has its own session, ends
and exit code, and nothing of those beside it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from wpstate.adapters import fork_server
from wpstate.adapters.fork_server import Forked

_SERVES = """
import os, socket, sys
from wpstate.adapters.fork_server import serve
job = serve(socket.socket(fileno=int(sys.argv[1])))
if job is None:
    os._exit(0)
print(os.getpid(), os.getsid(0), sorted(os.listdir("/proc/self/fd")), flush=True)
for fd in job.fds:
    os.write(fd, b"beside")
asked = sys.stdin.read()
if job.words == "fails":
    raise ValueError("no good")
print(job.words, asked, flush=True)
sys.exit(7)
"""


@dataclass
class _Child:
    forked: Forked
    job: int
    said: int
    errors: int

    def told(self, text: str = "") -> str:
        """All that it says once it was told this."""
        with suppress(BrokenPipeError):
            os.write(self.job, text.encode())
        os.close(self.job)
        with os.fdopen(self.said) as said:
            return said.read()


@dataclass
class _Server:
    control: socket.socket
    process: "subprocess.Popen[bytes]"

    def begin(self, words: Any, *fds: int) -> _Child:
        pipes = [os.pipe() for _ in range(3)]
        (stdin, job), (said, stdout), (errors, stderr) = pipes
        forked = fork_server.begin(
            self.control, words, stdin=stdin, stdout=stdout, stderr=stderr, fds=fds
        )
        for fd in (stdin, stdout, stderr):
            os.close(fd)
        return _Child(forked, job, said, errors)


@pytest.fixture
def server() -> Iterator[_Server]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        (sys.executable, "-c", _SERVES, str(theirs.fileno())), pass_fds=(theirs.fileno(),)
    )
    theirs.close()
    yield _Server(ours, process)
    ours.close()
    process.kill()
    process.wait()


def test_it_has_its_own_session_ends_and_code_and_nothing_else(server: _Server) -> None:
    beside = server.begin("beside")
    events, tells = os.pipe()
    child = server.begin({"any": ["words"]}, tells)
    os.close(tells)
    first, said = child.told("a job").splitlines()
    pid, session, fds = first.split(maxsplit=2)
    assert pid == session != str(server.process.pid)
    # Its own three, the one that it was given, and the one that lists them.
    assert len(eval(fds)) == 5
    assert said == "{'any': ['words']} a job"
    assert os.read(events, 100) == b"beside"
    assert child.forked.wait(20) == 7
    beside.told()
    assert beside.forked.wait(20) == 7


def test_one_that_fails_is_nobody_elses_trouble(server: _Server) -> None:
    other, child = server.begin("other"), server.begin("fails")
    child.told()
    assert child.forked.wait(20) == 1
    assert "ValueError: no good" in os.read(child.errors, 9999).decode()
    assert "other fine" in other.told("fine")
    assert other.forked.wait(20) == 7


def test_signals_reach_the_one_that_is_meant(server: _Server) -> None:
    other, child = server.begin("other"), server.begin("stopped")
    with pytest.raises(TimeoutError):
        child.forked.wait(0.05)
    child.forked.send_signal(signal.SIGKILL)
    assert child.forked.wait(20) == -signal.SIGKILL
    child.forked.send_signal(signal.SIGKILL)  # to nobody: it was waited for
    assert "other fine" in other.told("fine")


def test_a_server_whom_nobody_can_ask_any_more_ends(server: _Server) -> None:
    child = server.begin("left")
    server.control.close()
    assert server.process.wait(20) == 0
    # What it forked is as it was; whether that goes on is its own affair.
    assert "left fine" in child.told("fine")
    assert child.forked.wait(20) is None


def test_a_lost_server_is_noticed(server: _Server) -> None:
    child = server.begin("left")
    server.process.kill()
    server.process.wait()
    assert child.forked.wait(20) is None
    child.forked.send_signal(signal.SIGTERM)
    with pytest.raises(BrokenPipeError):
        server.begin("late")
