"""Hosts: their command channels, their keys, and looking at sites through them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.site import Account, Host, SiteId
from wpstate.ports.controller import Visitor


@dataclass(frozen=True, slots=True)
class CommandResult:
    exit_code: int
    stdout: bytes
    stderr: bytes


class HostShell(Protocol):
    """One account's command channel. Commands are our own text; data goes by stdin."""

    def run(
        self, command: str, stdin: bytes = b"", *, timeout_s: float, max_bytes: int = 1 << 24
    ) -> CommandResult:
        """Run a command for a POSIX shell and wait for its end.

        Not repeated on failure. Raises Failed (`host.unreachable`, `host.timeout`,
        `host.too_much_output`) and Refused (`host.key_unknown`, `host.key_changed`).
        """


class Shells(Protocol):
    """Opens one connection per account and keeps it; safe for threads."""

    def of(self, host: Host) -> HostShell:
        """The shell for this host's account, as `run_as` where the host names one."""


@dataclass(frozen=True, slots=True)
class HostKey:
    """A host's public key, as known_hosts writes it."""

    host: str
    """`[127.0.0.1]:2222`, or the bare address on port 22."""
    sort: str
    """`ssh-ed25519`, ..."""
    blob: str
    """Base64."""
    fingerprint: str
    """`SHA256:…`, as `ssh-keygen -l` prints it."""


class HostKeys(Protocol):
    """The host keys that a person has trusted."""

    def trusted(self, account: Account) -> tuple[HostKey, ...]: ...

    def offered(self, account: Account, timeout_s: float) -> HostKey:
        """The key the host offers now; nobody authenticates. Raises Failed (`host.unreachable`)."""

    def pin(self, account: Account, key: HostKey) -> None:
        """Trust this key alone for this host. May be repeated."""


class Probe(Protocol):
    def observe(self, several: Sequence[DesiredState]) -> Mapping[SiteId, ObservedState]:
        """Look at many sites, read-only, one round trip per account. Of desired state the site and
        the questions count.

        Never raises for one site's trouble: that is a Fault in its ObservedState.
        """


class Observer(Protocol):
    def observe(
        self,
        several: Sequence[DesiredState],
        *,
        token: str | None = None,
        through: Visitor | None = None,
    ) -> Mapping[SiteId, ObservedState]:
        """What the probe reads, and what a visitor is told of that which desired state names.

        `token` opens the sites where its run holds them frozen. `through` asks in place of the
        visitor that goes by the public address. Never raises for one site's trouble.
        """
