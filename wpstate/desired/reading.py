"""Lets kinds read what merged layers say. Most of what is asked of a site its profiles ask: what is
made of the very same words is made once, for all sites of these profiles.

Merging is left to layers, what words mean to the kinds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import is_

from wpstate.desired.layers import Layer
from wpstate.desired.settings import Settings, settings
from wpstate.resources.catalog import Catalog
from wpstate.resources.kind import Kind
from wpstate.resources.registry import KINDS
from wpstate.resources.said import Parsed, Said, joined


@dataclass(frozen=True, slots=True)
class _Part:
    of: tuple[object, ...]
    """The very objects that it was read of; nothing changes them."""
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Read:
    """What merged layers come to."""

    parsed: Parsed
    parts: Mapping[tuple[str, str], _Part]
    """By kind, and by key where the kind reads each by itself."""
    settings: Settings


def read(merged: Layer, catalog: Catalog, known: Read | None = None) -> Read:
    """`known`: what was read, with the same catalog, of the layers below. A part of it counts here
    too where all that it was read of is still the very same."""
    language = merged.word("language")
    parts = dict[tuple[str, str], _Part]()
    for kind in KINDS:
        for key, of in _words_of(kind, merged):
            part = known.parts.get((kind.name, key)) if known else None
            if part is None or not all(map(is_, part.of, of)):
                said = _said_of(kind, key, merged)
                part = _Part(of, kind.parse_desired(said, catalog, language))
            parts[kind.name, key] = part
    told = settings(merged, known.settings if known else {})
    return Read(joined(part.parsed for part in parts.values()), parts, told)


def _words_of(kind: Kind, merged: Layer) -> Iterable[tuple[str, tuple[object, ...]]]:
    """Parts of a kind by their key, each with all that it is read of beside the catalog."""
    if kind.each_apart:
        own = merged.below(kind.name)
        return [(key, (own[key],)) for key in sorted(own)]
    maps = (merged.maps.get(name) for name in (kind.name, *kind.reads_beside))
    return [("", (merged.words.get("language"), *maps))]


def _said_of(kind: Kind, key: str, merged: Layer) -> Mapping[str, Said]:
    """What the layers say of one kind, below its own name and beside it."""
    own = merged.below(kind.name)
    if kind.each_apart:
        return {key: own[key]}
    beside = {
        f"{name}/{key}": said
        for name in kind.reads_beside
        for key, said in merged.below(name).items()
    }
    return {**own, **beside}
