"""`wpstate lock` over a real store and the lab's look-alike, and back through a composed fleet."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.test_artifacts import SHOP_ZIP, wordpress_org
from tests.integration.zips import zipped, zipped_only
from wpstate.adapters.artifacts import FolderArtifactStore
from wpstate.adapters.lock_file import write_lock
from wpstate.desired.compose import compose
from wpstate.model.desired import Artifact, Fleet
from wpstate.model.problem import Failed, Refused, UsageError
from wpstate.workflows.lock import LockedVersion, lock, lock_text, wanted_artifacts

SCHEMA = "../../schemas/lock.schema.json"
FOLDER = {
    "fleet.yml": "name: test\nwordpress_org: {api: URL, downloads: URL}\n",
    "catalog.yml": "core: 9.9\nplugins: {shop: 1.10, paid: {approved: 3.0, zips: {3.0: p.zip}}}\n",
    "hosts.yml": "all: {hosts: {a: {ansible_host: 127.0.0.1, ansible_user: a, wp_path: /a}}}\n",
    "sites/a.yml": "url: http://127.0.0.1\ncore: approved\nplugins: {shop: 1.9, paid: approved}\n",
}


def core_zip(version: str, database: int) -> bytes:
    text = f"<?php\n$wp_version = '{version}';\n$wp_db_version = {database};\n"
    return zipped_only(("wordpress/wp-includes/version.php", text.encode()))


def plugin_zip(slug: str, version: str, body: str = "") -> bytes:
    main = f"<?php\n// Plugin Name: {slug}\n// Version: {version}\n{body}"
    return zipped_only((f"{slug}/{slug}.php", main.encode()))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    root = tmp_path / "wporg"
    (root / "plugins").mkdir(parents=True)
    (root / "core").mkdir()
    (root / "core" / "wordpress-9.9.zip").write_bytes(core_zip("9.9", 99001))
    (root / "plugins" / "closed.json").write_text("{}")
    for version in ("1.9", "1.10"):
        (root / "plugins" / f"shop.{version}.zip").write_bytes(plugin_zip("shop", version))
    return root


@pytest.fixture
def fleet_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "fleet"
    folder.mkdir()
    (folder / "p.zip").write_bytes(plugin_zip("paid", "3.0"))
    return folder


def composed(url: str, fleet_folder: Path) -> Fleet:
    """FOLDER with the lock as it is on disk."""
    texts = {name: text.replace("URL", url) for name, text in FOLDER.items()}
    kept = fleet_folder / "catalog.lock.yml"
    return compose(texts | ({kept.name: kept.read_text()} if kept.exists() else {}))


def store(tmp_path: Path, url: str, name: str = "artifacts") -> FolderArtifactStore:
    return FolderArtifactStore(
        tmp_path / name, fleet_folder=tmp_path / "fleet", download_url=url, api_url=url
    )


def test_locks_all_that_sites_and_catalog_name(
    tmp_path: Path, shelf: Path, fleet_folder: Path
) -> None:
    with wordpress_org(shelf) as url:
        result = lock(composed(url, fleet_folder), store(tmp_path, url))
    found = [(e.kind, e.slug, e.version, e.database) for e in result.entries]
    assert found == [
        ("core", "wordpress", "9.9", 99001),
        ("plugins", "paid", "3.0", None),
        ("plugins", "shop", "1.9", None),
        ("plugins", "shop", "1.10", None),
    ]
    assert (result.added, result.replaced) == (result.entries, ())


def test_a_composed_fleet_then_carries_the_locked_bytes(
    tmp_path: Path, shelf: Path, fleet_folder: Path
) -> None:
    with wordpress_org(shelf) as url:
        artifacts = store(tmp_path, url)
        first = lock(composed(url, fleet_folder), artifacts)
        text = lock_text(first.entries, SCHEMA)
        write_lock(fleet_folder, text)
        fleet = composed(url, fleet_folder)
        second = lock(fleet, artifacts)
    hashes = {(a.slug, a.version): a.sha256 for a in wanted_artifacts(fleet)}
    assert hashes == {(e.slug, e.version): e.sha256 for e in first.entries}
    databases = [m.want.value for m in fleet.sites[0].managed if m.address == "core.database"]
    assert databases == [99001]
    assert (second.added, second.replaced) == ((), ())
    assert lock_text(second.entries, SCHEMA) == text


def test_a_language_is_locked_for_each_version_of_wordpress(
    tmp_path: Path, shelf: Path, fleet_folder: Path
) -> None:
    packs = shelf / "translations" / "core" / "9.9"
    packs.mkdir(parents=True)
    texts = FOLDER | {"sites/a.yml": "url: http://127.0.0.1\nlanguage: fr\ncore: approved\n"}
    with wordpress_org(shelf) as url:
        texts = {name: text.replace("URL", url) for name, text in texts.items()}
        artifacts = store(tmp_path, url)
        with pytest.raises(Failed) as failure:
            lock(compose(texts), artifacts)
        assert [problem.key for problem in failure.value.problems] == ["translations.fr_FR"]
        (packs / "fr_FR.zip").write_bytes(zipped_only(("fr_FR.mo", b"x"), ("evil.php", b"<?php")))
        with pytest.raises(Refused) as refusal:
            lock(compose(texts), artifacts)
        assert [p.slug for p in refusal.value.problems] == ["artifact.language_file"]
        (packs / "fr_FR.zip").write_bytes(zipped_only(("fr_FR.mo", b"x"), ("fr_FR.po", b"")))
        text = lock_text(lock(compose(texts), artifacts).entries, SCHEMA)
        fleet = compose(texts | {"catalog.lock.yml": text})
        again = lock(fleet, artifacts)

    assert "translations:\n  fr_FR:\n    core:\n      9.9:\n        sha256: " in text
    assert (again.added, lock_text(again.entries, SCHEMA)) == ((), text)
    found = {pack.slug: pack.sha256 is not None for pack in fleet.sites[0].packs}
    assert found == {"fr_FR": True, "plugins/shop-fr_FR": False}, "no pack of it is no failure"


def test_packs_of_plugins_stand_below_their_language(
    tmp_path: Path, shelf: Path, fleet_folder: Path
) -> None:
    """Two languages, so that each has one place in the file."""
    texts = FOLDER | {
        "catalog.yml": "core: 9.9\nplugins: {shop: 1.10}\n",
        "sites/a.yml": "url: http://127.0.0.1\nlanguage: fr\n",
        "sites/b.yml": "url: http://127.0.0.1:81\nlanguages: [de_DE]\n",
    }
    texts["hosts.yml"] = texts["hosts.yml"].replace(
        "{hosts: {", "{hosts: {b: {ansible_host: 127.0.0.1, ansible_user: a, wp_path: /b}, "
    )
    for place, stem in (("core/9.9", ""), ("plugins/shop/1.10", "shop-")):
        for locale in ("de_DE", "fr_FR"):
            zip_ = shelf / "translations" / place / f"{locale}.zip"
            zip_.parent.mkdir(parents=True, exist_ok=True)
            told = b'"PO-Revision-Date: 2026-03-01 10:00+0200\\n"\n'
            zip_.write_bytes(
                zipped_only((f"{stem}{locale}.mo", b"x"), (f"{stem}{locale}.po", told))
            )
    with wordpress_org(shelf) as url:
        texts = {name: text.replace("URL", url) for name, text in texts.items()}
        artifacts = store(tmp_path, url)
        text = lock_text(lock(compose(texts), artifacts).entries, SCHEMA)
        fleet = compose(texts | {"catalog.lock.yml": text})
        again = lock(fleet, artifacts)

    assert "\n    plugins.shop:\n      1.10:\n        sha256: " in text
    assert text.count("        revision: 2026-03-01T08:00:00Z\n") == 4
    assert {pack.revision for pack in fleet.sites[0].packs} == {"2026-03-01T08:00:00Z"}
    assert text.count("  de_DE:\n") == text.count("  fr_FR:\n") == 1
    assert all(pack.sha256 for pack in fleet.sites[0].packs)
    assert (again.added, lock_text(again.entries, SCHEMA)) == ((), text)


def test_other_bytes_are_a_loud_refusal_until_they_are_accepted(
    tmp_path: Path, shelf: Path, fleet_folder: Path
) -> None:
    with wordpress_org(shelf) as url:
        artifacts = store(tmp_path, url)
        first = lock(composed(url, fleet_folder), artifacts)
        before = lock_text(first.entries, SCHEMA)
        write_lock(fleet_folder, before)
        locked = composed(url, fleet_folder)
        changed = plugin_zip("shop", "1.10", "eval($_POST['x']);")
        (shelf / "plugins" / "shop.1.10.zip").write_bytes(changed)

        assert lock(locked, artifacts).entries == first.entries  # kept bytes are the locked ones
        with pytest.raises(Refused) as refusal:
            lock(locked, artifacts, recheck=True)
        assert [p.slug for p in refusal.value.problems] == ["artifact.hash"]
        assert "--upgrade shop" in str(refusal.value.problems[0].mend)
        with pytest.raises(Refused) as refusal:
            lock(locked, store(tmp_path, url, "empty"))
        assert [p.slug for p in refusal.value.problems] == ["artifact.hash"]

        accepted = lock(locked, artifacts, upgrade=("shop",))
    ((entry, was),) = accepted.replaced
    assert (entry.slug, entry.version) == ("shop", "1.10")
    assert was != entry.sha256
    assert lock_text(accepted.entries, SCHEMA) == before.replace(was, entry.sha256)


def test_every_artifact_is_tried_and_all_problems_are_told(
    tmp_path: Path, shelf: Path, fleet_folder: Path
) -> None:
    (shelf / "core" / "wordpress-9.9.zip").unlink()
    (shelf / "plugins" / "shop.1.9.zip").write_bytes(zipped([("shop/../x", b"")]))
    with wordpress_org(shelf) as url:
        with pytest.raises(Refused) as refusal:
            lock(composed(url, fleet_folder), store(tmp_path, url))
        slugs = [(problem.slug, problem.key) for problem in refusal.value.problems]
        assert slugs == [
            ("artifact.path", "plugins.shop"),
            ("artifact.unavailable", "core.wordpress"),
        ]
        (shelf / "plugins" / "shop.1.9.zip").write_bytes(plugin_zip("shop", "1.9"))
        with pytest.raises(Failed):
            lock(composed(url, fleet_folder), store(tmp_path, url))


def test_a_version_must_be_the_zips_own(tmp_path: Path, shelf: Path, fleet_folder: Path) -> None:
    (shelf / "plugins" / "shop.1.9.zip").write_bytes(SHOP_ZIP)
    with wordpress_org(shelf) as url, pytest.raises(Refused) as refusal:
        lock(composed(url, fleet_folder), store(tmp_path, url))
    assert [problem.slug for problem in refusal.value.problems] == ["artifact.version"]


def test_only_slugs_of_the_fleet_can_be_upgraded(tmp_path: Path, fleet_folder: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    with pytest.raises(UsageError) as error:
        lock(composed(nowhere, fleet_folder), store(tmp_path, nowhere), upgrade=("shopp",))
    assert [(p.slug, p.found) for p in error.value.problems] == [("lock.slug", "shopp")]


def test_a_new_version_of_another_author_is_refused_until_the_catalog_says_so(
    tmp_path: Path, shelf: Path, fleet_folder: Path
) -> None:
    """Slugs have been taken over: whoever published the versions before is who is expected."""
    theirs = plugin_zip("shop", "1.10", "// Author: Somebody Else\n// Update URI: https://x.test\n")
    (shelf / "plugins" / "shop.1.9.zip").write_bytes(plugin_zip("shop", "1.9", "// Author: Ana\n"))
    only_old = FOLDER["catalog.yml"].replace("shop: 1.10", "shop: 1.9")
    with wordpress_org(shelf) as url:
        texts = {n: t.replace("URL", url) for n, t in (FOLDER | {"catalog.yml": only_old}).items()}
        artifacts = store(tmp_path, url)
        text = lock_text(lock(compose(texts), artifacts).entries, SCHEMA)
        assert 'identity: {"author": "Ana", "text_domain": "shop"}' in text
        (shelf / "plugins" / "shop.1.10.zip").write_bytes(theirs)
        texts |= {"catalog.yml": FOLDER["catalog.yml"], "catalog.lock.yml": text}
        with pytest.raises(Refused) as refusal:
            lock(compose(texts), artifacts)
        (problem,) = refusal.value.problems
        assert (problem.slug, problem.key) == ("artifact.identity", "plugins.shop")
        assert problem.found == (
            '1.10: author "Somebody Else" in place of "Ana", '
            'update_uri "https://x.test" in place of ""'
        )
        accepted = "{author: Somebody Else, update_uri: https://x.test}"
        named = f"shop: {{approved: 1.10, identity: {accepted}}}"
        texts["catalog.yml"] = texts["catalog.yml"].replace("shop: 1.10", named)
        both = lock(compose(texts), artifacts)  # the site's own version stays who it was
        shop = [e for e in both.entries if e.slug == "shop"]
        authors = {e.version: e.identity.author for e in shop if e.identity}
        assert authors == {"1.9": "Ana", "1.10": "Somebody Else"}
        again = texts | {"catalog.lock.yml": lock_text(both.entries, SCHEMA)}
        assert lock(compose(again), artifacts).entries == both.entries


def test_text_of_the_lock() -> None:
    entries = (
        LockedVersion("core", "wordpress", "7.1.1", "a" * 64, 60717),
        LockedVersion("plugins", "akismet", "5.9", "b" * 64),
        LockedVersion("plugins", "akismet", "5.10", "c" * 64),
        LockedVersion("plugins", "wordpress", "7.1.1", "d" * 64),
    )
    assert lock_text(entries, SCHEMA) == (
        f"# yaml-language-server: $schema={SCHEMA}\n"
        "# The exact bytes of every version in use. Written by `wpstate lock`.\n"
        "core:\n"
        "  7.1.1:\n"
        f"    sha256: {'a' * 64}\n"
        "    database: 60717\n"
        "plugins:\n"
        "  akismet:\n"
        "    5.9:\n"
        f"      sha256: {'b' * 64}\n"
        "    5.10:\n"
        f"      sha256: {'c' * 64}\n"
        "  wordpress:\n"
        "    7.1.1:\n"
        f"      sha256: {'d' * 64}\n"
    )


def test_the_same_version_is_wanted_once() -> None:
    one = Artifact("plugins", "shop", "1.10", "wordpress.org", None)
    older = replace(one, version="1.9")
    core = Artifact("core", "wordpress", "9.9", "wordpress.org", None)
    fleet = Fleet("test", "", "", (), approved=(one, older, core, one))
    assert wanted_artifacts(fleet) == (core, older, one)
