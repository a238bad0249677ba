"""Strict YAML: text stays text, positions are exact, and nothing can exhaust the process."""

import time

import pytest

from wpstate.desired.document import MAX_DEPTH, MAX_NODES, MAX_SIZE_BYTES, read_document
from wpstate.model.node import Items, Map, Text


def _root(text: str) -> Map:
    root, problems = read_document("f.yml", text)
    assert problems == ()
    assert isinstance(root, Map)
    return root


@pytest.mark.parametrize("text", ["6.10", "no", "on", "2027-01-15", "0x10", "1_000", "010", "1e3"])
def test_scalars_stay_as_typed(text: str) -> None:
    value = _root(f"key: {text}\n").get("key")
    assert isinstance(value, Text)
    assert value.text == text


def test_positions_count_characters_from_one() -> None:
    root = _root("été: 'à'\nlist: [é, {ü: ß}]\n")
    places = {key.text: (key.span.line, key.span.column) for key, _ in root.entries}
    assert places == {"été": (1, 1), "list": (2, 1)}
    listed = root.get("list")
    assert isinstance(listed, Items)
    inner = listed.items[1]
    assert isinstance(inner, Map)
    assert str(inner.entries[0][1].span) == "f.yml:2:15"


def test_windows_line_ends_do_not_move_positions() -> None:
    root = _root("a: 1\r\nb: 2\r\n")
    assert str(root.entries[1][1].span) == "f.yml:2:4"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000 + "x",
        "? " * 100_000 + "x",
        "a: [" + "[" * MAX_DEPTH,
    ],
    ids=["lists", "maps", "block lists", "keys", "one too many"],
)
def test_deep_nesting_is_a_problem_not_a_crash(text: str) -> None:
    began = time.monotonic()
    root, problems = read_document("f.yml", text)
    assert root is None
    assert [problem.slug for problem in problems] == ["yaml.too_large"]
    assert time.monotonic() - began < 20


def test_a_large_file_is_not_parsed() -> None:
    _, problems = read_document("f.yml", "a: " + "é" * (MAX_SIZE_BYTES // 2))
    assert [problem.slug for problem in problems] == ["yaml.too_large"]


def test_too_many_values_are_refused() -> None:
    _, problems = read_document("f.yml", "a: [" + "x," * (MAX_NODES + 1) + "]")
    assert [problem.slug for problem in problems] == ["yaml.too_large"]


def test_bytes_that_are_not_utf8_are_placed() -> None:
    text = b"url: x\noffer: \xe9t\xe9\n".decode("utf-8", "surrogateescape")
    _, problems = read_document("f.yml", text)
    assert [(p.slug, str(p.where), p.found) for p in problems] == [
        ("yaml.encoding", "f.yml:2:8", "byte 0xE9"),
        ("yaml.encoding", "f.yml:2:10", "byte 0xE9"),
    ]


def test_a_binary_file_tells_a_few_problems() -> None:
    text = bytes(range(256)).decode("utf-8", "surrogateescape") * 100
    _, problems = read_document("f.yml", text)
    assert len(problems) == 20
