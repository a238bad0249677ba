"""Brings a site's files to this machine with rsync, over OpenSSH, read only (ports.SiteCopy).

The folder is kept for the next backup, which then fetches only what changed. What a site calls its
files is its own: no link of it is followed here, and its folder is for nobody but us.
"""

import fcntl
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wpstate.adapters.ansible_files import Connection
from wpstate.adapters.openssh import OpenSsh
from wpstate.model.backup import BackupPolicy
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Failed, Problem
from wpstate.model.site import Site, SiteId
from wpstate.model.state import Json
from wpstate.planning.backups import Root, roots
from wpstate.ports.backups import Mirrored
from wpstate.resources.foreign_text import visible

MANIFEST = "backup.json"
_VANISHED = 24
_NO_RSYNC = re.compile(r"rsync: (command )?not found|rsync: No such file")
_COUNTED = re.compile(
    r"Number of files: ([\d,]+)|"
    r"Total file size: ([\d,]+)|Total bytes received: ([\d,]+)"
)
_RSYNC = (
    "rsync", "-rlpt", "--delete", "--delete-excluded", "--chmod=Du+rwx,Fu+r", "--protect-args",
    "--no-human-readable", "--stats", "--partial-dir=.wpstate-partial", "--timeout=120",
)  # fmt: skip


class SiteCopies:
    def __init__(self, connection: Connection, folder: Path) -> None:
        """`folder`: each site has one of its own below it."""
        self._connection = connection
        self._folder = folder

    @contextmanager
    def open(self, site: Site, observed: ObservedState) -> "Iterator[RsyncCopy]":
        """Holds the site's folder here; waits for whoever has it. Raises Refused
        (`host.address`)."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (
            (self._folder / f"{site.id}.lock").open("a") as lock,
            tempfile.TemporaryDirectory(prefix="wpstate-") as private,
        ):
            # Its number is handed on: a copy that outlives us still holds the folder.
            fcntl.flock(lock, fcntl.LOCK_EX)
            ssh = OpenSsh(site, self._connection, Path(private))
            try:
                yield RsyncCopy(site, observed, ssh, self._folder / site.id, lock.fileno())
            finally:
                ssh.close()

    def drop(self, site: SiteId) -> bool:
        mirror = self._folder / site
        if not mirror.is_dir():
            return False
        with (self._folder / f"{site}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shutil.rmtree(mirror)
        return True


class RsyncCopy:
    def __init__(
        self, site: Site, observed: ObservedState, ssh: OpenSsh, folder: Path, lock: int
    ) -> None:
        self._site = site
        self._observed = observed
        self._ssh = ssh
        self._folder = folder
        self._lock = lock

    def dump_words(self, command: str) -> tuple[str, ...]:
        return self._ssh.running(command)

    def mirror(self, policy: BackupPolicy) -> Mirrored:
        assert self._observed.paths is not None
        asked = roots(self._observed.paths, policy)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._drop_others({root.name for root in asked})
        counted = [self._fetch(root) for root in asked]
        files, size, received = (sum(numbers) for numbers in zip(*counted, strict=True))
        return Mirrored(self._folder, files, size, received)

    def note(self, manifest: Json) -> None:
        """Beside the files: what a later restore must know, should this machine be gone."""
        text = json.dumps(manifest, indent=2, sort_keys=True)
        (self._folder / MANIFEST).write_text(f"{text}\n", "utf-8")

    def _drop_others(self, names: set[str]) -> None:
        for one in self._folder.iterdir():
            if one.is_dir() and one.name not in names:
                shutil.rmtree(one)

    def _fetch(self, root: Root) -> tuple[int, int, int]:
        target = self._folder / root.name
        target.mkdir(mode=0o700, exist_ok=True)
        # A folder's contents, or the one file.
        source = root.path if root.name == "config" else f"{root.path}/"
        words = [f"--exclude={pattern}" for pattern in root.exclude]
        ended = self._run((*words, "--", f"{self._ssh.address}:{source}", f"{target}/"))
        if ended.returncode == _VANISHED:
            # A site that is used writes meanwhile: once more for what moved.
            ended = self._run((*words, "--", f"{self._ssh.address}:{source}", f"{target}/"))
        if ended.returncode not in (0, _VANISHED):
            raise Failed([self._problem(ended.returncode, ended.stderr)])
        return _numbers(ended.stdout)

    def _run(self, words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            (*_RSYNC, *self._ssh.for_rsync(), *words),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
            pass_fds=(self._lock,),
            check=False,
        )

    def _problem(self, code: int, said: str) -> Problem:
        found = visible(" ".join(said.split()))[-600:] or f"exit code {code}"
        if _NO_RSYNC.search(said):
            return Problem(
                "backup.tools",
                "the host has no rsync",
                key=self._site.id,
                found=found,
                why="files are copied with it, so that only what changed comes",
                mend="ask the hoster for it, or `scope: [database]` for this site",
            )
        return Problem(
            "backup.files",
            "the site's files could not be copied whole",
            key=self._site.id,
            found=found,
            why="a backup counts only where all of it came; the next goes on where this broke",
            mend=f"see what is named, then wpstate backup run {self._site.id}",
        )


def _numbers(stats: str) -> tuple[int, int, int]:
    """Files, their bytes, and what came over the line, of rsync's --stats."""
    found = [0, 0, 0]
    for match in _COUNTED.finditer(stats):
        for place, number in enumerate(match.groups()):
            if number is not None:
                found[place] = int(number.replace(",", ""))
    return found[0], found[1], found[2]
