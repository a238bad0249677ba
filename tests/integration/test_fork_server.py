"""Processes forked from a prepared one are processes like any other: each has its own session, ends
and exit code, and nothing of those beside it."""

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from wpstate.adapters import fork_server
from wpstate.adapters.fork_server import Forked

_SERVES = """
import os, resource, signal, socket, sys
from wpstate.adapters.fork_server import serve
for limit, most in [map(int, sys.argv[2:])] if sys.argv[2:] else []:
    if os.getuid() == 0:
        os.setuid(65534)  # root may always fork (setrlimit(2))
    before = resource.getrlimit(limit)
    for number, soft in (signal.SIGUSR1, most), (signal.SIGUSR2, before[0]):
        to = (soft, before[1])
        signal.signal(number, lambda *_, to=to: resource.setrlimit(limit, to))
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
    with _served() as server:
        yield server


@contextmanager
def _served(*words: str) -> Iterator[_Server]:
    """Words: a limit of setrlimit(2) and its value between SIGUSR1 and SIGUSR2."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        (sys.executable, "-c", _SERVES, str(theirs.fileno()), *words), pass_fds=(theirs.fileno(),)
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


@pytest.mark.parametrize(
    ("limit", "most", "why", "code"),
    [
        (resource.RLIMIT_NPROC, 0, "no process could be forked", 71),
        (resource.RLIMIT_NOFILE, 3, "", None),
    ],
)
def test_a_job_for_which_the_machine_has_nothing_left_costs_the_others_nothing(
    limit: int, most: int, why: str, code: int | None
) -> None:
    with _served(str(limit), str(most)) as server:
        other = server.begin("other")
        assert os.read(other.said, 1)  # it is forked
        server.process.send_signal(signal.SIGUSR1)
        refused = server.begin("refused")
        assert refused.told() == ""
        assert refused.forked.wait(20) == code
        assert why in os.read(refused.errors, 9999).decode()
        server.process.send_signal(signal.SIGUSR2)
        later = server.begin("later")
        assert "later fine" in later.told("fine")
        assert "other fine" in other.told("fine")
        assert [each.forked.wait(20) for each in (other, later)] == [7, 7]
