"""Real git repositories with a fleet in them, listeners on loopback that count who connects, and a
watch over what `wpstate` starts and where it connects. For tests of proposed changes."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from wpstate.cli.main import run

FLEET = (
    "name: agency\nfreeze: {at_most: 60s}\nupdates: {window: [mon-thu 01:00-05:00 Europe/Paris]}\n"
)
CATALOG = "core: 7.1.1\nplugins: {akismet: 5.7.2, hello-dolly: 1.7.2}\n"
LOCK = (
    f"core:\n  7.1.1: {{sha256: {'7' * 64}, database: 61833}}\n"
    f"plugins:\n  akismet:\n    5.7.2: {{sha256: {'a' * 64}}}\n"
    f"  hello-dolly:\n    1.7.2: {{sha256: {'b' * 64}}}\n"
)
_PROCESS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"})


class Listener:
    """Takes connections on loopback, says nothing and counts them."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.count = 0
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.count += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@dataclass
class Seen:
    """What one command did to the world."""

    started: list[tuple[str, ...]] = field(default_factory=list)
    connected: list[object] = field(default_factory=list)


_watching: Seen | None = None


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _watching is None:
        return
    if event in _PROCESS:
        words = arguments[1] if event == "subprocess.Popen" else arguments
        _watching.started.append(tuple(map(str, words if isinstance(words, list | tuple) else [])))
    elif event == "socket.connect":
        _watching.connected.append(arguments[1])


sys.addaudithook(_watch)


@contextmanager
def watched() -> Iterator[Seen]:
    global _watching
    _watching = Seen()
    try:
        yield _watching
    finally:
        _watching = None


def git(
    folder: Path, *arguments: str, data: bytes | None = None, committed_at: str | None = None
) -> str:
    command = ("git", "-c", "user.name=A", "-c", "user.email=a@example.test", *arguments)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_COMMITTER_DATE": committed_at} if committed_at else {}
    ran = subprocess.run(
        command, cwd=folder, check=True, capture_output=True, input=data, env=environment
    )
    return ran.stdout.decode().strip()


@dataclass(frozen=True)
class Repository:
    folder: Path
    home: Path

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def read(self, path: str) -> str:
        return (self.folder / path).read_text("utf-8")

    def git(
        self, *arguments: str, data: bytes | None = None, committed_at: str | None = None
    ) -> str:
        return git(self.folder, *arguments, data=data, committed_at=committed_at)

    def commit(self, message: str = "A change") -> str:
        self.git("add", "-A", "--force")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def raw_tree(self, *entries: tuple[str, bytes, str]) -> str:
        """A tree as nobody's git would write it: mode, name and id of each entry."""
        body = b"".join(
            mode.encode() + b" " + name + b"\0" + bytes.fromhex(object_id)
            for mode, name, object_id in entries
        )
        return self.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=body)

    def commit_tree(self, tree: str) -> None:
        """Make it the proposal, with the base as its parent."""
        commit = self.git("commit-tree", tree, "-p", "main", "-m", "x")
        self.git("update-ref", "refs/heads/proposal", commit)

    def blob(self, text: str) -> str:
        return self.git("hash-object", "-w", "--stdin", data=text.encode())

    def plan(self, *words: str) -> int:
        """`wpstate plan` in this process, as the command line would run it."""
        os.environ["WPSTATE_HOME"] = str(self.home)
        return run(["plan", "--fleet", str(self.folder), *words])


def hosts(**ports: int) -> str:
    lines = "".join(
        f"    {name.replace('_', '-')}: {{ansible_host: 127.0.0.1, ansible_port: {port}, "
        f"ansible_user: {name.replace('_', '-')}, wp_path: /home/{name}/www}}\n"
        for name, port in ports.items()
    )
    return f"all:\n  hosts:\n{lines}"


def new_repository(folder: Path, home: Path, listener: Listener) -> Repository:
    """Two sites, one with a profile, on main; the branch `proposal` stands there too."""
    folder.mkdir()
    made = Repository(folder, home)
    made.git("init", "-q", "-b", "main", ".")
    url = f"http://127.0.0.1:{listener.port}"
    made.write("fleet.yml", FLEET)
    made.write("catalog.yml", CATALOG)
    made.write("catalog.lock.yml", LOCK)
    made.write("hosts.yml", hosts(shop=listener.port, press=listener.port))
    made.write("profiles/care.yml", "offer: Care\nplugins: {akismet: approved}\n")
    made.write("sites/shop.yml", f"url: {url}\nclient: baker\nprofiles: [care]\n")
    made.write("sites/press.yml", f"url: {url}\nplugins: {{hello-dolly: approved}}\n")
    made.commit("The fleet")
    made.git("checkout", "-q", "-b", "proposal")
    return made
