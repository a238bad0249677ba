"""A fleet folder and a controller's home of a test's own, and the `wpstate` command on them."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.site import LAB
from tests.lab_versions import FLEET
from tests.terminal import Terminal

_WPSTATE = Path(sys.executable).with_name("wpstate")
_KEY = LAB / "keys" / "controller_ed25519"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def slugs(self) -> set[str]:
        """What was told to a person: `refusal[plan.stale]`, `error[plan.used]`, `reason[…]`."""
        return set(re.findall(r"\w\[([a-z]+\.[a-z0-9_]+)\]", self.out + self.err))


@dataclass(frozen=True)
class Fleet:
    folder: Path
    home: Path

    def wpstate(self, *words: str, code: int = 0, **environment: str) -> Ran:
        """Run the command; its exit code must be `code`."""
        running = self.start(*words, **environment)
        out, err = running.communicate(timeout=200)
        ran = Ran(running.returncode, out, err)
        told = f"exit {ran.code}, not {code}: wpstate {' '.join(words)}\n{out}\n{err}"
        assert ran.code == code, told
        return ran

    def start(
        self, *words: str, before: tuple[str, ...] = (), **environment: str
    ) -> "subprocess.Popen[str]":
        """The command as it begins, in a process group of its own like a shell's job."""
        return subprocess.Popen(
            # Tests may run in a background job, which begins with signals ignored.
            ("env", "--default-signal", *before, _WPSTATE, *words),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.folder, start_new_session=True, env=self.environment() | environment,
        )  # fmt: skip

    def start_before(self, terminal: Terminal, *words: str, nohup: bool) -> "subprocess.Popen[str]":
        """The command at this terminal, whose Ctrl-C is for it; `nohup`: closing it is not."""
        ours = ("env", "--default-signal", *(("--ignore-signal=HUP",) if nohup else ()))
        end = terminal.program
        return subprocess.Popen(
            ("setsid", "--ctty", *ours, _WPSTATE, *words),
            stdin=end, stdout=end, stderr=end, text=True,
            cwd=self.folder, env=self.environment() | {"TERM": "xterm-256color"},
        )  # fmt: skip

    def answer(self, typed: str, *words: str, code: int) -> Ran:
        """Run the command before a terminal on which a person has typed this."""
        terminal, keyboard = os.openpty()
        os.write(terminal, typed.encode())
        ran = subprocess.run(
            (_WPSTATE, *words),
            stdin=keyboard, capture_output=True, text=True, timeout=200,
            cwd=self.folder, env=self.environment(),
        )  # fmt: skip
        os.close(keyboard)
        os.close(terminal)
        assert ran.returncode == code, f"exit {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def pin(self, site: str, slug: str, wanted: str) -> None:
        """Ask for another version or state of a plugin in the site's file."""
        text = self.site_file(site).read_text("utf-8")
        line = f"  {slug}: {wanted}"
        text, done = re.subn(rf"^  {slug}: .*$", line, text, flags=re.MULTILINE)
        self.site_file(site).write_text(text if done else f"{text}\n", "utf-8")
        if not done:
            self.replace(site, "plugins:\n", f"plugins:\n{line}\n")

    def keep(self, *sites: str) -> None:
        """Be a fleet of these sites alone."""
        for file in (self.folder / "sites").iterdir():
            if file.stem not in sites:
                file.unlink()
        hosts = yaml.safe_load((self.folder / "hosts.yml").read_text("utf-8"))
        hosts["all"]["hosts"] = {name: hosts["all"]["hosts"][name] for name in sites}
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(hosts), "utf-8")

    def replace(self, site: str, old: str, new: str) -> None:
        text = self.site_file(site).read_text("utf-8")
        assert old in text
        self.site_file(site).write_text(text.replace(old, new, 1), "utf-8")

    def catalog(self, more: str) -> None:
        """Write more into catalog.yml."""
        with (self.folder / "catalog.yml").open("a", encoding="utf-8") as file:
            file.write(more)

    def site_file(self, site: str) -> Path:
        return self.folder / "sites" / f"{site}.yml"

    def git(self, *words: str) -> None:
        argv = ("git", "-c", "user.name=Agency", "-c", "user.email=agency@wpstate.invalid", *words)
        subprocess.run(argv, cwd=self.folder, check=True, capture_output=True)

    def git_says(self, *words: str) -> str:
        ran = subprocess.run(("git", *words), cwd=self.folder, check=True, capture_output=True)
        return ran.stdout.decode().strip()

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def last_run(self, site: str) -> Any:
        return self.wpstate("runs", site, "--limit", "1", "--format", "json").json[0]

    def forget(self) -> None:
        """Empty the controller: only its trusted host keys and kept bytes stay."""
        for entry in self.home.iterdir():
            if entry.name not in ("known_hosts", "artifacts"):
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def environment(self) -> dict[str, str]:
        kept = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "TMPDIR", "PYTHONPATH")
            if name in os.environ
        }
        return kept | {
            "HOME": str(self.home / "person"),
            "WPSTATE_FLEET": str(self.folder),
            "WPSTATE_HOME": str(self.home),
            "WPSTATE_SSH_KEY": str(_KEY),
        }


def new_fleet(below: Path, lock: Path | None = None) -> Fleet:
    """The lab's fleet in a folder of its own, with a lock file that knows more versions."""
    fleet = Fleet(below / "fleet", below / "home")
    shutil.copytree(FLEET, fleet.folder, ignore=shutil.ignore_patterns(".git"))
    if lock:
        shutil.copy(lock, fleet.folder / "catalog.lock.yml")
    (fleet.home / "person").mkdir(parents=True)
    shutil.copy(LAB / "controller" / "known_hosts", fleet.home)
    kept = LAB / "controller" / "artifacts"
    kept.mkdir(exist_ok=True)
    (fleet.home / "artifacts").symlink_to(kept)
    return fleet


def until(running: "subprocess.Popen[str]", phase: str) -> None:
    """Read the command's progress until this phase begins."""
    assert running.stderr
    for line in running.stderr:
        if f": {phase} …" in line:
            return
    raise AssertionError(f"{phase} never began: {running.communicate()[0]}")


def interrupt(running: "subprocess.Popen[str]", *, whole_group: bool) -> None:
    """What Ctrl-C sends; a terminal sends it to the whole foreground group."""
    if whole_group:
        os.killpg(running.pid, signal.SIGINT)
    else:
        running.send_signal(signal.SIGINT)
