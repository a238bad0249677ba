"""Copies of themes' code in the fleet folder: written only there, read only there."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from tests.builders import desired
from wpstate.adapters.kept_files import FleetFiles
from wpstate.model.desired import Artifact
from wpstate.model.problem import Refused
from wpstate.model.site import SiteId

_SHOP = SiteId("shop")
_CODE = {"header.php": b"<?php\n", "inc/a.php": b"<?php // a\n"}


class _Shelf:
    """Zips that are there already, by sha256."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def fetch(self, artifact: Artifact) -> Path:
        assert hashlib.sha256(self.file.read_bytes()).hexdigest() == artifact.sha256
        return self.file


def _zip(folder: Path) -> tuple[_Shelf, Artifact]:
    file = folder / "maison.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("maison/header.php", "<?php // from the zip\n")
        archive.writestr("maison/logo.png", "x")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    return _Shelf(file), Artifact("themes", "maison", "1.2", "packages/maison.zip", sha256)


def _files(fleet: Path, *approved: Artifact, shelf: _Shelf | None = None) -> FleetFiles:
    return FleetFiles(fleet, lambda: shelf or _Shelf(fleet), approved)


def test_what_is_kept_is_found_again_and_replaced_whole(tmp_path: Path) -> None:
    files = _files(tmp_path)
    assert files.of_theme(desired(), "maison", "1.2") is None
    folder = files.keep(_SHOP, "maison", _CODE)
    assert folder == tmp_path / "theme-files/shop/maison"
    assert files.of_theme(desired(), "maison", "1.2") == _CODE
    files.keep(_SHOP, "maison", {"header.php": b"<?php // new\n"})
    assert files.of_theme(desired(), "maison", "9") == {"header.php": b"<?php // new\n"}


def test_a_locked_zip_counts_before_a_copy(tmp_path: Path) -> None:
    shelf, artifact = _zip(tmp_path)
    files = _files(tmp_path, artifact, shelf=shelf)
    files.keep(_SHOP, "maison", _CODE)
    of_zip = {"header.php": b"<?php // from the zip\n"}
    assert files.of_theme(desired(), "maison", "1.2") == of_zip
    assert files.has_zip(desired(), "maison", "1.2")
    assert files.of_theme(desired(), "maison", "1.3") == _CODE


@pytest.mark.parametrize("path", ["../../fleet.yml", "/etc/x.php", "a/../../x.php", ".git/x.php"])
def test_a_site_names_no_path_outside_its_copy(path: str, tmp_path: Path) -> None:
    for theme, name in (("maison", path), (path, "header.php")):
        with pytest.raises(Refused) as refused:
            _files(tmp_path).keep(_SHOP, theme, {name: b"<?php"})
        assert refused.value.problems[0].slug == "theme.path"
    assert list(tmp_path.iterdir()) == []


def test_no_link_leads_a_copy_out_of_the_fleet(tmp_path: Path) -> None:
    """A pull request may bring links."""
    fleet, outside = tmp_path / "fleet", tmp_path / "outside"
    (outside / "maison").mkdir(parents=True)
    (outside / "maison/header.php").write_text("secret")
    fleet.mkdir()
    files = _files(fleet)
    for link in ("theme-files/shop/maison/header.php", "theme-files/shop/maison",
                 "theme-files/shop", "theme-files"):  # fmt: skip
        target = outside if link.count("/") < 2 else outside / "maison"
        target = target / "header.php" if link.endswith("header.php") else target
        (fleet / link).parent.mkdir(parents=True, exist_ok=True)
        (fleet / link).symlink_to(target)
        assert not files.of_theme(desired(), "maison", "1.2")
        if link.count("/") < 2:
            with pytest.raises(Refused):
                files.keep(_SHOP, "maison", _CODE)
        else:
            files.keep(_SHOP, "maison", _CODE)
        assert (outside / "maison/header.php").read_text() == "secret"
        assert [p.name for p in (outside / "maison").iterdir()] == ["header.php"]
        _clear(fleet)


def _clear(fleet: Path) -> None:
    for path in sorted(fleet.rglob("*"), reverse=True):
        path.unlink() if path.is_symlink() or path.is_file() else path.rmdir()
