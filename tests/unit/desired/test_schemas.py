"""The schemas are valid, closed, speak our words, and are what editors are pointed to."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.unit.desired.folders import REPOSITORY
from wpstate.desired.folder import sort_of
from wpstate.desired.schemas import schema
from wpstate.resources.registry import KINDS

_SORTS = ("fleet", "catalog", "profile", "site", "hosts", "lock")
_FILES = sorted((REPOSITORY / "schemas").rglob("*.schema.json"))
_OBSERVED = [path for path in _FILES if path.name.endswith(".observed.schema.json")]
_OBSERVED.append(REPOSITORY / "schemas" / "observation.schema.json")
_FLEETS = [
    path
    for fleet in ("lab", "example")
    for path in sorted((REPOSITORY / "inventories" / fleet).rglob("*.yml"))
    if sort_of(path.relative_to(REPOSITORY / "inventories" / fleet).as_posix())
]


def _below(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every subschema; names of properties are no schemas."""
    if not isinstance(part, dict):
        return
    yield path, part
    for key, inner in part.items():
        if key == "properties":
            for name, each in inner.items():
                yield from _below(each, f"{path}/{name}")
        elif key in ("items", "additionalProperties", "propertyNames"):
            yield from _below(inner, f"{path}/{key}")


@pytest.mark.parametrize("path", _FILES, ids=[path.name for path in _FILES])
def test_each_is_a_valid_schema(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("sort", _SORTS)
def test_each_map_is_closed_and_each_rule_has_words(sort: str) -> None:
    for path, part in _below(schema(sort)):
        types = part.get("type", ())
        if "object" in ((types,) if isinstance(types, str) else types):
            assert "additionalProperties" in part, path
        words = part.get("x-problem")
        assert words, path
        assert words.keys() >= {"slug", "what", "mend"}, path


def test_layers_say_the_same_everywhere() -> None:
    own = {
        "fleet": {
            "name",
            "wordpress_org",
            "vault",
            "facts",
            "tell",
            "rings",
            "halt_after",
            "reconcile",
            "repositories",
            "bump",
            "shared",
        },
        "profile": {"extends"},
        "site": {"client", "url", "profiles", "staging_of"},
    }
    shared = {sort: schema(sort)["properties"].keys() - keys for sort, keys in own.items()}
    assert shared["fleet"] == shared["profile"] == shared["site"]
    assert {kind.name for kind in KINDS} <= shared["site"]


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "$ref")
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        yield from _references(inner)


@pytest.mark.parametrize("path", _FILES, ids=[path.name for path in _FILES])
def test_references_stay_among_the_shipped_files(path: Path) -> None:
    for reference in _references(json.loads(path.read_text("utf-8"))):
        file = reference.partition("#")[0]
        assert not file or (path.parent / file).resolve() in _FILES


def test_an_unknown_schema_is_not_looked_for_elsewhere() -> None:
    with pytest.raises(FileNotFoundError):
        schema("nowhere")


@pytest.mark.parametrize("path", _FLEETS, ids=[str(p.relative_to(REPOSITORY)) for p in _FLEETS])
def test_fleet_files_open_with_the_line_for_editors(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    reference = first.removeprefix("# yaml-language-server: $schema=")
    assert reference != first
    target = (path.parent / reference).resolve()
    fleet = path.parent if path.parent.name in ("lab", "example") else path.parent.parent
    sort = sort_of(path.relative_to(fleet).as_posix())
    assert target == REPOSITORY / "schemas" / f"{sort}.schema.json"
    assert target.is_file()


@pytest.mark.parametrize("path", _OBSERVED, ids=[path.name for path in _OBSERVED])
def test_whatever_a_site_answers_has_a_limit(path: Path) -> None:
    """A host that answers with one text of four megabytes is told off, and not kept."""
    document = json.loads(path.read_text("utf-8"))
    shapes = (document, *document.get("$defs", {}).values())
    for where, part in (found for shape in shapes for found in _below(shape)):
        types = part.get("type", [])
        if "string" in types:
            assert part.keys() & {"maxLength", "pattern", "enum"}, where
        if "array" in types:
            assert "maxItems" in part, where
