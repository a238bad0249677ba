"""What `explain` shows: each merged key as written, where, and what it overrode."""

from wpstate.desired.layers import Layer
from wpstate.model.desired import Setting
from wpstate.model.node import written

_OF_A_FILE = frozenset({"name", "wordpress_org", "vault", "facts", "extends"})
"""Keys that speak of their own file, not of the site."""


def settings(merged: Layer) -> tuple[Setting, ...]:
    """Sorted by key."""
    said_of = {(key,): said for key, said in merged.words.items()} | {
        (name, key): said for name, below in merged.maps.items() for key, said in below.items()
    }
    return tuple(
        Setting(
            key=".".join(key),
            value=written(said.value),
            span=said.value.span,
            overrides=tuple((written(node), node.span) for node in said.overridden),
        )
        for key, said in sorted(said_of.items())
        if key[0] not in _OF_A_FILE
    )
