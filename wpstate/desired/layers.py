"""Merge fleet < profiles < site, and keep who said what.

Maps merge by key, two deep: `freeze.at_most` is a value of its own, `plugins.akismet` is one too,
however it is written. Lists and plain values replace whole. What values mean is left to the kinds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wpstate.model.node import Items, Map, Text
from wpstate.model.problem import Problem
from wpstate.resources.registry import KINDS
from wpstate.resources.said import Said


@dataclass(frozen=True, slots=True)
class Layer:
    """Merged keys, one or two deep."""

    words: Mapping[str, Said] = field(default_factory=dict)
    """Of keys that hold no map: `heal`."""
    maps: Mapping[str, Mapping[str, Said]] = field(default_factory=dict)
    """Of maps by their key: `plugins` to `akismet`. A map that an upper layer does not speak of is
    the lower one's own object, by which desired.reading knows what sites share."""

    def word(self, key: str) -> Text | None:
        """The scalar under this key; None where there is none."""
        said = self.words.get(key)
        return said.value if said and isinstance(said.value, Text) else None

    def below(self, name: str) -> Mapping[str, Said]:
        """The keys of one map: `below("plugins")["akismet"]`."""
        return self.maps.get(name, {})


_SHORT_FORMS = {kind.name: kind.short_form for kind in KINDS if kind.short_form}
_SHORT_FORMS["freeze"] = "state"
_SHORT_FORMS["backup"] = "state"
_SHORT_LISTS = {key: short for kind in KINDS for key, short in kind.reads_beside.items() if short}


def layer(root: Map) -> Layer:
    """One file as a layer. A short form is written out: `core: approved` is core.version."""
    words: dict[str, Said] = {}
    maps: dict[str, dict[str, Said]] = {}
    for key, value in root.entries:
        name = key.text
        if isinstance(value, Map):
            maps[name] = {inner.text: Said(below) for inner, below in value.entries}
        elif isinstance(value, Text) and name in _SHORT_FORMS:
            maps[name] = {_SHORT_FORMS[name]: Said(value)}
        elif isinstance(value, Items) and name in _SHORT_LISTS:
            maps[name] = {_SHORT_LISTS[name]: Said(value)}
        else:
            words[name] = Said(value)
    return Layer(words, maps)


def over(lower: Layer, upper: Layer) -> Layer:
    """`upper` wins; what it overrides is kept, nearest first."""
    maps = dict(lower.maps)
    for name, said in upper.maps.items():
        maps[name] = _over(lower.below(name), said)
    return Layer(_over(lower.words, upper.words), maps)


def _over(lower: Mapping[str, Said], upper: Mapping[str, Said]) -> Mapping[str, Said]:
    merged = dict(lower)
    for key, said in upper.items():
        below = lower.get(key)
        if below is not None:
            said = Said(said.value, (*said.overridden, below.value, *below.overridden))
        merged[key] = said
    return merged


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
