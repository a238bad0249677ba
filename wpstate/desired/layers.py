"""Merge fleet < profiles < site, and keep who said what.

Maps merge by key, two deep: `freeze.at_most` is a value of its own, `plugins.akismet` is one too,
however it is written. Lists and plain values replace whole. What values mean is left to the kinds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.problem import Problem
from wpstate.resources.registry import KINDS
from wpstate.resources.said import Said

Layer: TypeAlias = Mapping[tuple[str, ...], Said]
"""Merged keys, one or two deep: `("heal",)`, `("plugins", "akismet")`."""

_SHORT_FORMS = {kind.name: kind.short_form for kind in KINDS if kind.short_form}
_SHORT_FORMS["freeze"] = "state"
_SHORT_LISTS = {key: short for kind in KINDS for key, short in kind.reads_beside.items() if short}


def layer(root: Map) -> Layer:
    """One file as a layer. A short form is written out: `core: approved` is core.version."""
    return {key: Said(value) for key, value in _leaves(root)}


def _leaves(root: Map) -> Iterator[tuple[tuple[str, ...], Node]]:
    for key, value in root.entries:
        if isinstance(value, Map):
            yield from (((key.text, inner.text), below) for inner, below in value.entries)
        elif isinstance(value, Text) and key.text in _SHORT_FORMS:
            yield (key.text, _SHORT_FORMS[key.text]), value
        elif isinstance(value, Items) and key.text in _SHORT_LISTS:
            yield (key.text, _SHORT_LISTS[key.text]), value
        else:
            yield (key.text,), value


def over(lower: Layer, upper: Layer) -> Layer:
    """`upper` wins; what it overrides is kept, nearest first."""
    merged = dict(lower)
    for key, said in upper.items():
        below = lower.get(key)
        if below is not None:
            said = replace(said, overridden=(*said.overridden, below.value, *below.overridden))
        merged[key] = said
    return merged


def below(merged: Layer, name: str) -> dict[str, Said]:
    """The keys of one map: `below(merged, "plugins")["akismet"]`."""
    return {key[1]: said for key, said in merged.items() if len(key) > 1 and key[0] == name}


def lineage(named: tuple[str, ...], profiles: Mapping[str, Map]) -> tuple[str, ...]:
    """Profiles in the order in which they merge: what one extends comes before it, each once.

    Names without a file and loops are left out here; `loops` and parts tell of them.
    """
    order: dict[str, None] = {}
    for name in named:
        stack = [(name, False)]
        entered: set[str] = set()
        while stack:
            at, is_over = stack.pop()
            if is_over:
                order[at] = None
            elif at in profiles and at not in order and at not in entered:
                entered.add(at)
                stack.append((at, True))
                stack.extend((parent.text, False) for parent in reversed(parents(profiles[at])))
    return tuple(order)


def parents(profile: Map) -> tuple[Text, ...]:
    """The profiles that one builds on, in the order in which they merge: later wins."""
    extends = profile.get("extends")
    items = extends.items if isinstance(extends, Items) else (extends,)
    return tuple(item for item in items if isinstance(item, Text))


def loops(profiles: Mapping[str, Map]) -> Iterator[Problem]:
    """One problem for each loop of `extends`, and none for a profile that only leads into one."""
    told: set[str] = set()
    for name in sorted(profiles):
        loop = () if name in told else _loop(name, profiles)
        if loop and told.isdisjoint(loop):
            told.update(loop)
            onward = loop[1 % len(loop)]
            where = next(each for each in parents(profiles[name]) if each.text == onward)
            yield Problem(
                "desired.profile_loop",
                "profiles extend each other in a loop",
                where.span,
                "extends",
                found=" → ".join((*loop, name)),
                why="no order of winning follows from a loop",
                mend="delete one of the `extends`",
            )


def _loop(name: str, profiles: Mapping[str, Map]) -> tuple[str, ...]:
    """A shortest way from a profile back to itself, without the end; empty where there is none."""
    came_from: dict[str, str] = {}
    ways = [name]
    for at in ways:
        for parent in parents(profiles[at]) if at in profiles else ():
            if parent.text == name:
                way = [at]
                while way[-1] != name:
                    way.append(came_from[way[-1]])
                return tuple(reversed(way))
            if parent.text not in came_from:
                came_from[parent.text] = at
                ways.append(parent.text)
    return ()
