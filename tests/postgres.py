"""A real PostgreSQL of a test session's own, on loopback, with a password; gone at its end."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_PROGRAMS = Path("/usr/lib/postgresql/15/bin")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    # What is killed in tests is ours, never the database.
    "fsync": "off",
}


class Postgres:
    """Runs as `postgres` where we are root, who may not run it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self.password = secrets.token_hex(8)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        if os.geteuid() == 0:
            # Should this session be killed, the database goes too.
            who = ("--reuid=postgres", "--regid=postgres", "--init-groups")
            self._as_owner = ("setpriv", *who, "--pdeathsig", "INT", "--")
            shutil.chown(folder, "postgres", "postgres")
        else:
            self._as_owner = ("setpriv", "--pdeathsig", "INT", "--")
        self._running: subprocess.Popen[bytes] | None = None

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://wpstate:{self.password}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        told = self._folder / "password"
        told.write_text(self.password)
        told.chmod(0o644)
        make = (_PROGRAMS / "initdb", "--no-sync", "-A", "scram-sha-256", "-U", "wpstate")
        # A language whose order is not that of bytes, as a server may well have.
        language = ("--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en")
        more = (*language, f"--pwfile={told}", self._data)
        subprocess.run((*self._as_owner, *make, *more), check=True, capture_output=True)
        self.resume()

    def resume(self) -> None:
        """Start it as it was when it was stopped."""
        options = [word for key, text in _SETTINGS.items() for word in ("-c", f"{key}={text}")]
        argv = (*self._as_owner, _PROGRAMS / "postgres", "-D", self._data, "-p", str(self.port))
        with (self._folder / "log").open("wb") as log:
            self._running = subprocess.Popen((*argv, *options), stdout=log, stderr=log)
        give_up_at = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url()).close()
            except psycopg.OperationalError:
                assert time.monotonic() < give_up_at, (self._folder / "log").read_text()
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        if self._running is not None:
            self._running.send_signal(signal.SIGINT)
            self._running.wait(30)
            self._running = None

    def new(self) -> str:
        """The address of an empty database."""
        name = f"w{secrets.token_hex(6)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
        return self.url(name)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    # Not below pytest's own folder, which only its user may enter.
    with tempfile.TemporaryDirectory(prefix="wpstate-postgres-") as folder:
        postgres = Postgres(Path(folder))
        try:
            postgres.start()
            yield postgres
        finally:
            postgres.stop()
