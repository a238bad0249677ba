"""Role stage on hostile zips and on a bare PHP: no zip extension, no posix."""

import hashlib
import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite, artifact, playbooks, plugin
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult

MAIN = "<?php\n/* Plugin Name: Trial\n * Version: 1.0 */\n"


@pytest.fixture(scope="module")
def lab_site() -> Iterator[RoleSite]:
    with borrowed("moved", reset=True) as lab:
        yield RoleSite(lab)


@pytest.fixture
def site(lab_site: RoleSite) -> Iterator[RoleSite]:
    lab_site.make_run_dir()
    yield lab_site
    shutil.rmtree(lab_site.run_dir)


@pytest.fixture(params=["php", "bare-php"])
def php(request: pytest.FixtureRequest, lab_site: RoleSite) -> Iterator[str]:
    """The host's PHP, or one without any extension that is not built in."""
    if request.param == "php":
        yield "php"
        return
    bare = Path(lab_site.account.pw_dir) / "bare-php"
    bare.write_text('#!/bin/sh\nexec php -n "$@"\n')
    bare.chmod(0o755)
    yield str(bare)
    bare.unlink()


def make_zip(file: Path, *entries: tuple[str, str, int]) -> Json:
    with zipfile.ZipFile(file, "w") as archive:
        for name, content, mode in (("trial/trial.php", MAIN, 0o100644), *entries):
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = mode << 16
            archive.writestr(info, content)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return {
        "kind": "plugins",
        "slug": "trial",
        "version": "1.0",
        "sha256": digest,
        "file": str(file),
        "old_files": None,
    }


def stage(site: RoleSite, php: str, new: Json) -> PlaybookResult:
    variables: Json = {
        "wpstate": site.facts(php=php),
        "stage": {"artifacts": [new], "core_files": None},
    }
    return playbooks().run("stage", site.site, variables, 60)


def test_a_zip_is_unpacked_and_swapped_in(site: RoleSite, php: str) -> None:
    change = plugin("akismet", "update", "5.7.2")

    staged = stage(site, php, artifact("akismet", "5.7.2"))
    applied = site.apply(site.apply_vars(change, php=php))

    assert staged.ok, staged.failure
    assert applied.ok, applied.failure
    assert site.plugins()["akismet"] == ("5.7.2", "inactive")
    shutil.rmtree(site.lab.plugins / "akismet")
    shutil.move(site.run_dir / "old" / "plugins" / "akismet", site.lab.plugins)


def test_a_link_is_never_staged(site: RoleSite, php: str, tmp_path: Path) -> None:
    new = make_zip(
        tmp_path / "trial.zip",
        ("trial/link", "/etc", stat.S_IFLNK | 0o777),
        ("trial/link/passwd", "written through", 0o100644),
    )

    staged = stage(site, php, new)

    assert staged.failure is not None
    assert not (site.run_dir / "stage" / "plugins" / "trial").exists()
    assert "written" not in Path("/etc/passwd").read_text()


@pytest.mark.parametrize(
    "name", ["../../../escaped.php", "/tmp/escaped.php", "trial/../../escaped"]
)
def test_nothing_is_written_outside(site: RoleSite, php: str, tmp_path: Path, name: str) -> None:
    new = make_zip(tmp_path / "trial.zip", (name, "<?php", 0o100644))

    staged = stage(site, php, new)

    assert staged.failure is not None
    assert not Path("/tmp/escaped.php").exists()
    home = Path(site.account.pw_dir)
    outside = [
        path for path in home.rglob("escaped*") if not str(path).startswith(str(site.run_dir))
    ]
    assert outside == []
    assert not (site.run_dir / "stage" / "plugins" / "trial").exists()


def test_modes_in_the_zip_do_not_count(site: RoleSite, php: str, tmp_path: Path) -> None:
    new = make_zip(tmp_path / "trial.zip", ("trial/run.php", "<?php", 0o106777))

    assert stage(site, php, new).ok

    staged = site.run_dir / "stage" / "plugins" / "trial"
    assert stat.S_IMODE(os.stat(staged / "run.php").st_mode) == 0o644
    assert stat.S_IMODE(os.stat(staged).st_mode) == 0o755
