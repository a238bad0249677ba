"""What a fleet file says, as a tree of written values; every scalar stays the text that was typed.

Reading YAML into this tree is left to desired.document, giving it meaning to resources.
"""

from dataclasses import dataclass
from typing import TypeAlias

from wpstate.model.source import SourceSpan


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar: `6.10` stays `6.10`, `no` stays `no`."""

    text: str
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Items:
    """A list, in the order in which it was written."""

    items: tuple["Node", ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Map:
    """A map, in the order in which it was written; no key occurs twice."""

    entries: tuple[tuple[Text, "Node"], ...]
    span: SourceSpan

    def get(self, key: str) -> "Node | None":
        return next((value for name, value in self.entries if name.text == key), None)

    def text(self, key: str) -> Text | None:
        """The scalar under this key; None where there is none."""
        value = self.get(key)
        return value if isinstance(value, Text) else None


Node: TypeAlias = Text | Items | Map


def written(node: Node) -> str:
    """One line that shows a value much as YAML would: `{version: 3.7.3, why: loses the footer}`."""
    match node:
        case Text():
            return " ".join(node.text.split("\n")).strip()
        case Items():
            return "[" + ", ".join(written(item) for item in node.items) + "]"
        case Map():
            return "{" + ", ".join(f"{k.text}: {written(v)}" for k, v in node.entries) + "}"


def texts_in(node: Node | None) -> tuple[Text, ...]:
    """One text, or those of a list."""
    match node:
        case Text():
            return (node,)
        case Items():
            return tuple(item for item in node.items if isinstance(item, Text))
        case _:
            return ()
