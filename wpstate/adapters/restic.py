"""Backups' repositories with restic (ports.Repositories): one process for each question.

What it answers is read in adapters.restic_answers. The password goes by a pipe of which its name
alone is on the command line; keys of stores are in the environment of that one process.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from wpstate.adapters import dump_reader, restic_answers
from wpstate.adapters.repository_folders import erased_folder
from wpstate.adapters.restic_answers import LOCKED, NO_REPOSITORY, UNREAD, problem_of
from wpstate.adapters.restic_places import environment, place
from wpstate.adapters.restic_process import Counting, Ended, ended_process, program, readable
from wpstate.model.backup import Checked, Owner, Repository, RepositoryKind, Saved, Snapshot
from wpstate.model.problem import Failed, Problem
from wpstate.model.site import SiteId
from wpstate.ports import Secrets
from wpstate.ports.backups import Dumped, Erased

_RETRY_LOCK = "5m"
_SNAPSHOTS_AT_ONCE = 500


class ResticRepositories:
    def __init__(
        self,
        secrets: Secrets,
        cache_folder: Path,
        known_hosts: Sequence[Path],
        *,
        patience_s: float = 60.0,
    ) -> None:
        """`known_hosts`: for SFTP servers whose key the fleet does not name. `patience_s`: how long
        a store may take to say whether it holds a repository."""
        self._patience_s = patience_s
        self._secrets = secrets
        self._cache = cache_folder
        self._known_hosts = tuple(known_hosts)

    def of(self, repository: Repository, owner: Owner) -> "ResticRepository":
        return ResticRepository(
            repository, owner, self._secrets, self._cache, self._known_hosts, self._patience_s
        )


class ResticRepository:
    """One client's. May be used by several threads: processes share nothing."""

    def __init__(
        self,
        repository: Repository,
        owner: Owner,
        secrets: Secrets,
        cache_folder: Path,
        known_hosts: tuple[Path, ...],
        patience_s: float,
    ) -> None:
        self._patience_s = patience_s
        self._repository = repository
        self._owner = owner
        self._secrets = secrets
        self._cache = cache_folder
        self._known_hosts = known_hosts

    @property
    def name(self) -> str:
        return f"{self._repository.name}/{self._owner.folder}"

    def ensure(self) -> None:
        # restic tries for a quarter of an hour to reach a store that lets nobody in.
        ended = self._run("cat", "config", within_s=self._patience_s)
        if ended.code != NO_REPOSITORY:
            self._good(ended)
            return
        made = self._run("init")
        # Somebody else's first backup for this client came between.
        if made.code != 0 and self._run("cat", "config").code != 0:
            raise problem_of(made.code, made.err, self.name)

    def save_dump(self, command: Sequence[str], *, name: str, site: SiteId, tag: str) -> Dumped:
        with tempfile.TemporaryDirectory(prefix="wpstate-") as private:
            asked, told = Path(private, "asked.json"), Path(private, "told.json")
            asked.write_text(json.dumps({"command": list(command), "told": str(told)}), "utf-8")
            reader = (sys.executable, "-I", str(Path(dump_reader.__file__)), str(asked))
            ended = self._run(
                "backup", *self._named(site, tag), "--stdin-filename", name,
                "--stdin-from-command", "--", *reader,
            )  # fmt: skip
            report = json.loads(told.read_text("utf-8")) if told.exists() else {}
        if report.get("problem"):
            raise _broken_dump(self.name, str(report["problem"]))
        saved = restic_answers.saved(self._good(ended).out, self.name)
        if saved.bytes != report.get("bytes"):
            raise _broken_dump(self.name, f"{saved.bytes} bytes kept, {report.get('bytes')} came")
        return Dumped(saved, saved.bytes, str(report["sha256"]), int(report["tables"]))

    def save_folder(self, folder: Path, *, site: SiteId, tag: str) -> Saved:
        ended = self._run("backup", ".", *self._named(site, tag), folder=folder)
        if ended.code == UNREAD:
            # restic keeps what it could read all the same.
            with suppress(Failed):
                self.forget((restic_answers.saved(ended.out, self.name).snapshot,))
        return restic_answers.saved(self._good(ended).out, self.name)

    def snapshots(self, site: SiteId | None = None) -> tuple[Snapshot, ...]:
        words = ("--host", site) if site else ()
        ended = self._good(self._run("snapshots", *words, locks=False))
        return restic_answers.snapshots(ended.out, self.name)

    def check(self, read: str | None = None) -> Checked:
        words = (f"--read-data-subset={read}",) if read else ()
        ended = self._run("check", *words)
        if ended.code not in (0, 1):
            self._good(ended)
        return restic_answers.checked(ended.code, ended.out, ended.err, read_all=read == "100%")

    def restore(self, snapshot: str, target: Path, *, only: Sequence[str] = ()) -> tuple[int, int]:
        words = [word for path in only for word in ("--include", _literal(path))]
        ended = self._run(
            "restore", snapshot, "--target", str(target), "--verify", *words,
            locks=False,
        )  # fmt: skip
        return restic_answers.restored(self._good(ended).out)

    def read(self, snapshot: str, path: str, target: Path | None = None) -> tuple[int, str]:
        with Counting(target) as counting:
            ended = self._run("dump", snapshot, path, locks=False, out=counting.taken)
        self._good(ended)
        return counting.size, counting.digest.hexdigest()

    def forget(self, snapshots: Sequence[str], *, prune: bool = False) -> None:
        words = ("--prune",) if prune else ()
        if snapshots:
            self._good(self._run("forget", *words, *snapshots))

    def prune(self) -> None:
        self._good(self._run("prune"))

    def erase(self) -> Erased | None:
        if self._repository.kind is RepositoryKind.LOCAL:
            return erased_folder(Path(place(self._repository, self._owner).address), self.name)
        ended = self._run("cat", "config", within_s=self._patience_s)
        if ended.code == NO_REPOSITORY:
            return None
        self._good(ended)
        held = [one.id for one in self.snapshots()]
        for at in range(0, len(held), _SNAPSHOTS_AT_ONCE):
            self.forget(held[at : at + _SNAPSHOTS_AT_ONCE])
        self.prune()
        return Erased(len(held), stays=place(self._repository, self._owner).address)

    def _named(self, site: SiteId, tag: str) -> tuple[str, ...]:
        return ("--host", site, "--tag", f"backup:{tag}", "--group-by", "host,paths")

    def _good(self, ended: Ended) -> Ended:
        if ended.code != 0:
            raise problem_of(ended.code, ended.err, self.name)
        return ended

    def _run(
        self,
        *words: str,
        folder: Path | None = None,
        locks: bool = True,
        out: Callable[[bytes], None] | None = None,
        within_s: float | None = None,
    ) -> Ended:
        """`locks`: it waits for others that hold the repository; reading needs no lock. `out`:
        takes what it prints, however much that is."""
        if not locks:
            return self._begun("--no-lock", *words, folder=folder, out=out, within_s=within_s)
        ended = self._begun(*words, folder=folder, out=out, within_s=within_s)
        if ended.code == LOCKED:
            # Whoever was killed left its lock; restic knows the dead of this machine as such.
            self._begun("unlock")
            waiting = ("--retry-lock", _RETRY_LOCK)
            ended = self._begun(*waiting, *words, folder=folder, out=out, within_s=within_s)
        return ended

    def _begun(
        self,
        *words: str,
        folder: Path | None = None,
        out: Callable[[bytes], None] | None = None,
        within_s: float | None = None,
    ) -> Ended:
        where = place(self._repository, self._owner)
        with tempfile.TemporaryDirectory(prefix="wpstate-") as private:
            more = where.options(Path(private), self._known_hosts)
            reading = readable(self._secrets.reveal(self._repository.password))
            try:
                return ended_process(
                    (
                        program(), "--repo", where.address, "--json",
                        "--password-file", f"/dev/fd/{reading}", "--cache-dir", str(self._cache),
                        *more, *words,
                    ),
                    reading,
                    environment(self._repository, self._secrets),
                    folder,
                    out,
                    within_s,
                )  # fmt: skip
            finally:
                os.close(reading)


def _literal(path: str) -> str:
    """restic takes `*`, `?`, `[` and a backslash for its own."""
    return "".join(f"\\{char}" if char in "*?[\\" else char for char in path)


def _broken_dump(repository: str, found: str) -> Failed:
    return Failed(
        [
            Problem(
                "backup.dump",
                "the database's dump did not come whole",
                key=repository,
                found=found,
                why="of a dump that breaks off nothing is kept",
                mend="see that the site's database answers, then try again",
            )
        ]
    )
