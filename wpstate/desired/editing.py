"""Edits of a fleet file's text: one value changes, all else stays byte for byte, comments and
layout too. ruamel.yaml says where each value stands; what to write is left to whoever proposes it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from wpstate.desired.emitting import Said, block_lines, flow
from wpstate.desired.marks import content_end, line_end, line_start
from wpstate.model.problem import InvalidDesiredState, Problem
from wpstate.model.source import SourceSpan

_COMMENT = re.compile(r"( +)#")
_HEADING = re.compile(r":[ \t]*(#[^\n]*)?")
_Plain: TypeAlias = "str | list[_Plain] | dict[str, _Plain]"


@dataclass(frozen=True, slots=True)
class Edit:
    """What one key of a file shall say."""

    keys: tuple[str, ...]
    """From the file's top: `("plugins", "akismet")`."""
    value: Said | None
    """None takes the key out, and a map that is left empty by that."""


def edited(file: str, text: str, edits: Sequence[Edit]) -> str:
    """The text with its edits, in their order. A value that says the same already is left alone.

    Raises InvalidDesiredState (`fleet.not_editable`) where a key leads through what is no map, or
    where the file is no YAML that one line can be changed of.
    """
    wanted = _plain(_root(file, text))
    for edit in edits:
        wanted = _with(wanted, edit.keys, edit.value)
        text = _one(file, text, edit)
    if _plain(_root(file, text)) != wanted:
        raise _not_editable(file, edits[-1].keys, "the edit would say something else")
    return text


def _one(file: str, text: str, edit: Edit) -> str:
    root = _root(file, text)
    if root is None:
        added = "" if edit.value is None else block_lines(0, edit.keys, edit.value)
        return text + ("\n" if text and not text.endswith("\n") else "") + added
    path: list[tuple[MappingNode, int]] = []
    node: Node = root
    for depth, key in enumerate(edit.keys):
        if not isinstance(node, MappingNode):
            raise _not_editable(file, edit.keys[: depth + 1], "a single value stands there")
        at = next((i for i, (name, _) in enumerate(node.value) if name.value == key), None)
        if at is None:
            if edit.value is None:
                return text
            return _inserted(text, node, edit.keys[depth:], edit.value)
        path.append((node, at))
        node = node.value[at][1]
    if edit.value is None:
        while len(path) > 1 and len(path[-1][0].value) == 1:
            path.pop()
        return _removed(text, *path[-1])
    parent, at = path[-1]
    return text if _plain(node) == _texts(edit.value) else _replaced(text, parent, at, edit.value)


def _replaced(text: str, parent: MappingNode, at: int, value: Said) -> str:
    key, node = parent.value[at]
    said = flow(value)
    start, end = node.start_mark.index, content_end(text, key, node)
    if not isinstance(node, ScalarNode) and not node.flow_style:
        heading = _HEADING.match(text, key.end_mark.index)
        beside = f"  {heading[1]}" if heading and heading[1] else ""
        return f"{text[: key.end_mark.index]}: {said}{beside}{text[end:]}"
    after = text[end:]
    comment = _COMMENT.match(after)
    if comment and "\n" not in text[start:end]:
        width = max(2, len(comment[1]) - (len(said) - (end - start)))
        after = " " * width + after[len(comment[1]) :]
    return text[:start] + (" " if text[start - 1] == ":" else "") + said + after


def _inserted(text: str, parent: MappingNode, keys: Sequence[str], value: Said) -> str:
    if parent.flow_style:
        for key in reversed(keys[1:]):
            value = {key: value}
        said = f"{flow(keys[0])}: {flow(value)}"
        if not parent.value:
            return f"{text[: parent.start_mark.index + 1]}{said}{text[parent.end_mark.index - 1 :]}"
        last = content_end(text, *parent.value[-1])
        return f"{text[:last]}, {said}{text[last:]}"
    at = line_end(text, content_end(text, *parent.value[-1]))
    lines = block_lines(parent.value[0][0].start_mark.column, keys, value)
    return text[:at] + ("" if text[:at].endswith("\n") else "\n") + lines + text[at:]


def _removed(text: str, parent: MappingNode, at: int) -> str:
    key, node = parent.value[at]
    end = content_end(text, key, node)
    if not parent.flow_style:
        return text[: line_start(text, key.start_mark.index)] + text[line_end(text, end) :]
    if at:
        return text[: content_end(text, *parent.value[at - 1])] + text[end:]
    if len(parent.value) > 1:
        return text[: key.start_mark.index] + text[parent.value[1][0].start_mark.index :]
    return text[: parent.start_mark.index + 1] + text[parent.end_mark.index - 1 :]


def _root(file: str, text: str) -> Node | None:
    try:
        root: Node | None = YAML(typ="rt", pure=True).compose(text)
    except (YAMLError, ValueError) as error:
        raise _not_editable(file, (), "it cannot be read") from error
    return root


def _plain(node: Node | None) -> _Plain:
    if node is None:
        return {}
    if isinstance(node, MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, ScalarNode):
        return str(node.value)
    return [_plain(item) for item in node.value]


def _texts(value: Said) -> _Plain:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: _texts(inner) for key, inner in value.items()}
    return [_texts(item) for item in value]


def _with(before: _Plain, keys: Sequence[str], value: Said | None) -> _Plain:
    """What the data would be, by the short way: held against what the edited text says."""
    if not isinstance(before, dict):
        return before
    first, rest = keys[0], keys[1:]
    if rest and (first in before or value is not None):
        inner = _with(before.get(first, {}), rest, value)
        emptied = value is None and inner == {} and before[first] != {}
        others = {key: said for key, said in before.items() if key != first}
        return others if emptied else {**before, first: inner}
    if rest:
        return before
    others = {key: said for key, said in before.items() if key != first}
    return others if value is None else {**before, first: _texts(value)}


def _not_editable(file: str, keys: Sequence[str], found: str) -> InvalidDesiredState:
    return InvalidDesiredState(
        [
            Problem(
                "fleet.not_editable",
                "a key of this file cannot be changed by itself",
                SourceSpan(file, 1, 1),
                key=".".join(keys) or None,
                found=found,
                why="only that value may change: comments and layout are people's own",
                mend="change it by hand",
            )
        ]
    )
