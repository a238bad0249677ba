"""What `explain` shows: each merged key as written, where, and what it overrode."""

from wpstate.desired.layers import Layer
from wpstate.model.desired import Setting
from wpstate.model.node import written

_OF_A_FILE = frozenset({"name", "wordpress_org", "vault", "facts", "extends"})
"""Keys that speak of their own file, not of the site."""


def settings(merged: Layer) -> tuple[Setting, ...]:
    """Sorted by key."""
    return tuple(
        Setting(
            key=".".join(key),
            value=written(said.value),
            span=said.value.span,
            overrides=tuple((written(node), node.span) for node in said.overridden),
        )
        for key, said in sorted(merged.items())
        if key[0] not in _OF_A_FILE
    )
