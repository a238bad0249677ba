"""What `explain` shows: each merged key as written, where, and what it overrode."""

from collections.abc import Mapping
from typing import TypeAlias

from wpstate.desired.layers import Layer
from wpstate.model.desired import Setting
from wpstate.model.node import written
from wpstate.resources.said import Said

Settings: TypeAlias = Mapping[tuple[str, ...], tuple[Said, Setting]]
"""Sorted by key, each with what it was made of."""

OF_A_FILE = frozenset(
    {
        "name",
        "wordpress_org",
        "vault",
        "facts",
        "tell",
        "rings",
        "halt_after",
        "reconcile",
        "bump",
        "repositories",
        "extends",
    }
)
"""Keys that speak of their own file, not of the site."""


def settings(merged: Layer, known: Settings) -> Settings:
    """`known`: of the layers below. What still is the very same there is taken from it."""
    said_of = {(key,): said for key, said in merged.words.items()} | {
        (name, key): said for name, below in merged.maps.items() for key, said in below.items()
    }
    found = dict[tuple[str, ...], tuple[Said, Setting]]()
    for key in sorted(said_of):
        said, before = said_of[key], known.get(key)
        if before is not None and before[0] is said:
            found[key] = before
        elif key[0] not in OF_A_FILE:
            found[key] = said, _setting(".".join(key), said)
    return found


def _setting(key: str, said: Said) -> Setting:
    return Setting(
        key=key,
        value=written(said.value),
        span=said.value.span,
        overrides=tuple((written(node), node.span) for node in said.overridden),
    )
