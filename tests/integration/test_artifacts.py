"""The store of artifacts against real servers on loopback: the look-alike, and hostile ones."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.integration.zips import GOOD, zipped, zipped_only
from wpstate.adapters.artifacts import FolderArtifactStore
from wpstate.adapters.downloads import download
from wpstate.model.desired import Artifact
from wpstate.model.problem import Failed, Refused, WpstateError

WPORG = Path(__file__).parents[2] / "roles" / "lab_wporg" / "files" / "wporg_server.py"
NOWHERE = "http://127.0.0.1:9"

SHOP_ZIP = zipped()
CORE_ZIP = zipped_only(
    (
        "wordpress/wp-includes/version.php",
        b"<?php\n$wp_version = '9.9';\n$wp_db_version = 99001;\n$required_php_version = '7.4';\n",
    ),
    ("wordpress/index.php", b"<?php"),
    ("wordpress/wp-content/index.php", b"<?php"),
)
SHOP = Artifact("plugins", "shop", "1.0", "wordpress.org", sha256(SHOP_ZIP).hexdigest())
CORE = Artifact("core", "wordpress", "9.9", "wordpress.org", sha256(CORE_ZIP).hexdigest())


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("wporg")
    for name, content in (
        ("plugins/shop.1.0.zip", SHOP_ZIP),
        ("plugins/closed.json", b"{}"),
        ("core/wordpress-9.9.zip", CORE_ZIP),
    ):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(content)
    return root


@contextmanager
def wordpress_org(shelf: Path, *faults: str) -> Iterator[str]:
    """The look-alike's address while it runs."""
    command = [sys.executable, str(WPORG), "--root", str(shelf), "--port", "0", "--foreground"]
    for fault in faults:
        command += ["--fault", fault]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().decode().strip()
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def wporg(shelf: Path) -> Iterator[str]:
    with wordpress_org(shelf) as url:
        yield url


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """A server that answers every GET as told; its address, and the paths that were asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def sends(content: bytes) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def redirects(to: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", to)
        request.end_headers()

    return answer


def store(tmp_path: Path, url: str, *locked: Artifact) -> FolderArtifactStore:
    (tmp_path / "fleet").mkdir(exist_ok=True)
    return FolderArtifactStore(
        tmp_path / "artifacts",
        fleet_folder=tmp_path / "fleet",
        download_url=url,
        api_url=url,
        locked=locked,
    )


def slugs(error: pytest.ExceptionInfo[WpstateError]) -> list[str]:
    return [problem.slug for problem in error.value.problems]


def kept(tmp_path: Path) -> list[str]:
    return sorted(f.name for f in (tmp_path / "artifacts").iterdir() if f.name != "versions")


def test_fetches_the_locked_bytes_of_a_plugin_and_of_core(tmp_path: Path, wporg: str) -> None:
    artifacts = store(tmp_path, wporg)
    assert artifacts.fetch(SHOP).read_bytes() == SHOP_ZIP
    assert artifacts.fetch(CORE).read_bytes() == CORE_ZIP
    assert kept(tmp_path) == sorted([str(SHOP.sha256), str(CORE.sha256)])
    assert artifacts.facts(SHOP).main_file == "shop/shop.php"
    assert (artifacts.facts(CORE).database, artifacts.facts(CORE).requires_php) == (99001, "7.4")


def test_what_is_kept_needs_no_source(tmp_path: Path, wporg: str) -> None:
    store(tmp_path, wporg).fetch(SHOP)
    assert store(tmp_path, NOWHERE).fetch(SHOP).read_bytes() == SHOP_ZIP


def test_many_at_once_ask_the_source_once(tmp_path: Path) -> None:
    with answering(sends(SHOP_ZIP)) as (url, asked), ThreadPoolExecutor(8) as pool:
        artifacts = store(tmp_path, url)
        paths = set(pool.map(artifacts.fetch, [SHOP] * 16))
    assert asked == ["/plugin/shop.1.0.zip"]
    assert {path.name for path in paths} == {SHOP.sha256}


def test_nothing_is_fetched_that_is_not_locked(tmp_path: Path) -> None:
    with answering(sends(SHOP_ZIP)) as (url, asked), pytest.raises(Refused) as refusal:
        store(tmp_path, url).fetch(replace(SHOP, sha256=None))
    assert (slugs(refusal), asked) == (["artifact.unlocked"], [])


def test_other_bytes_than_locked_are_refused_and_not_kept(tmp_path: Path, shelf: Path) -> None:
    with wordpress_org(shelf, "shop=flip") as url, pytest.raises(Refused) as refusal:
        store(tmp_path, url).fetch(SHOP)
    assert (slugs(refusal), kept(tmp_path)) == (["artifact.hash"], [])


@pytest.mark.parametrize("fault", ["shop=truncate", "shop=404"])
def test_a_failing_source_is_told(tmp_path: Path, shelf: Path, fault: str) -> None:
    with wordpress_org(shelf, fault) as url, pytest.raises(Failed) as failure:
        store(tmp_path, url).fetch(SHOP)
    assert (slugs(failure), kept(tmp_path)) == (["artifact.unavailable"], [])


def test_a_hostile_zip_is_not_kept_even_where_it_is_locked(tmp_path: Path) -> None:
    content = zipped([("shop/../../evil.php", b"")])
    locked = replace(SHOP, sha256=sha256(content).hexdigest())
    with answering(sends(content)) as (url, _), pytest.raises(Refused) as refusal:
        store(tmp_path, url).fetch(locked)
    assert (slugs(refusal), kept(tmp_path)) == (["artifact.path"], [])


def test_kept_bytes_locked_under_another_name_are_refused(tmp_path: Path, wporg: str) -> None:
    artifacts = store(tmp_path, wporg)
    artifacts.fetch(SHOP)
    with pytest.raises(Refused) as refusal:
        artifacts.fetch(replace(SHOP, slug="akismet"))
    assert slugs(refusal) == ["artifact.folder"]
    with pytest.raises(Refused) as refusal:
        artifacts.fetch(replace(SHOP, version="2.0"))
    assert slugs(refusal) == ["artifact.version"]


@pytest.mark.parametrize("harm", [b"", SHOP_ZIP[:-1], SHOP_ZIP[:-1] + b"\1"])
def test_a_damaged_copy_is_brought_again(tmp_path: Path, wporg: str, harm: bytes) -> None:
    artifacts = store(tmp_path, wporg)
    path = artifacts.fetch(SHOP)
    path.write_bytes(harm)
    assert artifacts.fetch(SHOP).read_bytes() == SHOP_ZIP
    path.write_bytes(harm)
    with pytest.raises(Failed):
        store(tmp_path, NOWHERE).fetch(SHOP)


def test_a_zip_of_the_fleet_folder(tmp_path: Path) -> None:
    artifacts = store(tmp_path, NOWHERE)
    (tmp_path / "fleet" / "packages").mkdir()
    (tmp_path / "fleet" / "packages" / "shop.zip").write_bytes(SHOP_ZIP)
    assert artifacts.fetch(replace(SHOP, source="packages/shop.zip")).read_bytes() == SHOP_ZIP
    with pytest.raises(Failed) as failure:
        artifacts.fetch(replace(SHOP, version="1.1", source="packages/gone.zip", sha256="0" * 64))
    assert slugs(failure) == ["artifact.unavailable"]


@pytest.mark.parametrize(
    "source", ["../shop.zip", "a/../../shop.zip", "link.zip", "{tmp}/shop.zip"]
)
def test_a_zip_outside_the_fleet_folder_is_refused(tmp_path: Path, source: str) -> None:
    artifacts = store(tmp_path, NOWHERE)
    (tmp_path / "shop.zip").write_bytes(SHOP_ZIP)
    (tmp_path / "fleet" / "link.zip").symlink_to(tmp_path / "shop.zip")
    with pytest.raises(Refused) as refusal:
        artifacts.fetch(replace(SHOP, source=source.format(tmp=tmp_path)))
    assert slugs(refusal) == ["artifact.source"]


def test_a_pipe_in_the_fleet_folder_does_not_hang(tmp_path: Path) -> None:
    artifacts = store(tmp_path, NOWHERE)
    os.mkfifo(tmp_path / "fleet" / "shop.zip")
    with pytest.raises(Failed):
        artifacts.fetch(replace(SHOP, source="shop.zip"))


def test_redirects_stay_on_their_server(tmp_path: Path) -> None:
    with answering(sends(SHOP_ZIP)) as (elsewhere, asked):
        with answering(redirects(f"{elsewhere}/shop.zip")) as (url, _), pytest.raises(Failed):
            store(tmp_path, url).fetch(SHOP)
        assert asked == []

    def answer(request: BaseHTTPRequestHandler) -> None:
        (sends(SHOP_ZIP) if request.path == "/mirror" else redirects("/mirror"))(request)

    with answering(answer) as (url, asked):
        assert store(tmp_path, url).fetch(SHOP).read_bytes() == SHOP_ZIP
        assert asked == ["/plugin/shop.1.0.zip", "/mirror"]


def test_redirects_end(tmp_path: Path) -> None:
    with answering(redirects("/again")) as (url, asked), pytest.raises(Failed):
        store(tmp_path, url).fetch(SHOP)
    assert len(asked) == 6


@pytest.mark.parametrize("url", ["http://downloads.example", "ftp://127.0.0.1", "//x", "http://["])
def test_only_https_or_loopback(tmp_path: Path, url: str) -> None:
    with pytest.raises(Refused) as refusal:
        store(tmp_path, url).fetch(SHOP)
    assert slugs(refusal) == ["artifact.source"]


def fetched(url: str, *, at_most_bytes: int = 1000, within_s: float = 5.0) -> bytes:
    content = bytearray()
    assert download(url, content.extend, at_most_bytes=at_most_bytes, within_s=within_s)
    return bytes(content)


def test_an_answer_may_be_as_large_as_allowed_and_no_larger() -> None:
    with answering(sends(b"x" * 1000)) as (url, _):
        assert len(fetched(url)) == 1000
        with pytest.raises(Refused) as refusal:
            fetched(url, at_most_bytes=999)
    assert slugs(refusal) == ["artifact.too_large"]


def drips_body(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    drip(request)


def drips_headers(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Wait: ")
    drip(request)


def says_nothing(request: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def drip(request: BaseHTTPRequestHandler) -> None:
    for _ in range(60):
        try:
            request.wfile.write(b"x")
            request.wfile.flush()
        except OSError:
            return
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [drips_body, drips_headers, says_nothing])
def test_one_deadline_for_all_of_it(answer: Answer) -> None:
    with answering(answer) as (url, _):
        began_s = time.monotonic()
        with pytest.raises(Failed) as failure:
            fetched(url, within_s=0.4)
        assert time.monotonic() - began_s < 2.5
    assert "took too long" in str(failure.value.problems[0].found)


def test_file_lists_of_locked_versions_come_from_their_zips(tmp_path: Path, wporg: str) -> None:
    artifacts = store(tmp_path, wporg, SHOP, CORE)
    expected = tuple(sorted(name.removeprefix("shop/") for name, _ in GOOD))
    assert artifacts.file_list("plugins", "shop", "1.0", "en_US") == expected
    assert artifacts.file_list("core", "wordpress", "9.9", "fr_FR") == (
        "index.php",
        "wp-content/index.php",
        "wp-includes/version.php",
    )


def test_file_lists_of_others_come_from_checksums_and_are_kept(tmp_path: Path, wporg: str) -> None:
    core, plugin = ("core", "wordpress", "9.9", "fr_FR"), ("plugins", "shop", "1.0", "fr_FR")
    asked = store(tmp_path, wporg)
    lists = asked.file_list(*core), asked.file_list(*plugin)
    assert lists == (
        ("index.php", "wp-content/index.php", "wp-includes/version.php"),
        ("readme.txt", "shop.php"),
    )
    again = store(tmp_path, NOWHERE)
    assert (again.file_list(*core), again.file_list(*plugin)) == lists


def test_nobody_knows_is_not_the_same_as_nobody_answers(tmp_path: Path, wporg: str) -> None:
    artifacts = store(tmp_path, wporg)
    assert artifacts.file_list("core", "wordpress", "1.2.3", "fr_FR") is None
    assert artifacts.file_list("plugins", "paid", "1.0", "fr_FR") is None
    with pytest.raises(Failed) as failure:
        store(tmp_path, NOWHERE).file_list("plugins", "paid", "1.0", "fr_FR")
    assert slugs(failure) == ["artifact.unavailable"]


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"files": []}',
        b'{"files": {}}',
        b"[" * 100_000,
        b'{"files": {"../wp-config.php": {}, "a.php": {}}}',
        b'{"files": {"/etc/passwd": {}}}',
        b'{"files": {"a\\u0000b": {}}}',
        json.dumps({"files": dict.fromkeys(map(str, range(20_001)))}).encode(),
    ],
)
def test_a_worthless_list_is_nobody_knows(tmp_path: Path, answer: bytes) -> None:
    with answering(sends(answer)) as (url, _):
        assert store(tmp_path, url).file_list("plugins", "shop", "1.0", "en_US") is None
    assert not (tmp_path / "artifacts" / "lists").exists()


def test_hashes_of_files_come_from_the_locked_zip(tmp_path: Path, wporg: str) -> None:
    known = store(tmp_path, wporg).file_hashes(SHOP, "fr_FR")
    assert known is not None
    assert (known.algorithm, known.locale) == ("sha256", "en_US")
    assert sorted(known.by_path) == list(store(tmp_path, wporg).facts(SHOP).files)
    (main,) = known.by_path["shop.php"]
    assert main == sha256(dict(GOOD)["shop/shop.php"]).hexdigest()


@pytest.mark.parametrize("artifact", [SHOP, CORE])
def test_of_what_is_not_locked_wordpress_org_knows_them(
    tmp_path: Path, wporg: str, artifact: Artifact
) -> None:
    unlocked = replace(artifact, sha256=None)
    listed = store(tmp_path, wporg).file_hashes(unlocked, "en_US")
    zipped_ones = store(tmp_path, wporg).file_hashes(artifact, "en_US")
    assert listed is not None
    assert zipped_ones is not None
    assert listed.by_path.keys() == zipped_ones.by_path.keys()
    # What was brought once is known without its source.
    assert store(tmp_path, NOWHERE).file_hashes(unlocked, "en_US") == zipped_ones


def test_nobody_knows_the_files_of_a_version_that_is_nowhere(tmp_path: Path, wporg: str) -> None:
    unlocked = replace(SHOP, sha256=None, version="7.7")
    assert store(tmp_path, wporg).file_hashes(unlocked, "en_US") is None
    assert store(tmp_path, wporg).file_hashes(replace(unlocked, source="vault"), "en_US") is None
    with pytest.raises(Failed):
        store(tmp_path, NOWHERE).file_hashes(unlocked, "en_US")


def test_a_list_that_leaves_its_folder_is_worth_nothing(tmp_path: Path) -> None:
    told = {"checksums": {"index.php": "a" * 32, "../x.php": "a" * 32}}
    with answering(sends(json.dumps(told).encode())) as (url, _):
        assert store(tmp_path, url).file_hashes(replace(CORE, sha256=None), "en_US") is None
