"""What every kind of resource brings: one module per kind fulfils this protocol.

Merging layers is left to desired.layers; a kind sees only what they come to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from wpstate.model.desired import LeftAlone, Managed
from wpstate.model.node import Map, Node, Text
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan
from wpstate.resources.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Said:
    """What the layers say of one key: the last word, and the words it overrode."""

    value: Node
    overridden: tuple[Node, ...] = ()
    """Nearest layer first."""

    @property
    def overrides(self) -> tuple[SourceSpan, ...]:
        return tuple(node.span for node in self.overridden)

    def part(self, key: str) -> Text | None:
        """A scalar of a long form such as `{version: 3.7.3, why: …}`."""
        return self.value.text(key) if isinstance(self.value, Map) else None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one kind makes of what a site asks."""

    managed: tuple[Managed, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    problems: tuple[Problem, ...] = ()


class ResourceKind(Protocol):
    @property
    def name(self) -> str:
        """The key in fleet files and the first part of addresses: `plugins`."""

    @property
    def short_form(self) -> str | None:
        """The key that `kind: word` is short for, where that may be written: core's `version`."""

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        """Desired resources from the merged keys below `name`, with all problems. Never raises."""


def joined(parts: Iterable[Parsed]) -> Parsed:
    """One Parsed of many, in their order."""
    several = tuple(parts)
    return Parsed(
        tuple(managed for part in several for managed in part.managed),
        tuple(left for part in several for left in part.left_alone),
        tuple(problem for part in several for problem in part.problems),
    )


def pin_problem(key: str, until: Text | None, *, pinned: bool) -> Problem | None:
    """`until` says how long a pin holds, so it needs one."""
    if until is None or pinned:
        return None
    return Problem(
        "desired.until_without_pin",
        "until stands where nothing is pinned",
        until.span,
        key,
        found=f'"{until.text}"',
        why="what follows the catalog has no end of a pin",
        mend="delete until, or write an exact version beside it",
    )
