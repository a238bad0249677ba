"""Host keys that a person has trusted, in OpenSSH's known_hosts files, and the key a host offers.

Refusing a connection over them is left to adapters.ssh, asking the person to workflows.trust.
"""

import base64
import hashlib
import os
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from wpstate.model.problem import Failed, Problem
from wpstate.model.site import Account
from wpstate.ports import HostKey
from wpstate.resources.foreign_text import visible

if TYPE_CHECKING:
    from paramiko import Channel, PKey

    Line = socket.socket | Channel


def host_name(account: Account) -> str:
    """The account's host as known_hosts writes it: `[127.0.0.1]:2222`, or the bare address on
    port 22 (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
    return account.address if account.port == 22 else f"[{account.address}]:{account.port}"


def fingerprint(blob: bytes) -> str:
    """As `ssh-keygen -l` prints it: `SHA256:` and unpadded base64."""
    digest = hashlib.sha256(blob).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


class KnownHosts:
    """known_hosts files in order of precedence: the first that knows a host alone decides."""

    def __init__(self, own: Path, others: tuple[Path, ...] = ()) -> None:
        """`own` is the file that `pin` writes; `others` are only read."""
        self._own = own
        self._files = (own, *others)

    def pinned(self, account: Account) -> "tuple[PKey, ...]":
        """The trusted keys of this host; empty when nobody trusted one.

        Hashed names count, wildcards and @cert-authority lines do not. A key that a line of any
        file marks @revoked never counts.
        """
        name = host_name(account)
        revoked = {key for file in self._files for key in _keys(file, name, revoked=True)}
        for file in self._files:
            known = _keys(file, name)
            if known:
                return tuple(key for key in known if key not in revoked)
        return ()

    def trusted(self, account: Account) -> tuple[HostKey, ...]:
        """What `pinned` returns, as values to show."""
        return tuple(_shown(account, key) for key in self.pinned(account))

    def offered(
        self, account: Account, timeout_s: float, line: "Callable[[float], Line] | None" = None
    ) -> HostKey:
        """The key the host offers now. Nothing is sent that could authenticate anybody. `line`
        makes the line to it, where that is not a plain one.

        Raises Failed (`host.unreachable`).
        """
        from paramiko import SSHException, Transport

        try:
            with closing(line(timeout_s) if line else _line(account, timeout_s)) as opened:
                transport = Transport(opened)
                transport.banner_timeout = timeout_s
                try:
                    transport.start_client(timeout=timeout_s)
                    return _shown(account, transport.get_remote_server_key())
                finally:
                    transport.close()
        except (OSError, EOFError, SSHException) as error:
            raise Failed([unreachable(account, error)]) from error

    def pin(self, account: Account, key: HostKey) -> None:
        """Trust this key alone for this host, in our own file. May be repeated.

        The file is replaced in one step; lines about other hosts stay as they are.
        """
        name = host_name(account)
        lines = self._own.read_text("utf-8").splitlines() if self._own.exists() else []
        kept = [line for line in lines if not _names(line, name)]
        self._own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._own.with_name(f"{self._own.name}.{os.getpid()}")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join([*kept, f"{name} {key.sort} {key.blob}"]) + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._own)


def trust_command(account: Account) -> str:
    """The command that would trust the host's key."""
    if account.port == 22:
        return f"wpstate trust {account.address}"
    if ":" in account.address:
        return f"wpstate trust '[{account.address}]:{account.port}'"
    return f"wpstate trust {account.address}:{account.port}"


def by_hand(account: Account) -> str:
    """The command with which a person goes the same way."""
    through = [f"{j.user}@{_bracketed(j.address)}:{j.port}" for j in account.way[:-1]]
    by_way_of = f"-J {','.join(through)} " if through else ""
    return f"ssh {by_way_of}-p {account.port} {account.user}@{account.address}"


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def unreachable(account: Account, error: BaseException) -> Problem:
    """The problem of a host that does not answer as an SSH server."""
    return Problem(
        "host.unreachable",
        "the host does not answer over SSH",
        key=str(account),
        found=visible(str(error) or type(error).__name__),
        mend=by_hand(account),
    )


def _line(account: Account, timeout_s: float) -> socket.socket:
    return socket.create_connection((account.address, account.port), timeout_s)


def _shown(account: Account, key: "PKey") -> HostKey:
    return HostKey(
        host=host_name(account),
        sort=key.get_name(),
        blob=key.get_base64(),
        fingerprint=fingerprint(key.asbytes()),
    )


def _keys(file: Path, name: str, *, revoked: bool = False) -> "list[PKey]":
    from paramiko import SSHException
    from paramiko.hostkeys import HostKeyEntry, InvalidHostKey

    try:
        lines = file.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        marker, _, rest = line.strip().partition(" ")
        if (marker == "@revoked") is not revoked or not _names(line, name):
            continue
        try:
            entry = HostKeyEntry.from_line(rest if revoked else line.strip())
        except (SSHException, InvalidHostKey):
            continue
        if entry is not None:
            found.append(entry.key)
    return found


def _names(line: str, name: str) -> bool:
    """Whether a known_hosts line is about this host, by plain or hashed name."""
    from paramiko.hostkeys import HostKeys

    fields = line.split()
    hosts = fields[1:2] if fields and fields[0] == "@revoked" else fields[:1]
    for host in hosts[0].split(",") if hosts else ():
        if host == name:
            return True
        if host.startswith("|1|") and host.count("|") == 3:
            try:
                if HostKeys.hash_host(name, host) == host:
                    return True
            except (ValueError, AssertionError):
                continue
    return False
