"""Strict YAML: the text of one fleet file to a tree of nodes, each with its line and column.

All scalars stay text; the schema decides what they mean. Whatever makes two readers see two things
(duplicate keys, aliases, merge keys, tags, several documents) is refused with a mend. The tree is
built from parse events with a stack of our own, so that no nesting can exhaust the process's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from wpstate.desired.characters import refused_characters, refused_in_value
from wpstate.desired.syntax import syntax_problem
from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan

MAX_SIZE_BYTES = 1 << 22
"""hosts.yml of ten thousand sites takes a quarter of it."""
MAX_DEPTH = 50
MAX_NODES = 200_000
"""hosts.yml of ten thousand sites, each with a port and a PHP of its own, takes 130,000."""
MAX_PROBLEMS = 100
"""Shown for one file; whoever has more mends these first."""

_LOADER = getattr(yaml, "CLoader", yaml.Loader)
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


class _TooMuch(Exception):
    """A limit was reached; nothing more of this file is read."""


@dataclass(slots=True)
class _Open:
    """A collection that is being read."""

    span: SourceSpan
    is_map: bool
    children: list[Node] = field(default_factory=list)


def read_document(file: str, text: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """The tree of one file, or None, with every problem found on the way.

    `file` is the path relative to the fleet folder. Never raises. Duplicates and the like leave
    the tree usable, so that the schema's problems can be told in the same breath.
    """
    if len(text) > MAX_SIZE_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_SIZE_BYTES:
        return None, (_limit(SourceSpan(file, 1, 1), f"at most {MAX_SIZE_BYTES} bytes"),)
    unreadable = tuple(refused_characters(file, text))
    if unreadable:
        return None, unreadable
    reader = _Reader(file)
    try:
        root = reader.read(text)
    except _TooMuch:
        return None, tuple(reader.problems)
    except yaml.YAMLError as error:
        return None, (*reader.problems, syntax_problem(file, text, error))
    if root is None and not reader.problems:
        reader.refuse(
            "yaml.empty_file",
            "file is empty",
            SourceSpan(file, 1, 1),
            mend="write at least one key, or delete the file",
        )
    return root, tuple(reader.problems)


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._nodes = 0
        self._documents = 0
        self._root: Node | None = None

    def read(self, text: str) -> Node | None:
        for event in yaml.parse(text, Loader=_LOADER):
            match event:  # what comes most often first
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.DocumentStartEvent():
                    self._document(event)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._begin(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._end()
                case yaml.AliasEvent():
                    span = self._span(event)
                    self._refuse_anchor(span, f"*{event.anchor}")
                    self._add(Text(event.anchor or "", span))
        return self._root

    def refuse(
        self,
        slug: str,
        what: str,
        span: SourceSpan,
        *,
        found: str | None = None,
        why: str | None = None,
        mend: str | None = None,
    ) -> None:
        self._tell(Problem(slug, what, span, found=found, why=why, mend=mend))

    def _tell(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) >= MAX_PROBLEMS:
            raise _TooMuch

    def _span(self, event: yaml.Event) -> SourceSpan:
        mark = event.start_mark
        assert mark is not None
        return SourceSpan(self.file, mark.line + 1, mark.column + 1)

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self.refuse(
                "yaml.many_documents",
                "file holds more than one document",
                self._span(event),
                why="a second document would be read by nobody",
                mend="delete the line `---`, or put the second document into its own file",
            )
            raise _TooMuch
        if event.version or event.tags:
            self.refuse(
                "yaml.directive",
                "file begins with a YAML directive",
                self._span(event),
                mend="delete the lines that begin with %",
            )

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        span = self._span(event)
        self._refuse_marks(event, span)
        if len(self._open) >= MAX_DEPTH:
            self.problems.append(_limit(span, f"at most {MAX_DEPTH} levels of nesting"))
            raise _TooMuch
        self._open.append(_Open(span, isinstance(event, yaml.MappingStartEvent)))

    def _end(self) -> None:
        closed = self._open.pop()
        if closed.is_map:
            self._add(Map(tuple(self._entries(closed)), closed.span))
        else:
            self._add(Items(tuple(closed.children), closed.span))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        span = self._span(event)
        self._refuse_marks(event, span)
        invisible = refused_in_value(event.value, span)
        if invisible:
            self._tell(invisible)
        if not event.style and event.value in _NOTHING:
            self.refuse(
                "yaml.no_value",
                "nothing is written here",
                span,
                why="nothing could mean `as before` or `remove it`, so it means neither",
                mend="write a value, or delete the key",
            )
        self._add(Text(event.value, span))

    def _add(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.problems.append(_limit(node.span, f"at most {MAX_NODES} values"))
            raise _TooMuch
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node

    def _entries(self, closed: _Open) -> Iterator[tuple[Text, Node]]:
        seen: dict[str, SourceSpan] = {}
        for key, value in zip(closed.children[::2], closed.children[1::2], strict=True):
            if not isinstance(key, Text):
                self.refuse(
                    "yaml.key",
                    "a key is not plain text",
                    key.span,
                    why="braces and brackets begin maps and lists, also in a place for a key",
                    mend="put quotes round a text that begins with { or [",
                )
            elif key.text == "<<":
                self.refuse(
                    "yaml.merge_key",
                    "a merge key is used",
                    key.span,
                    why="what a file inherits must be named where people look for it",
                    mend="write the keys out, or let a profile extend another: `extends: NAME`",
                )
            elif key.text in seen:
                self.refuse(
                    "yaml.duplicate_key",
                    "a key is written twice in one map",
                    key.span,
                    found=f'"{key.text}"',
                    why=f"it already stands in line {seen[key.text].line}",
                    mend="keep one of the two",
                )
            else:
                seen[key.text] = key.span
                yield key, value

    def _refuse_marks(
        self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, span: SourceSpan
    ) -> None:
        """Refuse anchors and tags on a node."""
        if event.anchor is not None:
            self._refuse_anchor(span, f"&{event.anchor}")
        if event.tag is not None:
            self.refuse(
                "yaml.tag",
                "a value carries a tag",
                span,
                found=f'"{event.tag}"',
                why="the schema decides what a value is, not the file",
                mend="delete the word that begins with !",
            )

    def _refuse_anchor(self, span: SourceSpan, found: str) -> None:
        self.refuse(
            "yaml.alias",
            "an anchor or alias is used",
            span,
            found=f'"{found}"',
            why="a value must stand where it is read, and aliases can grow without end",
            mend="write the value out, or put what sites share into a profile",
        )


def _limit(span: SourceSpan, most: str) -> Problem:
    return Problem(
        "yaml.too_large",
        "file is larger than a fleet file may be",
        span,
        why=most,
        mend="split the file",
    )
