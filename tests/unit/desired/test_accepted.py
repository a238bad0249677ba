"""What is quickly said to be valid is just what no reason stands against."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.desired.folders import MALFORMED, REPOSITORY, texts_below
from wpstate.desired.document import read_document
from wpstate.desired.folder import sort_of
from wpstate.desired.schema_reasons import reasons
from wpstate.desired.schemas import accepts
from wpstate.model.node import Items, Map, Node

_FLEETS = (
    REPOSITORY / "inventories" / "example",
    REPOSITORY / "inventories" / "lab",
    *sorted(path for path in MALFORMED.iterdir() if path.is_dir()),
)
_SOME = ("fleet.yml", "catalog.yml", "hosts.yml", "boutique.yml", "part-secured.yml", "hotel.yml")
_ODD: tuple[Any, ...] = (
    "", "true", "yes", "0", "-0", "7", "-7", "007", "1.0", "99999999999999999999", "5.7.2\n",
    "2027-01-15", "2027-02-30", "20270115", "1s", "30s", "999999d", "0s", "é", "\x1c", "\ud800",
    "x" * 5000, "../a", "approved", [], ["a", "a"], ["a", ["a"]], {}, {"state": "absent"},
    {"nobody": "knows"}, {"": ""},
)  # fmt: skip


def _data(node: Node) -> Any:
    match node:
        case Map():
            return {key.text: _data(value) for key, value in node.entries}
        case Items():
            return [_data(item) for item in node.items]
        case _:
            return node.text


def _files(fleets: tuple[Any, ...]) -> Iterator[tuple[str, str, Any]]:
    for fleet in fleets:
        for path, text in texts_below(fleet).items():
            sort = sort_of(path)
            root, _ = read_document(path, text) if sort else (None, ())
            if sort and root is not None:
                yield f"{fleet.name}/{path}", sort, _data(root)


def _changed(data: Any, odd: Any) -> Iterator[Any]:
    """The same with one value, or one key's name, replaced."""
    yield odd
    if isinstance(data, dict):
        for key, value in data.items():
            yield from ({**data, key: each} for each in _changed(value, odd))
            if isinstance(odd, str):
                yield {**data, odd: value}
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from ([*data[:place], each, *data[place + 1 :]] for each in _changed(value, odd))


def test_files_are_accepted_just_where_nothing_is_wrong() -> None:
    told = {name: accepts(sort, data) for name, sort, data in _files(_FLEETS)}
    wrong = {name: any(reasons(sort, data)) for name, sort, data in _files(_FLEETS)}
    assert [name for name in told if told[name] == wrong[name]] == []
    assert set(told.values()) == {True, False}


@pytest.mark.parametrize("odd", _ODD, ids=lambda odd: repr(odd)[:20])
def test_odd_values_are_accepted_just_where_nothing_is_wrong(odd: Any) -> None:
    """Half a surrogate pair is refused before."""
    for name, sort, data in _files(_FLEETS[:1]):
        if name.endswith(_SOME):
            for changed in _changed(data, odd):
                right = not any(reasons(sort, changed))
                assert accepts(sort, changed) == (right and "\ud800" not in repr(changed)), changed
