"""Errors of jsonschema as Problems, at the line and column of what is wrong.

The words are the schema's own (`x-problem`), never jsonschema's.
"""

from collections.abc import Iterator
from typing import Any

from jsonschema import ValidationError

from wpstate.desired.secrets import without_secrets
from wpstate.model.node import Items, Map, Node, Text, written
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan
from wpstate.resources.nearest import nearest

_MAX_SHOWN = 100


def problems_of(root: Node, error: ValidationError) -> Iterator[Problem]:
    """The problems behind one error of jsonschema: an error about keys can hold several."""
    path = tuple(error.absolute_path)
    node = _at(root, path)
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    keyword = str(error.validator)
    if "propertyNames" in error.absolute_schema_path and isinstance(error.instance, str):
        yield from _key_problems(node, path, schema, error.instance)
        return
    match keyword:
        case "additionalProperties":
            yield from _unknown_keys(node, path, schema)
        case "required":
            yield from _missing_keys(node, path, schema)
        case "x-duration":
            least, most = schema["x-duration"]
            yield Problem(
                "desired.duration_range",
                "duration is too short or too long",
                node.span,
                _dotted(path),
                found=_shown(node),
                why=f"from {least} to {most} makes sense here",
                mend=f"write a duration from {least} to {most}",
            )
        case "uniqueItems":
            yield from _repeated(node, path)
        case "anyOf" | "oneOf" if _has_unknown_keys(node, schema):
            return  # a key that was mistyped is told, not also missed
        case _:
            words = schema.get(f"x-{_KEBAB[keyword]}") if keyword in _KEBAB else None
            yield _said(words or schema.get("x-problem", {}), node, _dotted(path), keyword, schema)


_KEBAB = {"anyOf": "any-of", "oneOf": "one-of"}


def _said(
    words: dict[str, str], node: Node, key: str, keyword: str, schema: dict[str, Any]
) -> Problem:
    mend = words.get("mend")
    if keyword == "enum" and isinstance(node, Text):
        close = nearest(node.text, tuple(schema["enum"]))
        mend = f"write {close}" if close else mend
    return Problem(
        words.get("slug", "desired.value"),
        words.get("what", "value is not of the form that belongs here"),
        node.span,
        key or None,
        found=None if words.get("hide") else _shown(node),
        why=words.get("why"),
        mend=mend,
    )


def _key_problems(
    node: Node, path: tuple[str | int, ...], schema: dict[str, Any], key: str
) -> Iterator[Problem]:
    """A key of a map is itself off."""
    if isinstance(node, Map):
        for name, _ in node.entries:
            if name.text == key:
                yield _said(schema.get("x-problem", {}), name, _dotted((*path, key)), "", schema)


def _unknown_keys(
    node: Node, path: tuple[str | int, ...], schema: dict[str, Any]
) -> Iterator[Problem]:
    assert isinstance(node, Map)
    known = tuple(schema.get("properties", {}))
    later = schema.get("x-later", ())
    for name, _ in node.entries:
        if name.text in known:
            continue
        key = _dotted((*path, name.text))
        if name.text in later:
            yield Problem(
                "desired.not_yet",
                "key is not supported by this version of wpstate",
                name.span,
                key,
                found=f'"{name.text}"',
                why="it would be read and not acted upon",
                mend="delete the key for now",
            )
            continue
        close = nearest(name.text, known)
        yield Problem(
            "desired.unknown_key",
            "key is not known",
            name.span,
            key,
            found=_shown(name),
            why="known here: " + ", ".join(sorted(known)),
            mend=f"write {close}" if close else "delete the key",
        )


def _has_unknown_keys(node: Node, schema: dict[str, Any]) -> bool:
    known = schema.get("properties", {})
    return isinstance(node, Map) and any(name.text not in known for name, _ in node.entries)


def _missing_keys(
    node: Node, path: tuple[str | int, ...], schema: dict[str, Any]
) -> Iterator[Problem]:
    """Missing keys, but for those that stand there mistyped: they are told as unknown."""
    assert isinstance(node, Map)
    known = tuple(schema.get("properties", {}))
    mistyped = {nearest(name.text, known) for name, _ in node.entries if name.text not in known}
    for key in schema["required"]:
        if node.get(key) is None and key not in mistyped:
            yield Problem(
                "desired.missing_key",
                "a key is missing",
                node.span,
                _dotted((*path, key)),
                mend=f"add `{key}: …`",
            )


def _repeated(node: Node, path: tuple[str | int, ...]) -> Iterator[Problem]:
    assert isinstance(node, Items)
    seen: dict[str, SourceSpan] = {}
    for number, item in enumerate(node.items):
        text = written(item)
        if text in seen:
            yield Problem(
                "desired.repeated",
                "an entry stands twice in a list",
                item.span,
                _dotted((*path, number)),
                found=_shown(item),
                why=f"it already stands in line {seen[text].line}",
                mend="keep one of the two",
            )
        seen.setdefault(text, item.span)


def _at(root: Node, path: tuple[str | int, ...]) -> Node:
    node = root
    for step in path:
        if isinstance(node, Items) and isinstance(step, int):
            node = node.items[step]
        elif isinstance(node, Map):
            found = node.get(str(step))
            assert found is not None
            node = found
    return node


def _dotted(path: tuple[str | int, ...]) -> str:
    """`plugins.akismet`, `profiles[2]`: positions count from 1, as people do."""
    key = ""
    for step in path:
        key += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if key else step
    return key


def _shown(node: Node) -> str:
    """A value as found: a text in quotes, anything else as written, or by its shape if long."""
    text = without_secrets(written(node))
    match node:
        case Text():
            return f'"{text}"' if len(text) <= _MAX_SHOWN else f'"{text[: _MAX_SHOWN - 1]}…"'
        case Items():
            return text if len(text) <= _MAX_SHOWN else "a list"
        case Map():
            return text if len(text) <= _MAX_SHOWN else "a map"
