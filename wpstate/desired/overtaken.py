"""Lines of a fleet's files that ask for less than an urgent patch brought, and what they must say
for it to stay. Writing that is left to desired.editing.
"""

from collections.abc import Collection, Iterator

from wpstate.desired.parts import Parts
from wpstate.model.node import Map, Node, Text
from wpstate.model.patch import Overtaken, Patch
from wpstate.model.state import name_of
from wpstate.resources import versions

_NOT_THERE = frozenset({"absent", "client", "unmanaged"})


def overtaken(parts: Parts, patch: Patch, sites: Collection[str]) -> tuple[Overtaken, ...]:
    """Of sites' own files these alone; the catalog, the fleet and its profiles all. Nothing where
    no site has it."""
    if not sites:
        return ()
    name, version = name_of(patch.address), patch.want.version
    roots = [parts.fleet] if parts.fleet else []
    roots += [root for _, root in sorted(parts.profiles.items())]
    roots += [root for site, root in sorted(parts.sites.items()) if site in sites]
    said = [
        node
        for root in roots
        if isinstance(section := root.get("plugins"), Map)
        and (node := section.get(name)) is not None
    ]
    if version is None:
        return tuple(line for node in said for line in _off(name, node))
    older = (line for node in said for line in _pinned(name, node, version))
    return (*_approved(parts, name, version), *older)


def _approved(parts: Parts, name: str, version: str) -> Iterator[Overtaken]:
    entry = parts.catalog.plugins.get(name) if parts.catalog else None
    if entry is not None and entry.approved is not None and _is_older(entry.approved, version):
        below = () if entry.span == entry.approved.span else ("approved",)
        yield _line(entry.approved, ("plugins", name, *below), version)


def _pinned(name: str, said: Node, version: str) -> Iterator[Overtaken]:
    """A version written out; `approved` follows the catalog."""
    if isinstance(said, Text) and _is_older(said, version):
        yield _line(said, ("plugins", name), version)
    elif isinstance(said, Map) and not _elsewhere(said):
        pinned = said.text("version")
        if pinned is not None and _is_older(pinned, version):
            yield _line(pinned, ("plugins", name, "version"), version)


def _off(name: str, said: Node) -> Iterator[Overtaken]:
    if isinstance(said, Text) and said.text not in (*_NOT_THERE, "inactive"):
        if said.text in ("active", "approved"):
            yield _line(said, ("plugins", name), "inactive")
        else:
            both = (("version", said.text), ("state", "inactive"))
            yield Overtaken(said.span, ("plugins", name), said.text, both)
    elif isinstance(said, Map) and not _elsewhere(said):
        state = said.text("state")
        if state is None or state.text == "active":
            before = state.text if state else ""
            span = state.span if state else said.span
            yield Overtaken(span, ("plugins", name, "state"), before, "inactive")


def _elsewhere(said: Map) -> bool:
    """Not there, or put there by somebody else."""
    state, keeper = said.text("state"), said.text("managed_by")
    gone = state is not None and state.text in _NOT_THERE
    return gone or (keeper is not None and keeper.text != "wpstate")


def _is_older(said: Text, version: str) -> bool:
    return said.text[:1].isdecimal() and versions.compare(said.text, version) < 0


def _line(said: Text, keys: tuple[str, ...], after: str) -> Overtaken:
    return Overtaken(said.span, keys, said.text, after)
