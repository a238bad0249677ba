"""Where bytes come from: the vault, an address, a tag of a real repository; and what stays when a
source withdraws them."""

import io
import tarfile
import zipfile
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.integration.test_artifacts import answering, sends, wordpress_org
from tests.integration.test_lock import plugin_zip
from tests.integration.test_revisions import git
from wpstate.adapters.artifacts import FolderArtifactStore
from wpstate.adapters.packing import pack
from wpstate.model.desired import Artifact
from wpstate.model.identity import Identity
from wpstate.model.problem import Failed, Refused, WpstateError
from wpstate.model.secret import FilledHeader, Secret

NOWHERE = "http://127.0.0.1:9"
PAID = plugin_zip("paid", "3.0", "// Author: Ana\n")


def store(tmp_path: Path, url: str = NOWHERE) -> FolderArtifactStore:
    (tmp_path / "fleet").mkdir(parents=True, exist_ok=True)
    return FolderArtifactStore(
        tmp_path / "artifacts",
        fleet_folder=tmp_path / "fleet",
        vault_folder=tmp_path / "vault",
        download_url=url,
        api_url=url,
    )


def slugs(error: pytest.ExceptionInfo[WpstateError]) -> list[str]:
    return [problem.slug for problem in error.value.problems]


def test_a_version_comes_out_of_the_vault(tmp_path: Path) -> None:
    artifact = Artifact("plugins", "paid", "3.0", "vault", None)
    with pytest.raises(Failed) as failure:
        store(tmp_path).bring(artifact)
    assert slugs(failure) == ["artifact.unavailable"]
    (tmp_path / "vault" / "plugins" / "paid").mkdir(parents=True)
    (tmp_path / "vault" / "plugins" / "paid" / "3.0.zip").write_bytes(PAID)
    assert store(tmp_path).bring(artifact).sha256 == sha256(PAID).hexdigest()


def test_a_machine_without_the_vault_asks_the_object_store(tmp_path: Path) -> None:
    artifact = Artifact("plugins", "paid", "3.0", "vault", None)
    header = FilledHeader("Authorization", Secret("Bearer key"), Secret("key"))

    def only_with_the_key(request: BaseHTTPRequestHandler) -> None:
        sends(PAID if request.headers["Authorization"] == "Bearer key" else b"no")(request)

    with answering(only_with_the_key) as (url, asked):
        artifacts = FolderArtifactStore(
            tmp_path / "artifacts",
            fleet_folder=tmp_path,
            vault_url=f"{url}/vault",
            download_url=NOWHERE,
            api_url=NOWHERE,
            auth_of=lambda address: header if address.startswith(f"{url}/vault/") else None,
        )
        assert artifacts.bring(artifact).sha256 == sha256(PAID).hexdigest()
    assert asked == ["/vault/plugins/paid/3.0.zip"]


def test_an_address_must_serve_the_bytes_that_the_catalog_names(tmp_path: Path) -> None:
    with answering(sends(PAID)) as (url, _):
        named = sha256(PAID).hexdigest()
        artifact = Artifact("plugins", "paid", "3.0", f"{url}/p.zip", None, named_sha256=named)
        assert store(tmp_path).bring(artifact).sha256 == named
        with pytest.raises(Refused) as refusal:
            store(tmp_path).bring(replace(artifact, named_sha256="0" * 64))
    assert slugs(refusal) == ["artifact.hash"]
    assert "catalog.yml has 000" in str(refusal.value.problems[0].found)


