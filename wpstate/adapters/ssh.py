"""Shells on hosts over SSH: one connection per account, shared by threads.

Opening a connection is left to adapters.ssh_connection, one command's streams to
adapters.ssh_session, which keys are trusted to adapters.known_hosts.
"""

import shlex
import threading
import time
from pathlib import Path
from types import TracebackType

from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.ssh_connection import AccountConnection
from wpstate.adapters.ssh_session import run_in
from wpstate.adapters.ssh_sftp import try_sftp
from wpstate.model.site import Account, Host
from wpstate.ports import CommandResult


class SshShell:
    """The command channel of one account, or of the owner it becomes by sudo."""

    def __init__(self, connection: AccountConnection, run_as: str | None) -> None:
        self._connection = connection
        self._run_as = run_as

    def run(
        self, command: str, stdin: bytes = b"", *, timeout_s: float, max_bytes: int = 1 << 24
    ) -> CommandResult:
        """Run `command` in `sh` and wait for its end, connecting first where needed.

        `timeout_s` covers connecting, sending and the command together, however fast it talks;
        `max_bytes` counts both output streams. Exit code -1 means that a signal ended the command.
        Raises Failed (`host.unreachable`, `host.auth`, `host.timeout`, `host.too_much_output`) and
        Refused (`host.key_unknown`, `host.key_changed`). After `host.timeout` the command may
        still be running on the host.
        """
        deadline = time.monotonic() + timeout_s
        with self._connection.session(deadline) as channel:
            return run_in(
                channel, self._wrapped(command, stdin), stdin,
                account=self._connection.account, deadline=deadline, max_bytes=max_bytes,
            )  # fmt: skip

    def _wrapped(self, command: str, stdin: bytes) -> str:
        if not stdin:
            command = f"exec </dev/null\n{command}"
        # The account's login shell reads this line and may be anything; exec keeps one process.
        inner = shlex.join(("sh", "-c", command))
        if self._run_as is None:
            return f"exec {inner}"
        return f"exec sudo -n -u {shlex.quote(self._run_as)} -H -- {inner}"


class SshShells:
    """Keeps one connection per account. Close it, or use it in a `with`."""

    def __init__(self, known_hosts: KnownHosts, key_file: Path | None = None) -> None:
        """With a `key_file` that key alone is offered; without one, the agent's and the user's
        default keys."""
        self._known_hosts = known_hosts
        self._key_file = key_file
        self._connections: dict[Account, AccountConnection] = {}
        self._lock = threading.Lock()

    def of(self, host: Host) -> SshShell:
        with self._lock:
            connection = self._connections.get(host.account)
            if connection is None:
                connection = AccountConnection(host.account, self._known_hosts, self._key_file)
                self._connections[host.account] = connection
        return SshShell(connection, host.run_as)

    def send_file(self, host: Host, path: str, content: bytes, *, timeout_s: float = 20.0) -> None:
        """Write a file by sftp, as the login itself, never as `run_as`, and remove it again.

        Raises as SshShell.run, and Failed (`host.sftp`).
        """
        deadline = time.monotonic() + timeout_s
        self.of(host)
        with self._connections[host.account].session(deadline) as channel:
            try_sftp(channel, path, content, timeout_s)

    def close(self) -> None:
        with self._lock:
            connections, self._connections = tuple(self._connections.values()), {}
        for connection in connections:
            connection.close()

    def __enter__(self) -> "SshShells":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
