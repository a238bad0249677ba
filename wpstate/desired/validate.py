"""Check one file's tree against its schema, and keep what is sound of a tree that fails.

Saying what is wrong is left to schema_errors, merging files to layers.
"""

from collections.abc import Iterator
from typing import Any

from wpstate.desired.document import MAX_PROBLEMS
from wpstate.desired.schemas import accepts
from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan


def check(sort: str, root: Node) -> tuple[Problem, ...]:
    """All problems of a tree as a file of this sort: `site`, `profile`, ... None if it is valid."""
    data = _data(root)
    if accepts(sort, data):
        return ()
    from wpstate.desired.schema_errors import problems_of
    from wpstate.desired.schema_reasons import reasons

    problems: list[Problem] = []
    for error in reasons(sort, data):
        for problem in problems_of(root, error):
            problems.append(problem)
            if len(problems) >= MAX_PROBLEMS:
                return tuple(problems)
    return tuple(problems)


def sound(root: Map, problems: tuple[Problem, ...]) -> Map:
    """What is left of a tree without the values, one or two deep, that hold a problem."""
    if not problems:
        return root
    ill = {problem.where for problem in problems}
    return Map(
        tuple(
            (key, _without(value, ill) if isinstance(value, Map) else value)
            for key, value in root.entries
            if key.span not in ill and (isinstance(value, Map) or ill.isdisjoint(_spans(value)))
        ),
        root.span,
    )


def _without(entries: Map, ill: set[SourceSpan | None]) -> Map:
    kept = ((k, v) for k, v in entries.entries if ill.isdisjoint((k.span, *_spans(v))))
    return Map(tuple(kept), entries.span)


def _spans(node: Node) -> Iterator[SourceSpan]:
    yield node.span
    match node:
        case Items():
            for item in node.items:
                yield from _spans(item)
        case Map():
            for key, value in node.entries:
                yield key.span
                yield from _spans(value)


def _data(node: Node) -> Any:
    match node:
        case Text():
            return node.text
        case Items():
            return [_data(item) for item in node.items]
        case Map():
            return {key.text: _data(value) for key, value in node.entries}
