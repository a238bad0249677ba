"""One command in one SSH session: its input, both outputs, a deadline and a size limit.

Written on Paramiko's channel because Fabric 3.2.3 feeds `run(in_stream=…)` at about 100 bytes a
second. Opening the session is left to adapters.ssh_connection.
"""

import contextlib
import select
import threading
import time
from typing import TYPE_CHECKING

from wpstate.adapters.known_hosts import unreachable
from wpstate.adapters.ssh_connection import late
from wpstate.model.problem import Failed, Problem
from wpstate.model.site import Account
from wpstate.ports import CommandResult

if TYPE_CHECKING:
    from paramiko import Channel, Transport

_CHUNK_BYTES = 1 << 16


def run_in(
    channel: "Channel",
    command: str,
    stdin: bytes,
    *,
    account: Account,
    deadline: float,
    max_bytes: int,
) -> CommandResult:
    """Run `command` and read both its outputs to their end. Raises as SshShell.run.

    Without `stdin` the channel's input stays open: the end of input that Paramiko sends may come
    after its close, and sshd then drops the connection with everybody's commands on it.
    """
    readable = select.poll()
    readable.register(channel.fileno(), select.POLLIN)
    # A thread of its own: Paramiko waits without limit for the host to accept a command, and a
    # command that prints before it has read its input would stop us sending and reading both.
    feeding = _Feeding(channel, command, stdin)
    feeding.start()
    # Not lists of chunks: a host that sends a byte at a time would fill memory with their heads.
    outputs = (bytearray(), bytearray())
    while True:
        ended = channel.eof_received or channel.closed
        chunks = (
            channel.recv(_CHUNK_BYTES) if channel.recv_ready() else b"",
            channel.recv_stderr(_CHUNK_BYTES) if channel.recv_stderr_ready() else b"",
        )
        for output, chunk in zip(outputs, chunks, strict=True):
            output += chunk
        if sum(map(len, outputs)) > max_bytes:
            raise Failed([_too_much(account, max_bytes)])
        if ended and not any(chunks):
            break
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise Failed([late(account, "a command is still running")])
        if not any(chunks):
            # Paramiko marks a closed channel without waking the descriptor in rare orders.
            readable.poll(min(left_s, 0.5) * 1000)
    if not channel.status_event.wait(max(0.0, deadline - time.monotonic())):
        raise Failed([late(account, "a command that closed its output did not end")])
    if not channel.eof_received or channel.exit_status == -1:
        # Told by the host or cut off? Paramiko closes the channels of a lost connection first and
        # only then calls its transport inactive.
        feeding.join(max(0.0, deadline - time.monotonic()))
        if feeding.refused is not None:
            raise Failed([unreachable(account, feeding.refused)])
        if not _answers(channel.get_transport(), deadline):
            raise Failed([unreachable(account, EOFError("the connection was lost"))])
    return CommandResult(channel.exit_status, bytes(outputs[0]), bytes(outputs[1]))


def _answers(transport: "Transport", deadline: float) -> bool:
    from paramiko import ChannelException, SSHException

    try:
        transport.open_session(timeout=max(0.01, deadline - time.monotonic())).close()
    except ChannelException:
        return True  # Refused, by a host that is there.
    except (SSHException, OSError, EOFError):
        return False
    return True


class _Feeding(threading.Thread):
    """Sends the command and its input."""

    def __init__(self, channel: "Channel", command: str, stdin: bytes) -> None:
        super().__init__(daemon=True)
        self._channel, self._command, self._stdin = channel, command, stdin
        self.refused: Exception | None = None

    def run(self) -> None:
        from paramiko import SSHException

        try:
            self._channel.exec_command(self._command)
        except (SSHException, OSError, EOFError) as error:
            self.refused = error
            return
        if not self._stdin:
            return
        # A command may end without reading all its input; its exit code tells the story.
        with contextlib.suppress(OSError, EOFError, SSHException):
            self._channel.sendall(self._stdin)
            self._channel.shutdown_write()


def _too_much(account: Account, max_bytes: int) -> Problem:
    return Problem(
        "host.too_much_output",
        "the host sent more than we accept",
        key=str(account),
        found=f"more than {max_bytes} bytes",
        why="a host must not be able to fill the controller's memory",
    )
