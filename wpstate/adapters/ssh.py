"""Shells on hosts over SSH: one connection per account, shared by threads.

Opening a connection is left to adapters.ssh_connection, one command's streams to
adapters.ssh_session, which keys are trusted to adapters.known_hosts.
"""

import shlex
import threading
from pathlib import Path

from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.ssh_connection import AccountConnection
from wpstate.adapters.ssh_doors import Doors
from wpstate.adapters.ssh_session import run_in
from wpstate.adapters.ssh_sftp import try_sftp
from wpstate.model.site import CONNECTIONS_PER_MINUTE, Account, Host
from wpstate.ports import CommandResult, HostKey


class SshShell:
    """The command channel of one account, or of the owner it becomes by sudo."""

    def __init__(self, connection: AccountConnection, run_as: str | None) -> None:
        self._connection = connection
        self._run_as = run_as

    def run(
        self, command: str, stdin: bytes = b"", *, timeout_s: float, max_bytes: int = 1 << 24
    ) -> CommandResult:
        """Run `command` in `sh` and wait for its end, connecting first where needed.

        `timeout_s` covers connecting, sending and the command together, however fast it talks, and
        not the wait until the host may be connected to (`connections_per_minute`). `max_bytes`
        counts both output streams. Exit code -1 means that a signal ended the command. Raises
        Failed (`host.unreachable`, `host.banned`, `host.auth`, `host.timeout`,
        `host.too_much_output`) and Refused (`host.key_unknown`, `host.key_changed`). After
        `host.timeout` the command may still be running on the host.
        """
        with self._connection.session(timeout_s) as (channel, deadline):
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

    def __init__(
        self, known_hosts: KnownHosts, key_file: Path | None = None, doors: Doors | None = None
    ) -> None:
        """With a `key_file` that key alone is offered; without one, the agent's and the user's
        default keys. `doors`: what other shells of this process know of hosts."""
        self._doors = doors or Doors()
        self._known_hosts = known_hosts
        self._key_file = key_file
        self._connections: dict[Account, AccountConnection] = {}
        self._lock = threading.Lock()

    def of(self, host: Host) -> SshShell:
        return SshShell(self._connection(host), host.run_as)

    def _connection(self, host: Host) -> AccountConnection:
        with self._lock:
            return self._kept(host.account, host.connections_per_minute)

    def _kept(self, account: Account, a_minute: int) -> AccountConnection:
        if account not in self._connections:
            jump = account.jump
            self._connections[account] = AccountConnection(
                account,
                self._known_hosts,
                self._key_file,
                self._doors,
                connections_per_minute=a_minute,
                jump=None if jump is None else self._kept(jump, CONNECTIONS_PER_MINUTE),
            )
        return self._connections[account]

    def let_another_in(self, host: Host) -> None:
        """Wait until a program that connects by itself may do so, and count it. Raises Failed
        (`host.banned`)."""
        self._connection(host).let_another_in()

    def offered(self, account: Account, timeout_s: float) -> HostKey:
        """As KnownHosts.offered, through what the way there goes through."""
        host = Host(account, "/")
        return self._known_hosts.offered(account, timeout_s, self._connection(host).line)

    def trusted(self, account: Account) -> tuple[HostKey, ...]:
        return self._known_hosts.trusted(account)

    def pin(self, account: Account, key: HostKey) -> None:
        self._known_hosts.pin(account, key)

    def send_file(self, host: Host, path: str, content: bytes, *, timeout_s: float = 20.0) -> None:
        """Write a file by sftp, as the login itself, never as `run_as`, and remove it again.

        Raises as SshShell.run, and Failed (`host.sftp`).
        """
        with self._connection(host).session(timeout_s) as (channel, _):
            try_sftp(channel, path, content, timeout_s)

    def close(self) -> None:
        with self._lock:
            connections, self._connections = tuple(self._connections.values()), {}
        for connection in connections:
            connection.close()

    def __enter__(self) -> "SshShells":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