def test_what_wordpress_org_withdrew_stays_installable(tmp_path: Path) -> None:
    """Also after the lock no longer named it, and for its list of files."""
    shelf = tmp_path / "wporg"
    (shelf / "plugins").mkdir(parents=True)
    (shelf / "plugins" / "closed.json").write_text("{}")
    zipped = shelf / "plugins" / "shop.1.9.zip"
    zipped.write_bytes(plugin_zip("shop", "1.9"))
    artifact = Artifact("plugins", "shop", "1.9", "wordpress.org", None)
    with wordpress_org(shelf) as url:
        first = store(tmp_path, url).bring(artifact)
        zipped.unlink()
        again = store(tmp_path, url)
        assert again.bring(artifact).sha256 == first.sha256
        assert again.fetch(replace(artifact, sha256=first.sha256)).is_file()
        assert again.file_list("plugins", "shop", "1.9", "en_US") == ("shop.php",)
        elsewhere = replace(artifact, source="packages/shop.zip")
        with pytest.raises(Failed):  # another source never had them
            again.bring(elsewhere)
        (tmp_path / "artifacts" / first.sha256).write_bytes(b"damaged")
        with pytest.raises(Failed) as failure:
            store(tmp_path, url).bring(artifact)
    assert slugs(failure) == ["artifact.unavailable"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two versions of a plugin in a folder of a repository below the fleet."""
    folder = tmp_path / "fleet" / "repos" / "ours"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "-q", ".")
    (folder / "notes.md").write_text("not shipped")
    for version in ("1.0", "1.1"):
        main = f"<?php\n// Plugin Name: Ours\n// Version: {version}\n"
        (folder / "src" / "ours.php").write_text(main)
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", version)
        git(folder, "tag", f"v{version}")
    return folder


def test_a_tag_is_packed_the_same_each_time(tmp_path: Path, repository: Path) -> None:
    artifact = Artifact("plugins", "ours", "1.0", "git:repos/ours#v1.0:src", None)
    first = store(tmp_path).bring(artifact)
    assert (first.files, first.version) == (("ours.php",), "1.0")
    other = store(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "fleet" / "repos").symlink_to(tmp_path / "fleet" / "repos")
    with pytest.raises(Refused) as refusal:
        other.bring(artifact)
    assert slugs(refusal) == ["artifact.source"]
    (tmp_path / "elsewhere" / "fleet" / "repos").unlink()
    (tmp_path / "elsewhere" / "fleet" / "repos").mkdir()
    git(tmp_path, "clone", "-q", str(repository), str(tmp_path / "elsewhere/fleet/repos/ours"))
    assert other.bring(artifact).sha256 == first.sha256


def test_a_moved_tag_is_other_bytes(tmp_path: Path, repository: Path) -> None:
    artifact = Artifact("plugins", "ours", "1.1", "git:repos/ours#v1.1:src", None)
    locked = replace(artifact, sha256=store(tmp_path).bring(artifact).sha256)
    (repository / "src" / "more.php").write_text("<?php")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "more")
    git(repository, "tag", "-f", "v1.1")
    with pytest.raises(Refused) as refusal:
        store(tmp_path).bring(locked)
    assert slugs(refusal) == ["artifact.hash"]


@pytest.mark.parametrize("rest", ["#v9.9:src", "#v1.0:nowhere", "#HEAD:src"])
def test_no_such_tag_or_folder(tmp_path: Path, repository: Path, rest: str) -> None:
    with pytest.raises(Failed) as failure:
        store(tmp_path).bring(Artifact("plugins", "ours", "1.0", f"git:repos/ours{rest}", None))
    assert slugs(failure) == ["artifact.unavailable"]


def test_a_repository_runs_no_program_of_its_own(tmp_path: Path, repository: Path) -> None:
    ran = tmp_path / "ran"
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    git(repository, "config", "core.fsmonitor", f"touch {ran}")
    git(repository, "config", "filter.x.smudge", f"touch {ran}; cat")
    (repository / ".git" / "info" / "attributes").write_text("* filter=x\n")
    store(tmp_path).bring(Artifact("plugins", "ours", "1.0", "git:repos/ours#v1.0:src", None))
    assert not ran.exists()


def test_another_author_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / "p.zip").write_bytes(PAID)
    artifact = Artifact("plugins", "paid", "3.0", "p.zip", None)
    assert store(tmp_path).bring(artifact).identity == Identity("Ana", "paid", "")
    for expected in (
        Identity(author="Someone Else"),
        Identity(text_domain="rocket"),
        Identity(update_uri="https://updates.example"),
    ):
        with pytest.raises(Refused) as refusal:
            store(tmp_path).bring(replace(artifact, identity=expected))
        assert slugs(refusal) == ["artifact.identity"]
    assert store(tmp_path).bring(replace(artifact, identity=Identity("Ana", "paid", "")))


def tarred(tmp_path: Path, *members: tuple[str, bytes, bytes]) -> Path:
    tar = tmp_path / "in.tar"
    with tarfile.open(tar, "w") as archive:
        for name, sort, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = sort, "/etc/passwd"
            info.size = len(content) if sort == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(content))
    return tar


def test_the_same_files_give_the_same_zip_in_any_order(tmp_path: Path) -> None:
    one = ("a/a.php", tarfile.REGTYPE, b"<?php")
    two = ("a/b/c.txt", tarfile.REGTYPE, b"c")
    pack(tarred(tmp_path, one, two), "a", tmp_path / "1.zip")
    pack(tarred(tmp_path, ("a/b", tarfile.DIRTYPE, b""), two, one), "a", tmp_path / "2.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "1.zip").namelist() == ["a/a.php", "a/b/c.txt"]


@pytest.mark.parametrize(
    ("member", "slug"),
    [
        (("a/../../x", tarfile.REGTYPE, b""), "artifact.path"),
        (("/a/x", tarfile.REGTYPE, b""), "artifact.path"),
        (("b/x", tarfile.REGTYPE, b""), "artifact.path"),
        (("a/x", tarfile.SYMTYPE, b""), "artifact.link"),
        (("a/x", tarfile.LNKTYPE, b""), "artifact.link"),
        (("a/x", tarfile.CHRTYPE, b""), "artifact.link"),
        (("a/x", tarfile.DIRTYPE, b""), "artifact.empty"),
    ],
)
def test_hostile_archives(tmp_path: Path, member: tuple[str, bytes, bytes], slug: str) -> None:
    with pytest.raises(Refused) as refusal:
        pack(tarred(tmp_path, member), "a", tmp_path / "out.zip")
    assert slugs(refusal) == [slug]
