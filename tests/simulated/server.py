"""One process of simulated machines: real SSH servers on loopback addresses, by AsyncSSH.

    python -m tests.simulated.server < REQUEST

The request is one line of JSON (see Request in fleet). It prints one line, the port of each
address, and ends when its standard input does, or when its time is over. What its accounts answer
is made by answers; that sites really exist nobody pretends: nothing is written for them.
"""

import asyncio
import json
import os
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

import asyncssh

from tests.simulated.answers import answer
from tests.simulated.behaviour import Behaviour

_ENDLESS = b"wpstate-" * 8192


class Machine:
    """One address. Its accounts share its host key and its fate."""

    def __init__(self, told: dict[str, Any], request: dict[str, Any]) -> None:
        self._address: str = told["address"]
        self._machine = Behaviour(told["behaviour"])
        self._accounts = {user: Behaviour(b) for user, b in told["accounts"].items()}
        self._bans_after: int | None = told["bans_after"]
        self._delay_s: float = request["delay_s"]
        self._log = Path(request["log"])
        self._seen = 0
        self._held: set[object] = set()
        key = "other_key" if self._machine is Behaviour.OTHER_KEY else "host_key"
        self._options = asyncssh.SSHServerConnectionOptions(
            server_factory=lambda: _Server(self._accounts),
            server_host_keys=[request[key]],
            authorized_client_keys=request["authorized"],
            process_factory=self._command,
            encoding=None,
            allow_pty=False,
            compression_algs=None,
            keepalive_interval=0,
            login_timeout=0,
        )
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((self._address, 0))
        self._listener.setblocking(False)
        if self.listens:
            self._listener.listen(256)

    @property
    def listens(self) -> bool:
        return self._machine is not Behaviour.REFUSES

    @property
    def place(self) -> tuple[str, int]:
        return self._address, int(self._listener.getsockname()[1])

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            line, _ = await loop.sock_accept(self._listener)
            self._seen += 1
            with self._log.open("a") as log:
                log.write(f"{time.monotonic():.3f} {self._address}\n")
            task = asyncio.create_task(self._met(line, self._seen))
            self._held.add(task)
            task.add_done_callback(self._held.discard)

    async def _met(self, line: socket.socket, number: int) -> None:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        banned = self._bans_after is not None and number > self._bans_after
        if banned or self._machine is Behaviour.RESETS:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.close()
        elif self._machine is Behaviour.HANGS_AT_CONNECT:
            self._held.add(line)
        elif self._machine is Behaviour.NO_SSH:
            await _talk(line)
        else:
            try:
                await asyncssh.run_server(line, options=self._options)
            except (OSError, asyncssh.Error):
                line.close()

    async def _command(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        behaviour = self._accounts.get(process.get_extra_info("username"), Behaviour.GARBAGE)
        try:
            source = await process.stdin.read()
            if behaviour is Behaviour.HANGS_IN_COMMAND:
                await asyncio.Event().wait()
            while behaviour is Behaviour.TOO_MUCH:
                process.stdout.write(_ENDLESS)
                await process.stdout.drain()
            await asyncio.sleep(self._delay_s)
            process.stdout.write(self._answer(behaviour, source, process))
            process.exit(0)
        except (OSError, asyncssh.Error):
            process.close()

    def _answer(
        self, behaviour: Behaviour, source: bytes, process: "asyncssh.SSHServerProcess[bytes]"
    ) -> bytes:
        if behaviour is Behaviour.GARBAGE:
            return os.urandom(1 << 14)
        told = answer(source, process.get_extra_info("username")) or b"simulated\n"
        return told.replace(b'"id":"', b'"id":"X') if behaviour is Behaviour.LIES else told


class _Server(asyncssh.SSHServer):
    def __init__(self, accounts: dict[str, Behaviour]) -> None:
        self._accounts = accounts

    async def begin_auth(self, username: str) -> bool:
        if self._accounts.get(username) is Behaviour.HANGS_AT_LOGIN:
            await asyncio.Event().wait()
        return True


async def _talk(line: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    line.setblocking(False)
    try:
        while True:
            await loop.sock_sendall(line, b"HTTP/1.1 400 Bad Request\r\n" * 50)
            await asyncio.sleep(0.01)
    except OSError:
        line.close()


async def _input_ends() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(0, lambda: None if os.read(0, 1024) else ended.set())
    await ended.wait()
    loop.remove_reader(0)


async def _main() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    machines = [Machine(told, request) for told in request["machines"]]
    print(json.dumps(dict(machine.place for machine in machines)), flush=True)
    serving = [asyncio.create_task(machine.serve()) for machine in machines if machine.listens]
    ending = asyncio.create_task(_input_ends())
    done, _ = await asyncio.wait(
        {ending, *serving}, timeout=request["limit_s"], return_when=asyncio.FIRST_COMPLETED
    )
    for task in done:
        task.result()


if __name__ == "__main__":
    asyncio.run(_main())
