"""A site that is the staging of another: it inherits all that is asked of that one, is hidden from
search engines and sends no mail, whatever either file says.

Merging itself is left to layers; enforcing these two to the kinds that own them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from wpstate.desired.layers import Layer
from wpstate.model.node import Map, Text
from wpstate.model.problem import Problem
from wpstate.resources.nearest import nearest
from wpstate.resources.said import Said

_OWN: Final = ("url", "staging_of")
"""What a staging never takes from its live site."""
_FORCED: Final = {("options", "blog_public"): "0", ("mail", "sending"): "off"}
_WHERE_SAID: Final = {("content", "indexable"): "false"}
"""Looked at only where somebody asked."""


def live_site(root: Map, sites: Mapping[str, Map]) -> Map | None:
    """The file of the site that this one is the staging of."""
    named = root.text("staging_of")
    live = sites.get(named.text) if named else None
    return live if live is not None and live.text("staging_of") is None else None


def inherited(merged: Layer) -> Layer:
    """What a staging takes over from the layers of its live site."""
    words = {key: said for key, said in merged.words.items() if key not in _OWN}
    return replace(merged, words=words)


def hidden(merged: Layer, named: Text) -> Layer:
    """The layers of a staging, with what it must be standing above all that was written."""
    asked = {at: word for at, word in _WHERE_SAID.items() if at[1] in merged.below(at[0])}
    maps = dict(merged.maps)
    for (kind, key), word in (_FORCED | asked).items():
        before = merged.below(kind).get(key)
        over = (before.value, *before.overridden) if before else ()
        maps[kind] = {**maps.get(kind, {}), key: Said(Text(word, named.span), over)}
    return replace(merged, maps=maps)


def staging_problems(sites: Mapping[str, Map], written: Collection[str]) -> Iterator[Problem]:
    """`written`: the names of all site files, also of those that could not be read."""
    for name, root in sorted(sites.items()):
        named = root.text("staging_of")
        if named is None:
            continue
        live = sites.get(named.text)
        if live is None and named.text in written:
            continue
        if live is None:
            close = nearest(named.text, tuple(each for each in sites if each != name))
            yield _problem(named, "there is no such site", close or "delete staging_of")
        elif live.text("staging_of") is not None:
            yield _problem(named, "that site is a staging itself", "name the live site")
        yield from _loud(root)


def _loud(root: Map) -> Iterator[Problem]:
    """Its own file asks for what a staging never is."""
    for (kind, key), word in (_FORCED | _WHERE_SAID).items():
        part = root.get(kind)
        said = part.text(key) if isinstance(part, Map) else part
        if isinstance(said, Text) and said.text != word:
            yield Problem(
                "desired.staging",
                "a staging is found by nobody and sends no mail",
                said.span,
                kind if said is part else f"{kind}.{key}",
                found=f'"{said.text}"',
                why="a copy that search engines find or that writes to clients does harm",
                mend="delete the line, or staging_of",
            )


def _problem(named: Text, why: str, mend: str) -> Problem:
    return Problem(
        "desired.staging",
        "staging_of names no live site of this fleet",
        named.span,
        "staging_of",
        found=f'"{named.text}"',
        why=why,
        mend=mend if " " in mend else f"write {mend}",
    )
