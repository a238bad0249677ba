"""OpenSSH's own client for what streams: the command lines that reach a host as adapters.ssh does,
with the same pinned keys, and one connection shared by all of a backup."""

import shlex
import subprocess
from pathlib import Path

from wpstate.adapters.ansible_files import Connection, plain_account, ssh_args
from wpstate.model.site import Host, Site

_ENDING_S = 10.0


class OpenSsh:
    """One host's client. `private`: a folder of ours alone, for the shared connection's socket."""

    def __init__(self, site: Site, connection: Connection, private: Path) -> None:
        """Raises Refused (`host.address`)."""
        account = plain_account(site)
        self._host: Host = site.host
        self._options = (
            "ssh", *ssh_args(connection, account), "-o", f"ControlPath={private}/ssh-%C",
            "-T", "-p", str(account.port), "-l", account.user,
        )  # fmt: skip

    def running(self, command: str) -> tuple[str, ...]:
        """The words that run this text in the host's `sh`, as the owner that it may name."""
        inner = shlex.join(("sh", "-c", f"exec </dev/null\n{command}"))
        return (*self._options, "--", self._host.account.address, f"exec {self._as_owner(inner)}")

    def for_rsync(self) -> tuple[str, ...]:
        """rsync's words for going through this client, and running its other end as the owner."""
        return ("-e", shlex.join(self._options), f"--rsync-path={self._as_owner('rsync')}")

    @property
    def address(self) -> str:
        address = self._host.account.address
        return f"[{address}]" if ":" in address else address

    def close(self) -> None:
        """End the shared connection, where there is one."""
        words = (*self._options, "-O", "exit", "--", self._host.account.address)
        subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_ENDING_S,
            check=False,
        )

    def _as_owner(self, command: str) -> str:
        owner = self._host.run_as
        return command if owner is None else f"sudo -n -u {shlex.quote(owner)} -H -- {command}"
