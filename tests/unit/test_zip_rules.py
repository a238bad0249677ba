"""Rules over a listing, one case a rule, and their bounds from both sides."""

from dataclasses import replace
from itertools import accumulate

import pytest

from wpstate.planning.zip_rules import (
    MOST_ENTRIES,
    MOST_UNPACKED_BYTES,
    TINY_BYTES,
    ZipEntry,
    is_safe_path,
    listing_problems,
)


def entry(name: str, size_bytes: int = 10, packed_bytes: int = 10, **more: object) -> ZipEntry:
    return ZipEntry(name, size_bytes, packed_bytes, **more)  # type: ignore[arg-type]


def slugs(*entries: ZipEntry) -> list[str]:
    """Slugs of the problems of a zip for `shop`, the entries placed one after the other."""
    sizes = (30 + len(each.name) + each.packed_bytes for each in entries)
    offsets = accumulate(sizes, initial=0)
    placed = [replace(each, offset=at) for each, at in zip(entries, offsets, strict=False)]
    return [problem.slug for problem in listing_problems("shop", placed)]


MAIN = entry("shop/shop.php")


def test_a_good_zip_has_no_problem() -> None:
    image = entry("shop/blank.bmp", TINY_BYTES - 100, 1100)
    folder = entry("shop/assets/", 0, 0, mode=0o40755)
    assert slugs(MAIN, folder, entry("shop/assets/é ü.css", mode=0o100644), image) == []


@pytest.mark.parametrize(
    ("bad", "slug"),
    [
        *((entry(name), "artifact.path") for name in ("shop/../../x", "/shop/x", "shop//x")),
        *((entry(name), "artifact.path") for name in ("shop/./x", "shop\\x", "C:/x", "..", "")),
        *((entry(f"shop/{name}"), "artifact.name") for name in ("a\nb", "a\rb", "a\0b", "a\x1bb")),
        *((entry(f"shop/{name}"), "artifact.name") for name in ("aux.php", "NUL", "com1/x.php")),
        (entry("shop/" + "x" * 256), "artifact.name"),
        (entry("shop/" + "é" * 128), "artifact.name"),
        (entry("shop/" + "x/" * 254), "artifact.name"),
        (entry("shop/é", legacy_name=True), "artifact.ambiguous"),
        (entry("shop/x", second_name=True), "artifact.ambiguous"),
        (entry("shop/x", mode=0o120777), "artifact.link"),
        (entry("shop/x", mode=0o020666), "artifact.link"),
        (entry("shop/x", mode=0o010666), "artifact.link"),
        (entry("shop/x/", mode=0o100644), "artifact.link"),
        (entry("shop/x", mode=0o040755), "artifact.link"),
        (entry("shop/x", encrypted=True), "artifact.encrypted"),
        (entry("shop/x", method=12), "artifact.compression"),
        (entry("shop/x", TINY_BYTES + 1, 1100), "artifact.bomb"),
        (entry("other/x"), "artifact.folder"),
        (entry("shop.php"), "artifact.folder"),
        (entry("shop2/x"), "artifact.folder"),
        (entry("shop/shop.php"), "artifact.duplicate"),
        (entry("shop/SHOP.php"), "artifact.duplicate"),
        (entry("Shop/x"), "artifact.duplicate"),
        (entry("shop/shop.php/x"), "artifact.duplicate"),
    ],
)
def test_each_rule_refuses(bad: ZipEntry, slug: str) -> None:
    assert slug in slugs(MAIN, bad)


def test_accents_written_in_two_ways_collide() -> None:
    assert slugs(MAIN, entry("shop/\u00e9"), entry("shop/e\u0301")) == ["artifact.duplicate"]


def test_no_file_at_all() -> None:
    assert slugs() == ["artifact.empty"]
    assert slugs(entry("shop/", 0, 0)) == ["artifact.empty"]


def test_entries_have_a_limit() -> None:
    most = [entry(f"shop/{n}") for n in range(MOST_ENTRIES)]
    assert slugs(*most) == []
    assert slugs(*most, MAIN) == ["artifact.entries"]


def test_bytes_have_a_limit() -> None:
    half = MOST_UNPACKED_BYTES // 2
    two = [entry(f"shop/{n}", half, half) for n in range(2)]
    assert slugs(*two) == []
    assert slugs(*two, MAIN) == ["artifact.too_large"]


def test_many_tiny_entries_make_a_bomb_together() -> None:
    assert slugs(*(entry(f"shop/{n}", TINY_BYTES, 1100) for n in range(3))) == ["artifact.bomb"]


def test_entries_that_share_bytes_are_refused() -> None:
    twins = [entry("shop/a", 100, 100, offset=0), entry("shop/b", 100, 100, offset=40)]
    problems = listing_problems("shop", twins)
    assert [(p.slug, p.found) for p in problems] == [("artifact.ambiguous", '"shop/b"')]


def test_names_are_shown_escaped_cut_and_counted() -> None:
    (problem,) = listing_problems("shop", [entry("shop/\x1b[2J" + "x" * 400), entry("shop/\n")])
    assert problem.found is not None
    assert problem.found.startswith('"shop/\\x1b[2Jxxx')
    assert problem.found.endswith(" and 1 more")
    assert len(problem.found) < 140


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "a\\b", "a\nb", ""])
def test_unsafe_paths(path: str) -> None:
    assert not is_safe_path(path)


def test_safe_paths() -> None:
    assert is_safe_path("wp-includes/blocks/é/style.css")
