"""Role core on a real site whose wp-config.php lies above its folder."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.integration.lab_site import LAB_ROOT, borrowed
from tests.lab_versions import NEWER as NEW
from tests.lab_versions import OLDER as OLD
from tests.roles.role_site import RoleSite, artifact, shipped_files
from wpstate.model.state import Json


@pytest.fixture(scope="module")
def core_files() -> Json:
    return {"old": shipped_files(OLD), "new": shipped_files(NEW)}


@pytest.fixture
def site() -> Iterator[RoleSite]:
    with borrowed("above", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def put(site: RoleSite, path: str, text: str) -> None:
    (site.lab.path / path).write_text(text)
    shutil.chown(site.lab.path / path, site.account.pw_uid, site.account.pw_gid)


def test_core_becomes_exactly_the_new_version(site: RoleSite, core_files: Json) -> None:
    put(site, "wp-includes/.htaccess", "Deny from all\n")
    put(site, "wp-admin/php.ini", "memory_limit=64M\n")
    put(site, "robots.txt", "the client's own\n")
    (site.lab.path / "readme.html").chmod(0o600)
    content = {p: h for p, h in site.tree().items() if p.startswith("wp-content/")}
    change = {"from": OLD, "to": NEW}

    assert site.stage(artifact("wordpress", NEW), core_files=core_files).ok
    applied = site.apply(site.apply_vars(core=change, upgrade=True))

    assert applied.ok, applied.failure
    assert applied.changed == ("Swap WordPress itself", "Start WordPress once")
    tree = site.tree()
    assert {p: h for p, h in tree.items() if p.startswith("wp-content/")} == content
    new = set(core_files["new"] if isinstance(core_files["new"], list) else ())
    have = {path for path in tree if not path.startswith("wp-content/")}
    ours = {"wp-includes/.htaccess", "wp-admin/php.ini", "robots.txt"}
    assert have == {path for path in new if not path.startswith("wp-content/")} | ours
    assert (site.lab.path / "readme.html").stat().st_mode & 0o777 == 0o600
    assert (site.lab.path / "index.php").stat().st_mode & 0o777 == 0o644
    assert site.wp("core", "version") == NEW
    assert "already at latest db version" in site.wp("core", "update-db")
    again = site.apply(site.apply_vars(core=change, upgrade=True))
    assert again.ok
    assert again.changed == ()


def test_bytes_are_those_of_the_zip(site: RoleSite, core_files: Json) -> None:
    assert site.stage(artifact("wordpress", NEW), core_files=core_files).ok
    assert site.apply(site.apply_vars(core={"from": OLD, "to": NEW}, upgrade=True)).ok

    pristine = LAB_ROOT / "cache" / f"wordpress-{NEW}"
    for folder in ("wp-admin", "wp-includes"):
        # diff is nobody's of ours
        status = os.system(f"diff -r '{pristine}/{folder}' '{site.lab.path}/{folder}' >&2")
        assert status == 0


def test_what_the_new_version_no_longer_ships_is_moved_away(
    site: RoleSite, core_files: Json
) -> None:
    put(site, "wp-register.php", "<?php // shipped long ago")
    old = core_files["old"]
    assert isinstance(old, list)
    files: Json = {**core_files, "old": [*old, "wp-register.php"]}

    assert site.stage(artifact("wordpress", NEW), core_files=files).ok
    assert site.apply(site.apply_vars(core={"from": OLD, "to": NEW})).ok

    assert not (site.lab.path / "wp-register.php").exists()
    assert (site.run_dir / "old" / "core" / "root" / "wp-register.php").is_file()


def test_unknown_php_in_core_is_refused_before_the_freeze(site: RoleSite, core_files: Json) -> None:
    put(site, "wp-includes/class-wp-cache.php", "<?php // not WordPress's")

    staged = site.stage(artifact("wordpress", NEW), core_files=core_files)

    assert staged.failure is not None
    assert staged.failure.refused
    assert "wp-includes/class-wp-cache.php" in staged.failure.message
    assert site.wp("core", "version") == OLD


def test_check_mode_tells_and_changes_nothing(site: RoleSite, core_files: Json) -> None:
    before = site.tree()

    staged = site.stage(artifact("wordpress", NEW), core_files=core_files, check=True)
    applied = site.apply(site.apply_vars(core={"from": OLD, "to": NEW}, upgrade=True), check=True)

    assert staged.changed
    assert applied.changed == ("Swap WordPress itself", "Start WordPress once")
    assert site.tree() == before
