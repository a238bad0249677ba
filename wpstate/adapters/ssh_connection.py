"""One account's SSH connection: opened when first needed, its host key pinned, opened again when
it died. Running commands is left to adapters.ssh_session."""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from wpstate.adapters.known_hosts import (
    KnownHosts,
    fingerprint,
    host_name,
    trust_command,
    unreachable,
)
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.site import Account
from wpstate.ports import HostKey
from wpstate.resources.foreign_text import visible

if TYPE_CHECKING:
    from fabric import Connection
    from paramiko import Channel, PKey

# sshd allows 10 sessions on one connection by default (sshd_config(5), MaxSessions).
_SESSIONS_AT_ONCE = 8
_CONNECT_AT_MOST_S = 15.0


class AccountConnection:
    """Safe for threads: the first that needs the connection opens it, the others wait for it."""

    def __init__(self, account: Account, known_hosts: KnownHosts, key_file: Path | None) -> None:
        self.account = account
        self._known_hosts = known_hosts
        self._key_file = key_file
        self._opening = threading.Lock()
        self._sessions = threading.BoundedSemaphore(_SESSIONS_AT_ONCE)
        self._connection: Connection | None = None

    @contextmanager
    def session(self, deadline: float) -> "Iterator[Channel]":
        """A session channel, closed at the end. `deadline` is on the monotonic clock.

        A connection that died since the last command is opened again, once; nothing has been
        asked of the host by then. Raises as SshShell.run.
        """
        if not self._sessions.acquire(timeout=_left_s(deadline)):
            raise Failed([late(self.account, "waiting for a free connection")])
        try:
            channel = self._channel(deadline)
            try:
                yield channel
            finally:
                # close() sends a message, and a host that stopped reading could hold it up.
                threading.Thread(target=_close, args=(channel,), daemon=True).start()
        finally:
            self._sessions.release()

    def close(self) -> None:
        with self._opening:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _channel(self, deadline: float) -> "Channel":
        from paramiko import SSHException

        for attempt in ("on the connection we have", "on a new one"):
            connection = self._opened(deadline)
            try:
                channel: Channel = connection.transport.open_session(timeout=_left_s(deadline))
                return channel
            except (SSHException, OSError, EOFError) as error:
                if attempt == "on a new one" or connection.is_connected:
                    raise Failed([unreachable(self.account, error)]) from error
        raise AssertionError("unreachable")

    def _opened(self, deadline: float) -> "Connection":
        if not self._opening.acquire(timeout=_left_s(deadline)):
            raise Failed([late(self.account, "waiting for a free connection")])
        try:
            if self._connection is None or not self._connection.is_connected:
                self._connection = self._open(min(_left_s(deadline), _CONNECT_AT_MOST_S))
            return self._connection
        finally:
            self._opening.release()

    def _open(self, timeout_s: float) -> "Connection":
        from fabric import Config, Connection
        from paramiko import (
            AuthenticationException,
            BadHostKeyException,
            RejectPolicy,
            SSHConfig,
            SSHException,
        )

        # Paramiko logs lost connections with a trace; without a handler they end on stderr.
        logging.getLogger("paramiko").addHandler(logging.NullHandler())
        account = self.account
        pinned = self._known_hosts.pinned(account)
        if not pinned:
            raise Refused([_key_unknown(account, self._known_hosts.offered(account, timeout_s))])
        connection = Connection(
            account.address,
            user=account.user,
            port=account.port,
            # lazy and an empty SSHConfig: neither fabric.yml nor ssh_config of the user is read.
            config=Config(lazy=True, ssh_config=SSHConfig()),
            forward_agent=False,
            connect_kwargs=self._authentication()
            | {
                "timeout": timeout_s,
                "banner_timeout": timeout_s,
                "auth_timeout": timeout_s,
            },
        )
        # Fabric 3.2.3 sets AutoAddPolicy (fabric/connection.py, Connection.__init__).
        connection.client.set_missing_host_key_policy(RejectPolicy())
        for key in pinned:
            connection.client.get_host_keys().add(host_name(account), key.get_name(), key)
        try:
            connection.connect_kwargs["sock"] = self._line(timeout_s)
            connection.open()
        except BadHostKeyException as error:
            raise Refused([_key_changed(account, error.key, error.expected_key)]) from error
        except (SSHException, OSError, EOFError) as error:
            at_login = isinstance(error, AuthenticationException) or _secured(connection)
            problem = _no_entry(account, str(error)) if at_login else unreachable(account, error)
            raise Failed([problem]) from error
        finally:
            if not connection.is_connected:
                connection.client.close()
        return connection

    def _line(self, timeout_s: float) -> socket.socket:
        line = socket.create_connection((self.account.address, self.account.port), timeout_s)
        # SSH sends small messages one after another; Nagle's algorithm holds them back for
        # acknowledgements, which costs 60 ms of the first connection.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    def _authentication(self) -> dict[str, object]:
        if self._key_file is None:
            return {"allow_agent": True, "look_for_keys": True}
        if not os.access(self._key_file, os.R_OK):
            raise Failed([_no_entry(self.account, f"{self._key_file} cannot be read")])
        return {
            "key_filename": str(self._key_file),
            "allow_agent": False,
            "look_for_keys": False,
        }


def _close(channel: "Channel") -> None:
    """A channel of a connection that died has nothing left to close."""
    from paramiko import SSHException

    with suppress(OSError, EOFError, SSHException):
        channel.close()


def _secured(connection: "Connection") -> bool:
    """Whether the keys were exchanged and the line still stands: only the login can fail then."""
    from paramiko import SSHException

    transport = connection.client.get_transport()
    try:
        return transport is not None and transport.get_remote_server_key() is not None
    except SSHException:
        return False


def _left_s(deadline: float) -> float:
    return max(0.01, deadline - time.monotonic())


def _key_unknown(account: Account, offered: HostKey) -> Problem:
    return Problem(
        "host.key_unknown",
        "nobody has trusted this host's key yet",
        key=str(account),
        found=f"{offered.sort} {offered.fingerprint}",
        why="an unknown key may belong to somebody between you and the host",
        mend=f"compare the fingerprint with the hoster's, then: {trust_command(account)}",
    )


def _key_changed(account: Account, offered: "PKey", pinned: "PKey") -> Problem:
    return Problem(
        "host.key_changed",
        "the host's key is not the one that was trusted",
        key=str(account),
        found=f"{offered.get_name()} {fingerprint(offered.asbytes())}",
        why=f"trusted was {pinned.get_name()} {fingerprint(pinned.asbytes())}; somebody may stand "
        "between you and the host, or the hoster replaced it",
        mend=f"ask the hoster; if it was replaced: {trust_command(account)} --replace",
    )


def _no_entry(account: Account, reason: str) -> Problem:
    return Problem(
        "host.auth",
        "the host does not let this account in",
        key=str(account),
        found=visible(reason),
        mend="name a key that the account accepts in WPSTATE_SSH_KEY, or load it into ssh-agent",
    )


def late(account: Account, doing: str) -> Problem:
    """The problem of a deadline that passed."""
    return Problem(
        "host.timeout",
        "the host took longer than its time limit",
        key=str(account),
        found=doing,
        mend=f"see what keeps the host busy: ssh -p {account.port} "
        f"{account.user}@{account.address} uptime",
    )
