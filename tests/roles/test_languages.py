"""Language packs as the roles put them in place, where content lies elsewhere than usual too."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.integration.lab_site import LAB_ROOT, borrowed
from tests.integration.zips import zipped_only
from tests.roles.role_site import RoleSite
from wpstate.model.state import Json

ZIP = LAB_ROOT / "wporg" / "translations" / "core" / "7.1.1" / "fr_FR.zip"


@pytest.fixture
def site() -> Iterator[RoleSite]:
    with borrowed("pagecache", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def pack(file: Path = ZIP) -> Json:
    return {
        "kind": "translations",
        "slug": "fr_FR",
        "version": "7.1.1",
        "sha256": sha256(file.read_bytes()).hexdigest(),
        "file": str(file),
        "old_files": None,
    }


def speak(site: RoleSite, locale: str, *packs: str) -> Json:
    variables = site.apply_vars()
    boot: Json = {"upgrade_database": False, "locale": locale}
    return {**variables, "languages": list(packs), "boot": boot}


def test_french_and_back_each_once(site: RoleSite) -> None:
    languages = site.lab.path / "wp-content" / "languages"
    before = site.tree()
    assert site.stage(pack(), check=True).changed
    assert site.stage(pack()).ok
    assert site.apply(speak(site, "fr_FR", "fr_FR"), check=True).changed
    assert site.tree() == before

    applied = site.apply(speak(site, "fr_FR", "fr_FR"))

    assert applied.ok, applied.failure
    assert applied.changed == ("Swap the language packs", "Start WordPress once")
    assert site.wp("eval", "echo get_locale(), ' ', __( 'Log In' );") == "fr_FR Se connecter"
    assert not list(languages.rglob("*.php"))
    assert {path.stat().st_uid for path in languages.rglob("*")} == {site.account.pw_uid}
    again = site.apply(speak(site, "fr_FR", "fr_FR"))
    assert (again.ok, again.changed) == (True, ())
    back = site.apply(speak(site, "en_US"))
    assert back.changed == ("Start WordPress once",)
    assert site.wp("option", "get", "WPLANG") == ""


def test_a_language_without_its_pack_fails(site: RoleSite) -> None:
    unstaged = site.apply(speak(site, "fr_FR", "fr_FR"))
    assert unstaged.failure is not None
    assert "not staged" in unstaged.failure.message
    missing = site.apply(speak(site, "de_DE"))
    assert missing.failure is not None
    assert "no language pack" in missing.failure.message
    assert site.wp("eval", "echo get_locale();") == "en_US"


@pytest.mark.parametrize("name", ["evil.php", "fr_FR.php", "de_DE.mo", "sub/fr_FR.mo"])
def test_strange_files_are_refused_on_the_host_too(
    name: str, site: RoleSite, tmp_path: Path
) -> None:
    file = tmp_path / "pack.zip"
    file.write_bytes(zipped_only(("fr_FR.mo", b"x"), (name, b"<?php")))

    staged = site.stage(pack(file))

    assert staged.failure is not None
    assert staged.failure.refused
    assert not (site.run_dir / "stage" / "languages" / "fr_FR").exists()


def test_a_language_goes_and_its_neighbours_stay(site: RoleSite) -> None:
    languages = site.lab.path / "wp-content" / "languages"
    goes = ("de_DE.mo", "admin-de_DE.mo", "plugins/a-b-de_DE.l10n.php", "plugins/a-b-de_DE-0f.json")
    stays = ("de_DE_formal.mo", "fr_FR.mo", "plugins/a-b-fr_FR.mo", "plugins/c-de_DE.mo")
    for name in (*goes, *stays):
        (languages / name).parent.mkdir(parents=True, exist_ok=True)
        (languages / name).write_text("<?php return [];")
    for path in (languages, *languages.rglob("*")):
        os.chown(path, site.account.pw_uid, site.account.pw_gid)
    away: Json = {"absent": ["de_DE", "plugins/a-b-de_DE"], "in_wordpress": False}
    told = {**site.apply_vars(), "kinds": {"languages": away}}
    before = site.tree()
    assert site.apply(told, check=True).changed == ("Move languages away",)
    assert site.tree() == before

    applied = site.apply(told)

    assert applied.ok, applied.failure
    assert applied.changed == ("Move languages away",)
    left = {str(path.relative_to(languages)) for path in languages.rglob("*") if path.is_file()}
    assert left == set(stays)
    assert site.wp("eval", "echo implode( ' ', get_available_languages() );") == (
        "de_DE_formal fr_FR"
    )
    old = site.run_dir / "old" / "languages"
    assert (old / "plugins" / "a-b-de_DE" / "a-b-de_DE.l10n.php").is_file()
    assert site.apply(told).changed == ()


def test_content_elsewhere_on_another_filesystem(site: RoleSite) -> None:
    """The pack goes where the site's content is, and nothing is left beside it."""
    content = Path(tempfile.mkdtemp(dir="/dev/shm"))
    old = content / "languages" / "fr_FR.l10n.php"
    old.parent.mkdir()
    old.write_text("<?php return [];")
    for path in (content, old.parent, old):
        os.chown(path, site.account.pw_uid, site.account.pw_gid)
    far = replace(site, content_dir=content)
    try:
        assert far.stage(pack()).ok
        assert (content / ".wpstate-role-test" / "stage" / "languages").is_dir()
        variables = {**far.apply_vars(), "languages": ["fr_FR"]}
        applied = far.apply(variables)

        assert applied.ok, applied.failure
        assert (content / "languages" / "fr_FR.mo").is_file()
        assert not old.exists()
        assert not list(content.glob(".wpstate-*"))
        kept = site.run_dir / "old" / "languages" / "fr_FR" / "fr_FR.l10n.php"
        assert kept.read_text() == "<?php return [];"
        assert not (site.lab.path / "wp-content" / "languages").exists()
    finally:
        shutil.rmtree(content)
