"""A real sshd on loopback with keys and a log of its own."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from wpstate.model.site import Account, Host


class OwnSshd:
    """Lets the current user in with `user_key`."""

    def __init__(self, folder: Path, **options: object) -> None:
        """`options`: more lines of sshd_config, or others than these."""
        folder.mkdir(exist_ok=True)
        self._options = options
        self.folder = folder
        self.user_key = folder / "user"
        self.log = folder / "log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.account = Account("127.0.0.1", self.port, getpass.getuser())
        self.host = Host(self.account, "/nowhere")
        self._process: subprocess.Popen[bytes] | None = None
        make_key(self.user_key)
        self.new_host_key()

    def new_host_key(self) -> None:
        (self.folder / "host").unlink(missing_ok=True)
        make_key(self.folder / "host")

    def start(self) -> None:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        options = {
            "ListenAddress": "127.0.0.1",
            "Port": self.port,
            "HostKey": self.folder / "host",
            "PidFile": "none",
            "AuthorizedKeysFile": self.folder / "user.pub",
            "StrictModes": "no",
            "UsePAM": "no",
            "LogLevel": "VERBOSE",
        } | self._options
        config = self.folder / "config"
        config.write_text("".join(f"{key} {value}\n" for key, value in options.items()))
        sshd = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")
        assert sshd, "sshd is not installed"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([sshd, "-D", "-e", "-f", config], stderr=log)
        _until(self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(5)
            self._process = None

    def log_text(self) -> str:
        """The log once the connections so far have ended."""
        _until(lambda: "preauth" in self.log.read_text() or "Close" in self.log.read_text())
        return self.log.read_text()

    def _answers(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0


def make_key(path: Path) -> None:
    path.with_suffix(".pub").unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path]
    subprocess.run(command, check=True)


def _until(true: object, limit_s: float = 5.0) -> None:
    assert callable(true)
    end_s = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end_s, "it never came true"
        time.sleep(0.02)
