"""Every sort of place for backups, each against a real server on loopback, keeps one contract: what
went in comes out, a wrong password and a wrong key are told apart, and nothing of ours leaks."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from wpstate.adapters.restic import ResticRepositories, ResticRepository
from wpstate.model.backup import Owner, Repository, RepositoryKind
from wpstate.model.problem import Failed
from wpstate.model.secret import Secret, SecretReference
from wpstate.model.site import SiteId

SITE = SiteId("boutique")
DUMP = "CREATE TABLE `wp_posts` (x int);\n-- Dump completed\n-- wpstate: tables \n"
END = "-- wpstate: whole 1\n"
SECRETS = {"WPSTATE_SECRET_B": "correct horse battery", "WPSTATE_SECRET_K": "key-of-the-store"}
_RCLONE = Path(sys.executable).with_name("rclone")
_PASSWORD, _KEY = (SecretReference("env", name) for name in SECRETS)


@dataclass
class _Kept:
    values: dict[str, str]

    def reveal(self, reference: SecretReference) -> Secret:
        return Secret(self.values[reference.name])


@dataclass(frozen=True)
class Place:
    repository: Repository
    folder: Path
    """Where the server keeps it."""
    cache: Path
    patience_s: float = 60.0

    def opened(self, repository: Repository | None = None, **secrets: str) -> ResticRepository:
        repositories = ResticRepositories(
            _Kept(SECRETS | secrets), self.cache, (), patience_s=self.patience_s
        )
        return repositories.of(repository or self.repository, Owner("agency", is_client=True))


@contextmanager
def _serving(sort: str, folder: Path, *options: str) -> Iterator[int]:
    """rclone's server of this sort on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder.with_suffix(".log")
    with log.open("w") as told:
        argv = (_RCLONE, "serve", sort, folder, "--addr", f"127.0.0.1:{port}", "--config", "")
        running = subprocess.Popen((*argv, *options), stdout=told, stderr=told)
    try:
        for _ in range(600):
            assert running.poll() is None, log.read_text()
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        running.terminate()
        running.wait()


@contextmanager
def _local(folder: Path, _: pytest.MonkeyPatch) -> Iterator[Repository]:
    yield Repository("here", RepositoryKind.LOCAL, str(folder), _PASSWORD)


@contextmanager
def _rest(folder: Path, _: pytest.MonkeyPatch) -> Iterator[Repository]:
    with _serving("restic", folder, "--user", "agency", "--pass", SECRETS[_KEY.name]) as port:
        address = f"http://127.0.0.1:{port}"
        yield Repository("here", RepositoryKind.REST, address, _PASSWORD, "agency", _KEY)


@contextmanager
def _append_only(folder: Path, _: pytest.MonkeyPatch) -> Iterator[Repository]:
    auth = ("--user", "agency", "--pass", SECRETS[_KEY.name])
    with _serving("restic", folder, "--append-only", *auth) as port:
        address = f"http://127.0.0.1:{port}"
        yield Repository(
            "here", RepositoryKind.REST, address, _PASSWORD, "agency", _KEY, append_only=True
        )


@contextmanager
def _s3(folder: Path, _: pytest.MonkeyPatch) -> Iterator[Repository]:
    (folder / "bucket").mkdir()
    with _serving("s3", folder, "--auth-key", f"agency,{SECRETS[_KEY.name]}") as port:
        address = f"http://127.0.0.1:{port}/bucket"
        yield Repository("here", RepositoryKind.S3, address, _PASSWORD, "agency", _KEY)


@contextmanager
def _sftp(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Repository]:
    keys = folder.parent / "keys"
    keys.mkdir()
    for name in ("host", "ours"):
        words = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", keys / name)
        subprocess.run(words, check=True)
    patch.setenv("WPSTATE_SSH_KEY", str(keys / "ours"))
    options = ("--key", str(keys / "host"), "--authorized-keys", str(keys / "ours.pub"))
    with _serving("sftp", folder, *options) as port:
        yield Repository(
            "here", RepositoryKind.SFTP, f"agency@127.0.0.1:{port}/kept", _PASSWORD,
            host_key=(keys / "host.pub").read_text().strip(),
        )  # fmt: skip


