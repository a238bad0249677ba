"""The process that runs are forked from (cli.site_run), and beside it the one that their playbooks
are forked from (ansible_server): begun when the first run is, and once more where they were lost.
They end when nobody is left who could ask them. What a run is told is left to site_processes.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from types import MappingProxyType
from typing import Any

from wpstate.adapters import fork_server
from wpstate.adapters.ansible_files import environment_of_server
from wpstate.adapters.ansible_start import begin_server

_END_LIMIT_S = 2.0


class RunServer:
    """Of one command. Safe for threads."""

    def __init__(self, withheld: Mapping[str, str] = MappingProxyType({})) -> None:
        """`withheld`: variables that no other program is started with."""
        self._withheld = withheld
        self._control: socket.socket | None = None
        self._begun: list[subprocess.Popen[bytes]] = []
        self._lock = Lock()

    def begin(
        self, words: Any, *, stdin: int, stdout: int, stderr: int, fds: tuple[int, ...]
    ) -> fork_server.Forked:
        """Of fork_server.begin. Called where signals are held back: they are from then on, until
        the run listens. Raises OSError where no process can be begun."""
        ends = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
        with self._lock:
            if self._control is not None:
                with suppress(OSError):  # else it was lost
                    return fork_server.begin(self._control, words, fds=fds, **ends)
            self._start()
            assert self._control is not None
            return fork_server.begin(self._control, words, fds=fds, **ends)

    def close(self) -> None:
        """When no run is under way."""
        with self._lock:
            if self._control is not None:
                self._control.close()
                self._control = None
            for process in self._begun:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_END_LIMIT_S)
            self._begun.clear()

    def _start(self) -> None:
        runs, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        playbooks, playbooks_theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, playbooks, playbooks_theirs:
            numbers = (theirs.fileno(), playbooks.fileno())
            self._begun += (
                subprocess.Popen(
                    (sys.executable, "-P", "-m", "wpstate.cli.site_run", *map(str, numbers)),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=os.environ | self._withheld,
                    pass_fds=numbers,
                    start_new_session=True,  # Ctrl-C of the terminal is for the command alone
                ),
                begin_server(playbooks_theirs, environment_of_server()),
            )
        self._control = runs
