"""The shipped JSON Schemas, ready to check trees whose scalars are all text.

The files in schemas/ are the only ones ever consulted: references are resolved once, among them
alone. Here is only said whether a tree is valid, which most are; what is wrong with one is left to
desired.schema_errors, which is slower by far.
"""

import json
import posixpath
from functools import cache
from typing import TYPE_CHECKING, Any

from wpstate.desired.text_rules import ANY_TEXT, RULES, TEXT_TYPES, Rule
from wpstate.shipped import shipped

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

_LEFT_OUT = frozenset({"$ref", "$defs", "$schema"})
"""`$schema` would make jsonschema go on with its own validator below that point."""


@cache
def schema(name: str) -> dict[str, Any]:
    """One schema (fleet, catalog, profile, site, hosts, lock), or one definition in it, as
    `layer#/$defs/name`, with all its references written out."""
    name, _, pointer = name.partition("#")
    file, part = _part("", f"{name}.schema.json#{pointer}")
    written_out = _written_out(part, file)
    assert isinstance(written_out, dict)
    return written_out


def accepts(name: str, data: Any) -> bool:
    """Whether a tree is certainly valid. What is not accepted must be asked of schema_errors."""
    try:
        return _validator(name).is_valid(data)
    except UnicodeEncodeError:  # half a surrogate pair, which was told of before
        return False


@cache
def _file(path: str) -> Any:
    return json.loads((shipped("schemas") / path).read_text("utf-8"))


def _part(file: str, reference: str) -> tuple[str, Any]:
    """What a reference in a file points to, and in which file."""
    path, _, pointer = reference.partition("#")
    if path:
        file = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
    part = _file(file)
    for key in pointer.split("/")[1:]:
        part = part[key]
    return file, part


def _written_out(part: Any, file: str) -> Any:
    """Replace each `$ref` by what it points to; keys beside it win. Our schemas have no loops."""
    if isinstance(part, list):
        return [_written_out(entry, file) for entry in part]
    if not isinstance(part, dict):
        return part
    plain = {key: _written_out(part[key], file) for key in part if key not in _LEFT_OUT}
    if "$ref" not in part:
        return plain
    target, pointed_at = _part(file, part["$ref"])
    return {**_written_out(pointed_at, target), **plain}


@cache
def _validator(name: str) -> "Draft202012Validator":
    from jsonschema_rs import Draft202012Validator

    ours = {f"our-{keyword}": _keyword(rule) for keyword, rule in RULES.items()}
    return Draft202012Validator(_of_texts(schema(name)), keywords=ours, offline=True)


def _keyword(rule: Rule) -> type[Any]:
    """As jsonschema_rs wants it, which takes any error for a no."""

    class Keyword:
        def __init__(self, schema: dict[str, Any], value: Any, path: list[str | int]) -> None:
            self._value = value

        def validate(self, instance: Any) -> None:
            if isinstance(instance, str) and not rule(self._value, instance):
                raise ValueError

    return Keyword


def _of_texts(part: Any) -> Any:
    """The same for jsonschema_rs, to which all our scalars are strings: keywords that have a rule
    of ours get another name."""
    if isinstance(part, list):
        return [_of_texts(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    renamed: dict[str, Any] = {}
    for keyword, value in part.items():
        if keyword == "properties":
            renamed[keyword] = {name: _of_texts(each) for name, each in value.items()}
        elif keyword == "type":
            types = {value} if isinstance(value, str) else set(value)
            texts = types & TEXT_TYPES.keys()
            renamed[keyword] = sorted(types - texts | ({"string"} if texts else set()))
            if texts and texts.isdisjoint(ANY_TEXT):
                renamed[f"our-{keyword}"] = sorted(texts)
        elif keyword in RULES:
            renamed[f"our-{keyword}"] = value
        else:
            renamed[keyword] = _of_texts(value)
    return renamed
