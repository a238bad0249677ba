"""The shipped JSON Schemas, ready to check trees whose scalars are all text.

The files in schemas/ are the only ones ever consulted: references are resolved once, in a closed
registry, so that nothing can be fetched. `x-problem` beside a keyword says in our words what is
wrong; turning errors into Problems is left to desired.validate.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urljoin

from jsonschema import Draft202012Validator, FormatChecker, TypeChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from wpstate.desired.quantities import duration_s
from wpstate.shipped import shipped

_BASE = "file:///"
_LEFT_OUT = frozenset({"$ref", "$defs", "$schema"})
"""`$schema` would make jsonschema go on with its own validator below that point."""
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")


@cache
def validator(name: str) -> Validator:
    """The validator for one sort of file (fleet, catalog, profile, site, hosts, lock), or for one
    definition in it, as `layer#/$defs/name`."""
    return _TextValidator(schema(name), format_checker=FormatChecker(formats=["date"]))


@cache
def schema(name: str) -> dict[str, Any]:
    """One schema, or one definition in it, with all its references written out."""
    file, _, pointer = name.partition("#")
    uri = f"{_BASE}{file}.schema.json"
    registry = _registry()
    contents = registry.resolver().lookup(f"{uri}#{pointer}").contents
    written_out = _written_out(contents, uri, registry)
    assert isinstance(written_out, dict)
    return written_out


@cache
def _registry() -> "Registry[Any]":
    folder = shipped("schemas")
    resources = (
        (
            _BASE + path.relative_to(folder).as_posix(),
            Resource.from_contents(
                json.loads(path.read_text("utf-8")), default_specification=DRAFT202012
            ),
        )
        for path in folder.rglob("*.schema.json")
    )
    return Registry().with_resources(resources)


def _written_out(part: Any, uri: str, registry: "Registry[Any]") -> Any:
    """Replace each `$ref` by what it points to; keys beside it win. Our schemas have no loops."""
    if isinstance(part, list):
        return [_written_out(entry, uri, registry) for entry in part]
    if not isinstance(part, dict):
        return part
    kept = (key for key in part if key not in _LEFT_OUT)
    plain = {key: _written_out(part[key], uri, registry) for key in kept}
    if "$ref" not in part:
        return plain
    target = urljoin(uri, part["$ref"])
    contents = registry.resolver().lookup(target).contents
    return {**_written_out(contents, target.partition("#")[0], registry), **plain}


# Scalars are text, so the schema's types are forms that a text can have.
_TYPES: dict[str, Any] = {
    "string": lambda _, value: isinstance(value, str),
    "number": lambda _, value: isinstance(value, str),
    "integer": lambda _, value: isinstance(value, str) and bool(_INTEGER.match(value)),
    "boolean": lambda _, value: value in ("true", "false"),
    "object": lambda _, value: isinstance(value, dict),
    "array": lambda _, value: isinstance(value, list),
    "null": lambda _, value: False,
}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """In JSON Schema `$` is the very end; in Python it also fits before a last line break."""
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)


def _pattern(_: Validator, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _compiled(pattern).search(value):
        yield ValidationError("pattern")


def _minimum(_: Validator, least: int, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and _INTEGER.match(value) and int(value) < least:
        yield ValidationError("minimum")


def _maximum(_: Validator, most: int, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and _INTEGER.match(value) and int(value) > most:
        yield ValidationError("maximum")


def _required(_: Validator, keys: list[str], value: Any, __: Any) -> Iterator[ValidationError]:
    """One error for all missing keys."""
    if isinstance(value, dict) and any(key not in value for key in keys):
        yield ValidationError("required")


def _duration(_: Validator, limits: list[str], value: Any, __: Any) -> Iterator[ValidationError]:
    """Our own keyword `x-duration`: the shortest and the longest that makes sense."""
    seconds = duration_s(value) if isinstance(value, str) else None
    if seconds is not None:
        least, most = (duration_s(limit) or 0 for limit in limits)
        if not least <= seconds <= most:
            yield ValidationError("x-duration")


_TextValidator: type[Validator] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "pattern": _pattern,
        "minimum": _minimum,
        "maximum": _maximum,
        "required": _required,
        "x-duration": _duration,
    },
    type_checker=TypeChecker(_TYPES),
)
