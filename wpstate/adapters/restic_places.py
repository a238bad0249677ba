"""How restic is told where a client's repository is, by kind of storage, and with which keys."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never
from urllib.parse import urlsplit

from wpstate.model.backup import Owner, Repository, RepositoryKind
from wpstate.ports import Secrets

_KEPT = (
    "HOME", "HTTPS_PROXY", "HTTP_PROXY", "LANG", "NO_PROXY", "PATH", "SSH_AUTH_SOCK",
    "SSL_CERT_FILE", "TMPDIR", "https_proxy", "http_proxy", "no_proxy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    address: str
    """As `--repo` takes it."""
    ssh: tuple[str, ...] = ()
    """OpenSSH's words for an SFTP server."""
    host_key: str = ""
    """A line for known_hosts."""

    def options(self, private: Path, known_hosts: tuple[Path, ...]) -> tuple[str, ...]:
        """More words for restic. `private`: a folder of this one process."""
        if not self.ssh:
            return ()
        files = known_hosts
        if self.host_key:
            files = (private / "known_hosts",)
            files[0].write_text(f"{self.host_key}\n", "utf-8")
        hosts = " ".join(f'"{file}"' for file in files)
        words = (*self.ssh, "-o", f"UserKnownHostsFile={hosts}")
        # restic reads it as a line of CSV, and then as a shell would.
        quoted = f"sftp.args={shlex.join(words)}".replace('"', '""')
        return ("-o", f'"{quoted}"')


def place(repository: Repository, owner: Owner) -> Place:
    match repository.kind:
        case RepositoryKind.LOCAL:
            return Place(f"{repository.address.rstrip('/')}/{owner.folder}")
        case RepositoryKind.SFTP:
            return _sftp(repository, owner)
        case RepositoryKind.S3:
            return Place(f"s3:{repository.address}/{owner.folder}")
        case RepositoryKind.REST:
            return Place(f"rest:{repository.address}/{owner.folder}/")
        case other:
            assert_never(other)


def _sftp(repository: Repository, owner: Owner) -> Place:
    parts = urlsplit(f"sftp://{repository.address}")
    server, port = parts.hostname or "", parts.port or 22
    words = ["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
    words += ["-o", "GlobalKnownHostsFile=/dev/null", "-o", "UpdateHostKeys=no"]
    words += ["-o", "ServerAliveInterval=30", "-o", "ServerAliveCountMax=4"]
    key_file = os.environ.get("WPSTATE_SSH_KEY")
    if key_file:
        words += ["-o", "IdentitiesOnly=yes", "-o", f"IdentityFile={key_file}"]
    named = f"[{server}]:{port}" if port != 22 else server
    return Place(
        # A second slash: the folder is absolute.
        f"sftp://{parts.username}@{server}:{port}/{parts.path}/{owner.folder}",
        tuple(words),
        f"{named} {repository.host_key}" if repository.host_key else "",
    )


def environment(repository: Repository, secrets: Secrets) -> dict[str, str]:
    """All that restic's process gets; of ours only what reaches the network. Raises Refused."""
    found = {name: os.environ[name] for name in _KEPT if name in os.environ}
    key = secrets.reveal(repository.key).reveal() if repository.key else ""
    match repository.kind:
        case RepositoryKind.S3:
            return found | {
                "AWS_ACCESS_KEY_ID": repository.user or "",
                "AWS_SECRET_ACCESS_KEY": key,
            }
        case RepositoryKind.REST if repository.user:
            return found | {"RESTIC_REST_USERNAME": repository.user, "RESTIC_REST_PASSWORD": key}
        case _:
            return found
