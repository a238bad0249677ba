"""The lab's look-alike of wordpress.org: shapes, digests and harmed downloads, over real HTTP."""

import hashlib
import io
import json
import struct
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FILES = Path(__file__).parents[2] / "roles" / "lab_wporg" / "files"
MO_HEADER = "PO-Revision-Date: 2025-07-31 16:48+0100\nLanguage: fr\n"
BAD_VERSIONS = {f"2.{n}" for n in range(13)}


def make_wordpress(folder: Path, version: str, akismet: str) -> None:
    """The few files of a WordPress tree that the builder reads."""
    contents = {
        "index.php": "<?php // front",
        "wp-config.php": "<?php // a secret",
        "wp-includes/version.php": f"<?php $wp_version = '{version}';",
        "wp-content/plugins/akismet/akismet.php": f"<?php // Plugin Name: A\n// Version: {akismet}",
        "wp-content/plugins/akismet/views/get.php": "<?php // view",
        "wp-content/themes/plain/style.css": f"/*\nTheme Name: Plain\nVersion: {version}\n*/",
        "wp-content/themes/plain/index.php": "<?php // front",
        "wp-content/plugins/hello.php": "<?php\n// Plugin Name: Hello Dolly\n// Version: 1.7.2",
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def mo_file(header: str) -> bytes:
    """A catalogue of one entry: its header."""
    text = header.encode()
    return struct.pack("<11I", 0x950412DE, 0, 1, 28, 36, 0, 0, 0, 44, len(text), 45) + b"\0" + text


def build(root: Path, cache: Path) -> list[str]:
    command = [sys.executable, str(FILES / "build_wporg.py")]
    command += ["--root", str(root), "--cache", str(cache)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with cache/ (two small WordPress trees) and the wporg/ built from it."""
    folder = tmp_path_factory.mktemp("shelf")
    make_wordpress(folder / "cache" / "wordpress-6.8.7", "6.8.7", "5.5")
    make_wordpress(folder / "cache" / "wordpress-7.1.1", "7.1.1", "5.10")
    (folder / "cache" / "languages-6.8.7").mkdir()
    (folder / "cache" / "languages-6.8.7" / "fr_FR.mo").write_bytes(mo_file(MO_HEADER))
    (folder / "cache" / "languages-7.1.1").mkdir()
    for name in ("fr_FR.l10n.php", "admin-fr_FR.l10n.php", "fr_FR-00ff.json", "de_DE.l10n.php"):
        words = "<?php return ['translation-revision-date'=>'2026-08-20 16:12:44+0000'];"
        (folder / "cache" / "languages-7.1.1" / name).write_text(words)
    build(folder / "wporg", folder / "cache")
    return folder


@contextmanager
def serve(root: Path, *options: str) -> Iterator[str]:
    command = [sys.executable, str(FILES / "wporg_server.py"), "--foreground", "--port", "0"]
    command += ["--root", str(root), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def wporg(shelf: Path) -> Iterator[str]:
    with serve(shelf / "wporg") as base:
        yield base


def ask(url: str, form: dict[str, str] | None = None) -> tuple[int, Any]:
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.urlopen(url, data, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        content: bytes = answer.read()
        return content


def info(wporg: str, slug: str) -> tuple[int, Any]:
    query = urllib.parse.urlencode({"action": "plugin_information", "request[slug]": slug})
    return ask(f"{wporg}/plugins/info/1.2/?{query}")


def test_a_second_build_changes_nothing_and_another_place_gives_the_same_bytes(
    shelf: Path, tmp_path: Path
) -> None:
    assert build(shelf / "wporg", shelf / "cache") == []
    build(tmp_path, shelf / "cache")
    for first in (shelf / "wporg").rglob("*.zip"):
        assert (tmp_path / first.relative_to(shelf / "wporg")).read_bytes() == first.read_bytes()


def test_a_changed_core_tree_is_zipped_anew(tmp_path: Path) -> None:
    make_wordpress(tmp_path / "cache" / "wordpress-6.8.7", "6.8.7", "5.5")
    build(tmp_path / "wporg", tmp_path / "cache")
    (tmp_path / "cache" / "wordpress-6.8.7" / "index.php").write_text("<?php // other front")
    (changed,) = build(tmp_path / "wporg", tmp_path / "cache")
    assert changed.endswith("core/wordpress-6.8.7.zip")


def test_a_core_that_the_cache_no_longer_has_is_offered_no_more(tmp_path: Path) -> None:
    for version in ("6.8.7", "6.8.8"):
        make_wordpress(tmp_path / "cache" / f"wordpress-{version}", version, "5.5")
        (tmp_path / "cache" / f"languages-{version}").mkdir()
        (tmp_path / "cache" / f"languages-{version}" / "fr_FR.mo").write_bytes(mo_file(MO_HEADER))
    build(tmp_path / "wporg", tmp_path / "cache")
    (tmp_path / "cache" / "wordpress-6.8.7").rename(tmp_path / "gone")
    assert build(tmp_path / "wporg", tmp_path / "cache") == []
    assert [path.name for path in (tmp_path / "wporg" / "core").glob("*.zip")] == [
        "wordpress-6.8.8.zip"
    ]
    assert [path.name for path in (tmp_path / "wporg" / "translations" / "core").iterdir()] == [
        "6.8.8"
    ]


def test_an_older_core_is_offered_the_newest_and_the_newest_is_latest(wporg: str) -> None:
    _, older = ask(f"{wporg}/core/version-check/1.7/?version=6.8.7&locale=fr_FR")
    offers = [(offer["response"], offer["version"]) for offer in older["offers"]]
    assert offers == [("upgrade", "7.1.1"), ("autoupdate", "7.1.1")]
    assert [pack["language"] for pack in older["translations"]] == ["fr_FR"]
    full = older["offers"][0]["packages"]["full"]
    assert full == f"{wporg}/release/wordpress-7.1.1.zip"
    assert zipfile.ZipFile(io.BytesIO(fetch(full))).testzip() is None
    _, newest = ask(f"{wporg}/core/version-check/1.7/", {"version": "7.1.1"})
    assert [offer["response"] for offer in newest["offers"]] == ["latest"]


def test_core_checksums_are_those_of_the_release_and_false_for_an_unknown_one(wporg: str) -> None:
    _, answer = ask(f"{wporg}/core/checksums/1.0/?version=7.1.1&locale=en_US")
    assert answer["checksums"]["index.php"] == hashlib.md5(b"<?php // front").hexdigest()
    assert "wp-config.php" not in answer["checksums"]
    assert ask(f"{wporg}/core/checksums/1.0/?version=7.0") == (200, {"checksums": False})
    outside = "../plugins/akismet.5.5"
    assert ask(f"{wporg}/core/checksums/1.0/?version={outside}") == (200, {"checksums": False})


def test_update_check_compares_numbers_and_offers_the_stable_version(wporg: str) -> None:
    installed = {
        "akismet/akismet.php": {"Version": "5.5"},
        "hello.php": {"Version": "1.7.2"},
        "lab-guestbook/lab-guestbook.php": {"Version": "1.0"},
        "own-work/own-work.php": {"Version": "3.0"},
    }
    form = {"plugins": json.dumps({"plugins": installed, "active": []}), "all": "true"}
    _, answer = ask(f"{wporg}/plugins/update-check/1.1/", form)
    offered = {file: update["new_version"] for file, update in answer["plugins"].items()}
    assert offered == {"akismet/akismet.php": "5.10", "lab-guestbook/lab-guestbook.php": "1.1"}
    assert list(answer["no_update"]) == ["hello.php"]
    assert answer["no_update"]["hello.php"]["slug"] == "hello-dolly"


def test_plugin_information_lists_every_version_and_its_link_works(wporg: str) -> None:
    code, answer = info(wporg, "lab-guestbook")
    assert (code, answer["version"]) == (200, "1.1")
    assert set(answer["versions"]) == {"1.0", "1.1"} | BAD_VERSIONS
    content = fetch(answer["download_link"])
    main = zipfile.ZipFile(io.BytesIO(content)).read("lab-guestbook/lab-guestbook.php").decode()
    assert " * Version: 1.1\n" in main
    assert content == fetch(f"{wporg}/plugin/lab-guestbook.zip")


def test_closed_and_unknown_plugins_differ(wporg: str) -> None:
    code, closed = info(wporg, "lab-withdrawn")
    assert (code, closed["error"], closed["reason"]) == (404, "closed", "guideline-violation")
    assert info(wporg, "never-there") == (404, {"error": "Plugin not found."})


def test_plugin_checksums_are_those_of_the_zip(wporg: str) -> None:
    _, answer = ask(f"{wporg}/plugin-checksums/akismet/5.5.json")
    view = b"<?php // view"
    assert answer["files"]["views/get.php"] == {
        "md5": hashlib.md5(view).hexdigest(),
        "sha256": hashlib.sha256(view).hexdigest(),
    }
    assert ask(f"{wporg}/plugin-checksums/akismet/9.9.json")[0] == 404


def test_a_french_pack_for_each_core_version(wporg: str) -> None:
    packs = {}
    for version, updated in (("6.8.7", "2025-07-31 16:48"), ("7.1.1", "2026-08-20 16:12:44")):
        _, answer = ask(f"{wporg}/translations/core/1.0/?version={version}")
        (pack,) = answer["translations"]
        assert (pack["language"], pack["version"]) == ("fr_FR", version)
        assert pack["updated"] == updated
        packs[version] = zipfile.ZipFile(io.BytesIO(fetch(pack["package"])))
    assert packs["6.8.7"].namelist() == ["fr_FR.mo", "fr_FR.po"]
    assert rb'"PO-Revision-Date: 2025-07-31 16:48+0100\n"' in packs["6.8.7"].read("fr_FR.po")
    whole = ["admin-fr_FR.l10n.php", "fr_FR-00ff.json", "fr_FR.l10n.php"]
    assert packs["7.1.1"].namelist() == whole


def theme_info(wporg: str, slug: str) -> tuple[int, Any]:
    query = urllib.parse.urlencode({"action": "theme_information", "request[slug]": slug})
    return ask(f"{wporg}/themes/info/1.2/?{query}")


def test_theme_information_lists_every_version_and_names_a_parent(wporg: str) -> None:
    code, plain = theme_info(wporg, "plain")
    assert (code, plain["version"], set(plain["versions"])) == (200, "7.1.1", {"6.8.7", "7.1.1"})
    assert "parent" not in plain
    style = zipfile.ZipFile(io.BytesIO(fetch(plain["download_link"]))).read("plain/style.css")
    assert b"Version: 7.1.1" in style
    assert theme_info(wporg, "lab-paper")[1]["version"] == "1.1"
    assert theme_info(wporg, "lab-paper-child")[1]["parent"] == {"slug": "lab-paper"}
    assert theme_info(wporg, "never-there") == (404, {"error": "Theme not found"})


def test_a_newer_theme_is_offered(wporg: str) -> None:
    installed = {slug: {"Version": "6.8.7"} for slug in ("plain", "own-work")}
    installed["lab-paper"] = {"Version": "1.1"}
    form = {"themes": json.dumps({"active": "plain", "themes": installed})}
    _, answer = ask(f"{wporg}/themes/update-check/1.1/", form)
    assert {s: t["new_version"] for s, t in answer["themes"].items()} == {"plain": "7.1.1"}
    assert list(answer["no_update"]) == ["lab-paper"]


def test_a_french_pack_for_a_version_of_a_theme(wporg: str) -> None:
    _, answer = ask(f"{wporg}/translations/themes/1.0/?slug=lab-paper&version=1.0")
    (pack,) = answer["translations"]
    assert (pack["language"], pack["version"]) == ("fr_FR", "1.0")
    assert pack["package"] == f"{wporg}/translation/theme/lab-paper/1.0/fr_FR.zip"
    files = zipfile.ZipFile(io.BytesIO(fetch(pack["package"])))
    assert files.namelist() == ["lab-paper-fr_FR.mo", "lab-paper-fr_FR.po"]
    assert "Écrit sur papier".encode() in files.read("lab-paper-fr_FR.mo")
    for other in ("themes/1.0/?slug=lab-paper&version=9", "plugins/1.0/?slug=x&version=1.0"):
        assert ask(f"{wporg}/translations/{other}") == (200, {"translations": []})


def test_an_unchanged_download_is_not_sent_again(wporg: str) -> None:
    url = f"{wporg}/plugin/akismet.5.5.zip"
    with urllib.request.urlopen(url, timeout=10) as answer:
        etag = answer.headers["ETag"]
        assert int(answer.headers["Content-Length"]) == len(answer.read())
    again = urllib.request.Request(url, headers={"If-None-Match": etag})
    with pytest.raises(urllib.error.HTTPError) as not_modified:
        urllib.request.urlopen(again, timeout=10)
    assert not_modified.value.code == 304


def test_faults_harm_the_named_plugin_only(shelf: Path) -> None:
    faults = ("--fault", "akismet=truncate", "--fault", "lab-contact=flip")
    with serve(shelf / "wporg", *faults) as wporg:
        with pytest.raises(Exception, match="IncompleteRead"):
            fetch(f"{wporg}/plugin/akismet.5.5.zip")
        whole = (shelf / "wporg" / "plugins" / "lab-contact.1.0.zip").read_bytes()
        flipped = fetch(f"{wporg}/plugin/lab-contact.1.0.zip")
        assert len(flipped) == len(whole)
        assert flipped != whole
        other = (shelf / "wporg" / "plugins" / "lab-guestbook.1.0.zip").read_bytes()
        assert fetch(f"{wporg}/plugin/lab-guestbook.1.0.zip") == other
