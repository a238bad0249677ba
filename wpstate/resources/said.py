"""What the merged layers say of one kind's keys, and what the kind makes of it.

Merging is left to desired.layers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wpstate.model.desired import LeftAlone, Managed
from wpstate.model.node import Map, Node, Text
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address, State


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

    def asks(self, address: Address, want: State, span: SourceSpan, label: str) -> Managed:
        """The resource that this key names, with its `why`, where one is written."""
        why = self.part("why")
        return Managed(
            address=address,
            want=want,
            span=span,
            asked_by=self.value.span,
            overrides=self.overrides,
            label=label,
            why=why.text if why else None,
        )


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one kind makes of what a site asks."""

    managed: tuple[Managed, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    problems: tuple[Problem, ...] = ()


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
