"""One account's SSH connection: opened when first needed, directly or through another account's,
and opened again when it died. Logging in is left to adapters.ssh_login, how often a host is knocked
at to adapters.ssh_doors, running commands to adapters.ssh_session."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from wpstate.adapters.known_hosts import KnownHosts, by_hand, unreachable
from wpstate.adapters.ssh_doors import Doors, Turn
from wpstate.adapters.ssh_login import log_in
from wpstate.model.problem import Failed, Problem
from wpstate.model.site import Account

if TYPE_CHECKING:
    from fabric import Connection
    from paramiko import Channel, Transport

    from wpstate.adapters.known_hosts import Line

# sshd allows 10 sessions on one connection by default (sshd_config(5), MaxSessions).
_SESSIONS_AT_ONCE = 8
_CONNECT_AT_MOST_S = 15.0
_PAUSE_S = 1.0


class AccountConnection:
    """Safe for threads: the first that needs the connection opens it, the others wait for it."""

    def __init__(
        self,
        account: Account,
        known_hosts: KnownHosts,
        key_file: Path | None,
        doors: Doors,
        *,
        connections_per_minute: int,
        jump: "AccountConnection | None" = None,
    ) -> None:
        """`jump`: the connection that the way to this host goes through."""
        self.account = account
        self._known_hosts = known_hosts
        self._key_file = key_file
        self._doors = doors
        self._connections_per_minute = connections_per_minute
        self._jump = jump
        self._opening = threading.Lock()
        self._sessions = threading.BoundedSemaphore(_SESSIONS_AT_ONCE)
        self._connection: Connection | None = None

    @contextmanager
    def session(self, timeout_s: float) -> "Iterator[tuple[Channel, float]]":
        """A session channel, closed at the end, and the deadline by the monotonic clock:
        `timeout_s` after the host was knocked at, or after this call where it is open.

        A connection that died since the last command is opened again, once; nothing has been
        asked of the host by then. Raises as SshShell.run.
        """
        deadline = self._arrived(timeout_s)
        if not self._sessions.acquire(timeout=_left_s(deadline)):
            raise Failed([late(self.account, "waiting for a free connection")])
        try:
            channel = self._channel(
                lambda transport: transport.open_session(timeout=_left_s(deadline)), deadline
            )
            try:
                yield channel, deadline
            finally:
                # close() sends a message, and a host that stopped reading could hold it up.
                threading.Thread(target=_close, args=(channel,), daemon=True).start()
        finally:
            self._sessions.release()

    def line_to(self, account: Account, timeout_s: float) -> "Line":
        """A line from this account's machine to another's sshd (sshd_config(5),
        AllowTcpForwarding). Raises OSError where it reaches nobody, and as SshShell.run."""
        from paramiko import ChannelException

        deadline = self._arrived(timeout_s)
        there, here = (account.address, account.port), ("127.0.0.1", 0)
        try:
            return self._channel(
                lambda transport: transport.open_channel(
                    "direct-tcpip", there, here, timeout=_left_s(deadline)
                ),
                deadline,
            )
        except Failed as error:
            if isinstance(error.__cause__, ChannelException):
                raise OSError(f"{self.account} cannot reach it: {error.__cause__.text}") from error
            raise

    def close(self) -> None:
        with self._opening:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def line(self, timeout_s: float) -> "Line":
        """To this account's sshd. Raises OSError, and as `line_to`."""
        if self._jump is not None:
            return self._jump.line_to(self.account, timeout_s)
        line = socket.create_connection((self.account.address, self.account.port), timeout_s)
        # SSH sends small messages one after another; Nagle's algorithm holds them back for
        # acknowledgements, which costs 60 ms of the first connection.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    def _channel(self, open_one: "Callable[[Transport], Channel]", deadline: float) -> "Channel":
        from paramiko import SSHException

        for attempt in ("on the connection we have", "on a new one"):
            connection = self._opened(deadline)
            try:
                return open_one(connection.transport)
            except (SSHException, OSError, EOFError) as error:
                if attempt == "on a new one" or not _has_died(connection, error):
                    raise Failed([unreachable(self.account, error)]) from error
        raise AssertionError("unreachable")

    def _arrived(self, timeout_s: float) -> float:
        """Open the connection where there is none. Waiting for the host's door, or for another
        thread that opens it, is nobody's delay but ours: the deadline begins after it."""
        with self._opening:
            if self._connection is None:
                return self._knock(lambda: time.monotonic() + timeout_s)
        return time.monotonic() + timeout_s

    def _opened(self, deadline: float) -> "Connection":
        if not self._opening.acquire(timeout=_left_s(deadline)):
            raise Failed([late(self.account, "waiting for a free connection")])
        try:
            if self._connection is None or not self._connection.is_connected:
                # Where there was one, it was lost: a run may be in its frozen minutes.
                self._knock(lambda: deadline, again=self._connection is not None)
            assert self._connection is not None
            return self._connection
        finally:
            self._opening.release()

    def _knock(self, deadline_now: Callable[[], float], *, again: bool = False) -> float:
        """Open it, in a second attempt where a host that answered before did not answer once."""
        while True:
            a_minute = self._connections_per_minute
            with self._doors.turn(self.account, a_minute, again=again) as turn:
                deadline = deadline_now()
                try:
                    self._connection = self._open(min(_left_s(deadline), _CONNECT_AT_MOST_S), turn)
                    return deadline
                except Failed:
                    if not turn.once_more or _left_s(deadline) < _PAUSE_S:
                        raise
            time.sleep(_PAUSE_S)

    def let_another_in(self) -> None:
        """Wait until a program that connects by itself may do so, and count it."""
        if self._jump is not None:
            self._jump.let_another_in()
        with self._doors.turn(self.account, self._connections_per_minute):
            pass

    def _open(self, timeout_s: float, turn: Turn) -> "Connection":
        return log_in(
            self.account,
            self.line,
            turn,
            known_hosts=self._known_hosts,
            key_file=self._key_file,
            timeout_s=timeout_s,
        )


def _close(channel: "Channel") -> None:
    """A channel of a connection that died has nothing left to close."""
    from paramiko import SSHException

    with suppress(OSError, EOFError, SSHException):
        channel.close()


def _has_died(connection: "Connection", error: Exception) -> bool:
    """A lost connection closes its channels first, and is marked as lost a moment later."""
    from paramiko import ChannelException

    if connection.is_connected and not isinstance(error, ChannelException):  # else it answered
        connection.transport.join(_PAUSE_S)
    return not connection.is_connected


def _left_s(deadline: float) -> float:
    return max(0.01, deadline - time.monotonic())


def late(account: Account, doing: str) -> Problem:
    """The problem of a deadline that passed."""
    return Problem(
        "host.timeout",
        "the host took longer than its time limit",
        key=str(account),
        found=doing,
        mend=f"see what keeps the host busy: {by_hand(account)} uptime",
    )
