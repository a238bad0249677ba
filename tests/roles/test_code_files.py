"""Role code_files: must-use plugins and drop-ins come, change and go without WordPress."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite
from wpstate.model.state import Json


@pytest.fixture
def site() -> Iterator[RoleSite]:
    with borrowed("getenv", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def file(path: Path, kind: str = "mu_plugins") -> Json:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "kind": kind, "slug": path.name, "version": "", "sha256": sha256,
        "file": str(path), "old_files": None,
    }  # fmt: skip


def asked(site: RoleSite, *names: tuple[str, str | None], kind: str = "mu_plugins") -> Json:
    below = "wp-content/mu-plugins" if kind == "mu_plugins" else "wp-content"
    files = [{"name": name, "sha256": sha256} for name, sha256 in names]
    told: Json = {"folder": str(site.lab.path / below), "files": files, "in_wordpress": False}
    return {**site.apply_vars(), "kinds": {kind: told}}


def test_a_file_comes_changes_and_goes(site: RoleSite, tmp_path: Path) -> None:
    live = site.lab.path / "wp-content" / "mu-plugins" / "agency.php"
    source = tmp_path / "agency.php"
    for number in (1, 2):
        source.write_text(f"<?php // {number}\nadd_action( 'init', '__return_true' );\n")
        new = file(source)
        told = asked(site, ("agency.php", str(new["sha256"])))
        before = site.tree()
        assert site.stage(new, check=True).changed
        assert site.stage(new).ok
        assert site.apply(told, check=True).changed[0] == "Swap must-use plugins and drop-ins"
        assert site.tree() == before
        applied = site.apply(told)
        assert applied.ok, applied.failure
        assert live.read_bytes() == source.read_bytes()
        assert live.stat().st_uid == site.account.pw_uid
        assert site.apply(told).changed == ()
    assert "agency" in site.wp("plugin", "list", "--status=must-use", "--field=name")
    kept = site.run_dir / "old" / "mu_plugins" / "agency.php"
    assert "// 1" in kept.read_text()
    kept.unlink()

    gone = site.apply(asked(site, ("agency.php", None)))
    assert gone.ok, gone.failure
    assert not live.exists()
    assert "// 2" in kept.read_text()
    assert site.apply(asked(site, ("agency.php", None))).changed == ()


def test_bytes_that_break_wordpress_are_found_in_its_one_start(
    site: RoleSite, tmp_path: Path
) -> None:
    source = tmp_path / "php-error.php"
    source.write_text("<?php\nno_such_function();\n")
    bad = file(source, "mu_plugins") | {"slug": "bad.php"}
    assert site.stage(bad).ok
    applied = site.apply(asked(site, ("bad.php", str(bad["sha256"]))))
    assert applied.failure is not None
    assert "no_such_function" in applied.failure.message


def test_other_bytes_than_planned_are_not_put_in_place(site: RoleSite, tmp_path: Path) -> None:
    source = tmp_path / "agency.php"
    source.write_text("<?php // as planned\n")
    new = file(source)
    assert site.stage(new).ok
    staged = site.run_dir / "stage" / "mu_plugins" / "agency.php"
    staged.write_text("<?php // somebody else's\n")
    applied = site.apply(asked(site, ("agency.php", str(new["sha256"]))))
    assert applied.failure is not None
    assert "not staged" in applied.failure.message
    assert not (site.lab.path / "wp-content" / "mu-plugins" / "agency.php").exists()


def test_a_linked_file_is_not_replaced(site: RoleSite, tmp_path: Path) -> None:
    live = site.lab.path / "wp-content" / "db-error.php"
    live.symlink_to(site.lab.path / "index.php")
    source = tmp_path / "db-error.php"
    source.write_text("<?php // ours\n")
    new = file(source, "dropins")
    assert site.stage(new).ok
    applied = site.apply(asked(site, ("db-error.php", str(new["sha256"])), kind="dropins"))
    assert applied.failure is not None
    assert "link" in applied.failure.message
    assert live.is_symlink()