_SORTS = {
    "local": _local, "rest": _rest, "append-only": _append_only, "s3": _s3, "sftp": _sftp,
}  # fmt: skip


@pytest.fixture(params=_SORTS)
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    folder = tmp_path / "served"
    folder.mkdir()
    with ExitStack() as open_ones:
        repository = open_ones.enter_context(_SORTS[request.param](folder, monkeypatch))
        yield Place(repository, folder, tmp_path / "cache")


def test_what_went_in_comes_out(place: Place, tmp_path: Path) -> None:
    repository = place.opened()
    repository.ensure()
    repository.ensure()
    words = (sys.executable, "-c", f"print({DUMP + END!r}, end='')")
    dumped = repository.save_dump(words, name="d.sql", site=SITE, tag="b1")
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "index.php").write_bytes(os.urandom(100_000))
    saved = repository.save_folder(mirror, site=SITE, tag="b1")
    assert {one.id for one in repository.snapshots(SITE)} == {
        dumped.saved.snapshot,
        saved.snapshot,
    }
    assert repository.check("100%").good
    assert repository.read(dumped.saved.snapshot, "/d.sql") == (dumped.bytes, dumped.sha256)
    repository.restore(saved.snapshot, tmp_path / "back")
    assert (tmp_path / "back/index.php").read_bytes() == (mirror / "index.php").read_bytes()

    # What is encrypted there holds no word of it, and each client's lies in a folder of its own.
    kept = [path for path in place.folder.rglob("*") if path.is_file()]
    assert kept
    assert all("clients/agency" in str(path) for path in kept)
    assert not any(b"CREATE TABLE" in path.read_bytes() for path in kept)

    with pytest.raises(Failed) as wrong:
        place.opened(WPSTATE_SECRET_B="another horse").snapshots()
    assert wrong.value.problems[0].slug == "backup.password"

    if place.repository.append_only:
        with pytest.raises(Failed) as refused:
            repository.forget([saved.snapshot], prune=True)
        assert refused.value.problems[0].slug == "backup.storage"
        assert len(repository.snapshots(SITE)) == 2
    else:
        repository.forget([saved.snapshot], prune=True)
        repository.forget([saved.snapshot])
        assert [one.id for one in repository.snapshots(SITE)] == [dumped.saved.snapshot]
    assert repository.check("100%").good


def test_what_a_client_has_there_is_erased(place: Place, tmp_path: Path) -> None:
    if place.repository.append_only:
        return  # nobody tries it from here
    repository = place.opened()
    assert repository.erase() is None
    repository.ensure()
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "index.php").write_bytes(os.urandom(100_000))
    repository.save_folder(mirror, site=SITE, tag="b1")
    gone = repository.erase()
    assert gone is not None
    assert gone.snapshots == 1
    kept = [path for path in place.folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in kept) < 10_000  # its key and its settings
    if place.repository.kind is RepositoryKind.LOCAL:
        assert (gone.stays, kept) == ("", [])
    else:
        assert gone.stays.rstrip("/").endswith("clients/agency")
        assert repository.snapshots() == ()
    assert repository.check("100%").good if gone.stays else repository.erase() is None


def test_a_place_that_lets_nobody_in_is_told(place: Place) -> None:
    kind, place = place.repository.kind, replace(place, patience_s=5)
    if kind is RepositoryKind.LOCAL:
        return  # a folder asks for no key
    if kind is RepositoryKind.SFTP:
        other = place.folder.parent / "keys" / "ours.pub"
        repository = place.opened(replace(place.repository, host_key=other.read_text().strip()))
    else:
        repository = place.opened(WPSTATE_SECRET_K="another-key-of-it")
    with pytest.raises(Failed) as caught:
        repository.ensure()
    problem = caught.value.problems[0]
    assert problem.slug == "backup.storage"
    assert "another-key-of-it" not in str(problem)
    assert not [path for path in place.folder.rglob("*") if path.is_file()]
