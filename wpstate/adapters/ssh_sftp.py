"""One file over sftp in a session that is open. wpstate itself sends all it sends over commands."""

from typing import TYPE_CHECKING

from wpstate.model.problem import Failed, Problem
from wpstate.resources.foreign_text import visible

if TYPE_CHECKING:
    from paramiko import Channel


def try_sftp(channel: "Channel", path: str, content: bytes, timeout_s: float) -> None:
    """Write, look at and remove a file. Raises Failed (`host.sftp`) where that does not work."""
    from paramiko import SFTPClient, SSHException

    try:
        channel.settimeout(timeout_s)
        channel.invoke_subsystem("sftp")
        with SFTPClient(channel) as client:
            with client.open(path, "w") as file:
                file.write(content)
            seen_bytes = client.stat(path).st_size
            client.remove(path)
    except (SSHException, OSError, EOFError) as error:
        raise Failed([_no_sftp(str(error) or type(error).__name__)]) from error
    if seen_bytes != len(content):
        raise Failed([_no_sftp(f"{seen_bytes} of {len(content)} bytes arrived")])


def _no_sftp(found: str) -> Problem:
    return Problem("host.sftp", "sftp does not work", found=visible(found, 300))
