"""A fleet folder on disk: what is read, what is told, what is never followed."""

import os
from pathlib import Path

import pytest

from tests.unit.desired.folders import REPOSITORY, sound_fleet
from wpstate.adapters.fleet_files import read_fleet
from wpstate.desired.compose import compose
from wpstate.desired.document import MAX_SIZE_BYTES
from wpstate.model.problem import InvalidDesiredState


def _write(folder: Path, texts: dict[str, str]) -> Path:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def _slugs(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(InvalidDesiredState) as caught:
        compose(read_fleet(folder))
    return [
        (problem.slug, problem.where.file if problem.where else "")
        for problem in caught.value.problems
    ]


@pytest.mark.parametrize(("name", "sites"), [("lab", 10), ("example", 13)])
def test_shipped_fleets_are_sound(name: str, sites: int) -> None:
    assert len(compose(read_fleet(REPOSITORY / "inventories" / name)).sites) == sites


def test_other_files_are_ignored(tmp_path: Path) -> None:
    others = {"README.md": "x", "lab.yml": "x", ".git/config": "x", "packages/a.zip": "x"}
    others |= {"sites/README.md": "x", "sites/.boutique.yml.swp": "x", "docs/notes.yml": "x"}
    folder = _write(tmp_path, sound_fleet() | others)
    assert sorted(read_fleet(folder)) == sorted(sound_fleet())
    assert compose(read_fleet(folder)).name == "agency"


@pytest.mark.parametrize(
    "path",
    ["ansible.cfg", "group_vars/all.yml", "sites/shop.yaml", "sites/a/b.yml", "catalog.yaml"],
)
def test_look_alikes_are_told(tmp_path: Path, path: str) -> None:
    assert _slugs(_write(tmp_path, sound_fleet() | {path: "x: y\n"})) == [
        ("fleet.look_alike", path)
    ]


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yml"
    secret.write_text("url: https://secret.example\n", "utf-8")
    folder = _write(tmp_path / "fleet", sound_fleet())
    (folder / "sites" / "shop.yml").symlink_to(secret)
    assert _slugs(folder) == [("fleet.link_outside", "sites/shop.yml")]


def test_a_folder_that_leads_outside_is_refused(tmp_path: Path) -> None:
    folder = _write(tmp_path / "fleet", sound_fleet())
    (folder / "sites" / "boutique.yml").rename(tmp_path / "boutique.yml")
    (folder / "sites").rmdir()
    (folder / "sites").symlink_to(tmp_path)
    assert _slugs(folder) == [("fleet.link_outside", "sites/boutique.yml")]


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    folder = _write(tmp_path, sound_fleet() | {"profiles/spare.yml": "offer: spare\n"})
    (folder / "profiles" / "other.yml").symlink_to("spare.yml")
    assert read_fleet(folder)["profiles/other.yml"] == "offer: spare\n"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    folder = _write(tmp_path, sound_fleet())
    os.mkfifo(folder / "sites" / "shop.yml")
    assert _slugs(folder) == [("fleet.unreadable", "sites/shop.yml")]


def test_broken_links_and_loops_are_told(tmp_path: Path) -> None:
    folder = _write(tmp_path, sound_fleet())
    (folder / "sites" / "a.yml").symlink_to("nowhere.yml")
    (folder / "sites" / "b.yml").symlink_to("b.yml")
    assert _slugs(folder) == [("fleet.unreadable", f"sites/{n}.yml") for n in "ab"]


def test_a_huge_file_is_told_and_not_read_whole(tmp_path: Path) -> None:
    folder = _write(
        tmp_path, sound_fleet() | {"sites/boutique.yml": "a: " + "x" * (3 * MAX_SIZE_BYTES)}
    )
    assert len(read_fleet(folder)["sites/boutique.yml"]) == MAX_SIZE_BYTES + 1
    assert _slugs(folder) == [("yaml.too_large", "sites/boutique.yml")]


def test_no_folder(tmp_path: Path) -> None:
    assert _slugs(tmp_path / "nowhere") == [("fleet.no_folder", "")]
