"""Logging in on a line that stands: the host's key must be the pinned one, and our key is offered.

Making the line, and keeping what came of it, is left to adapters.ssh_connection.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wpstate.adapters.known_hosts import (
    KnownHosts,
    fingerprint,
    host_name,
    trust_command,
    unreachable,
)
from wpstate.adapters.ssh_doors import Turn
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.site import Account
from wpstate.ports import HostKey
from wpstate.resources.foreign_text import visible

if TYPE_CHECKING:
    from fabric import Connection
    from paramiko import PKey

    from wpstate.adapters.known_hosts import Line


def log_in(
    account: Account,
    line: "Callable[[float], Line]",
    turn: Turn,
    *,
    known_hosts: KnownHosts,
    key_file: Path | None,
    timeout_s: float,
) -> "Connection":
    """The open connection. Raises as SshShell.run, and whatever `line` raises but OSError."""
    from paramiko import (
        AuthenticationException,
        BadHostKeyException,
        RejectPolicy,
        SSHException,
    )

    # Paramiko logs lost connections with a trace; without a handler they end on stderr.
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    pinned = known_hosts.pinned(account)
    if not pinned:
        raise Refused(
            [_key_unknown(account, _offered(account, line, turn, known_hosts, timeout_s))]
        )
    connection = _connection(account, key_file, timeout_s)
    # Fabric 3.2.3 sets AutoAddPolicy (fabric/connection.py, Connection.__init__).
    connection.client.set_missing_host_key_policy(RejectPolicy())
    for key in pinned:
        connection.client.get_host_keys().add(host_name(account), key.get_name(), key)
    try:
        connection.connect_kwargs["sock"] = line(timeout_s)
        connection.open()
        turn.answered()
    except BadHostKeyException as error:
        turn.answered()
        raise Refused([_key_changed(account, error.key, error.expected_key)]) from error
    except (SSHException, OSError, EOFError) as error:
        if isinstance(error, AuthenticationException) or _secured(connection):
            turn.answered()
            raise Failed([_no_entry(account, str(error))]) from error
        problem = unreachable(account, error)
        if _greeted(connection):
            turn.answered()
        else:
            problem = turn.unanswered(problem)
        raise Failed([problem]) from error
    finally:
        if not connection.is_connected:
            connection.client.close()
    return connection


def _connection(account: Account, key_file: Path | None, timeout_s: float) -> "Connection":
    from fabric import Config, Connection
    from paramiko import SSHConfig

    return Connection(
        account.address,
        user=account.user,
        port=account.port,
        # lazy and an empty SSHConfig: neither fabric.yml nor ssh_config of the user is read.
        config=Config(lazy=True, ssh_config=SSHConfig()),
        forward_agent=False,
        connect_kwargs=_authentication(account, key_file)
        | {
            "timeout": timeout_s,
            "banner_timeout": timeout_s,
            "auth_timeout": timeout_s,
        },
    )


def _authentication(account: Account, key_file: Path | None) -> dict[str, object]:
    if key_file is None:
        return {"allow_agent": True, "look_for_keys": True}
    if not os.access(key_file, os.R_OK):
        raise Failed([_no_entry(account, f"{key_file} cannot be read")])
    return {"key_filename": str(key_file), "allow_agent": False, "look_for_keys": False}


def _offered(
    account: Account,
    line: "Callable[[float], Line]",
    turn: Turn,
    known_hosts: KnownHosts,
    timeout_s: float,
) -> HostKey:
    try:
        key = known_hosts.offered(account, timeout_s, line)
    except Failed as error:
        (problem,) = error.problems
        if problem.key != str(account):  # of a machine on the way
            raise
        raise Failed([turn.unanswered(problem)]) from error
    turn.answered()
    return key


def _secured(connection: "Connection") -> bool:
    """Whether the keys were exchanged and the line still stands: only the login can fail then."""
    from paramiko import SSHException

    transport = connection.client.get_transport()
    try:
        return transport is not None and transport.get_remote_server_key() is not None
    except SSHException:
        return False


def _greeted(connection: "Connection") -> bool:
    """Whether an SSH server said its version."""
    transport = connection.client.get_transport()
    return transport is not None and bool(transport.remote_version)


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
