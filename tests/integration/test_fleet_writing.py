"""Files of an import: written into the fleet folder alone, each whole."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.builders import NOW
from wpstate.adapters.fleet_files import read_fleet
from wpstate.adapters.fleet_writing import write_imported
from wpstate.model.imported import Audit, Imported
from wpstate.model.problem import Failed, Refused
from wpstate.model.site import SiteId

_SHOP = SiteId("shop")
_CODE = "<?php // é\n".encode("latin-1")


def _imported(**files: bytes) -> Imported:
    audit = Audit(_SHOP, "https://shop.example", NOW, "7.1.1", "8.2.29", (), ())
    by_path = {f"files/shop/{name}.php": content for name, content in files.items()}
    return Imported(_SHOP, (), "url: x\n", "all: {}\n", audit, by_path)


def test_everything_is_there_and_the_fleet_reads_it(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("# before\n", "utf-8")
    write_imported(tmp_path, _imported(a=_CODE), "# Audit\n", "[]\n")
    texts = read_fleet(tmp_path)
    assert {path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()} == {
        "files/shop/a.php": _CODE,
        "hosts.yml": b"all: {}\n",
        "sites/shop.yml": b"url: x\n",
    }
    assert (tmp_path / "audits/shop.md").read_text("utf-8") == "# Audit\n"
    assert json.loads((tmp_path / "audits/shop.json").read_text("utf-8")) == []
    assert [file.name for file in tmp_path.rglob(".*")] == [".gitignore"]


def test_what_was_seen_of_a_site_stays_out_of_git(tmp_path: Path) -> None:
    """Whatever the fleet's own .gitignore says."""
    write_imported(tmp_path, _imported(a=_CODE), "# Audit\n", "[]\n")
    for words in (("init", "-q"), ("add", "-A")):
        subprocess.run(("git", *words), cwd=tmp_path, check=True)
    said = subprocess.run(("git", "ls-files"), cwd=tmp_path, check=True, capture_output=True)
    assert said.stdout.decode().split() == ["files/shop/a.php", "hosts.yml", "sites/shop.yml"]


@pytest.mark.parametrize("link", ["files", "files/shop", "sites", "audits"])
def test_no_link_leads_an_import_out_of_the_fleet(tmp_path: Path, link: str) -> None:
    fleet, outside = tmp_path / "fleet", tmp_path / "outside"
    outside.mkdir()
    (fleet / link).parent.mkdir(parents=True)
    (fleet / link).symlink_to(outside)
    with pytest.raises(Refused) as caught:
        write_imported(fleet, _imported(a=_CODE), "", "")
    assert {problem.slug for problem in caught.value.problems} == {"fleet.link_outside"}
    assert not list(outside.iterdir())
    assert not [path for path in fleet.rglob("*") if path.is_file()]


def test_what_lies_in_the_way_is_not_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("theirs", "utf-8")
    (tmp_path / "fleet/sites").mkdir(parents=True)
    (tmp_path / "fleet/sites/.shop.yml.new").symlink_to(outside)
    (tmp_path / "fleet/hosts.yml").symlink_to(outside)
    write_imported(tmp_path / "fleet", _imported(), "", "")
    assert outside.read_text("utf-8") == "theirs"


def test_a_folder_in_a_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "sites/shop.yml").mkdir(parents=True)
    with pytest.raises(Failed) as caught:
        write_imported(tmp_path, _imported(), "", "")
    assert [problem.slug for problem in caught.value.problems] == ["import.not_written"]
    assert not (tmp_path / "hosts.yml").exists()
