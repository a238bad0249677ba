"""Plugins: a version and active, or inactive, absent, the client's, unmanaged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from wpstate.model.change import Change
from wpstate.model.desired import Artifact, DesiredState, Managed
from wpstate.model.facts import Part
from wpstate.model.identity import Identity
from wpstate.model.observed import Component, ObservedState, Paths
from wpstate.model.own_files import OwnFiles
from wpstate.model.plan import Noted
from wpstate.model.problem import Problem
from wpstate.model.state import Address, Json, State, name_of
from wpstate.resources.file_headers import said_identity
from wpstate.resources.foreign_text import visible
from wpstate.resources.package_kind import PackageKind
from wpstate.resources.plugin_rules import rule_decides, told_of_rules, too_many


class PluginsKind(PackageKind):
    name = "plugins"
    noun = "plugin"
    each_apart = True

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        named: set[str] = set()
        for slug, plugin in _in_order(seen):
            if slug not in named:
                named.add(slug)
                state = State(version=visible(plugin["version"], 100), active=plugin["active"])
                yield Address(f"plugins.{slug}"), state

    def decided(self, desired: DesiredState, observed: ObservedState) -> Iterable[Managed]:
        return rule_decides(desired, observed)

    def conflicts(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        return too_many(desired, observed, changes)

    def in_feeds(
        self,
        name: str,
        version: str,
        artifact: Artifact | None,
        observed: ObservedState | None,
    ) -> tuple[Part, ...]:
        """Of a single file that nobody named, feeds speak by a name that nobody can tell: hello.php
        is their hello-dolly."""
        if artifact is None and observed is not None:
            seen = observed.component(name)
            if seen is not None and "/" not in seen.file:
                return ()
        return super().in_feeds(name, version, artifact, observed)

    def noted(self, desired: DesiredState, observed: ObservedState) -> Iterable[Noted]:
        strangers = tuple(super().noted(desired, observed))
        addresses = {noted.address for noted in strangers}
        yield from strangers
        yield from (n for n in told_of_rules(desired, observed) if n.address not in addresses)

    def identities(self, observed: ObservedState) -> Mapping[Address, Identity]:
        found: dict[Address, Identity] = {}
        for component in observed.plugins:
            if component.identity is not None:
                found.setdefault(Address(f"{self.name}.{component.slug}"), component.identity)
        return found

    def folder(self, paths: Paths) -> str:
        return paths.plugins

    def main_file(self, name: str, observed: ObservedState) -> str | None:
        component = observed.component(name)
        return component.file if component else None

    def own_files(self, name: str, observed: ObservedState) -> OwnFiles | None:
        """Its folder, or its one file, and the tables of its own."""
        own = (self.main_file(name, observed) or f"{name}/").partition("/")[0]
        found = super().own_files(own, observed)
        return replace(found, tables_of=own) if found else None

    def single_file(
        self, change: Change, artifact: Artifact, files: Sequence[str] | None
    ) -> str | None:
        """wordpress.org has no single files: it packs WordPress's own hello.php into hello-dolly/.
        Under another name than its folder's, a zip whose only PHP file bears that name is meant so.
        """
        file = f"{name_of(change.address)}.php"
        programs = [path for path in files or () if path.endswith(".php")]
        renamed = artifact.slug != name_of(change.address)
        return file if renamed and not change.before.present and programs == [file] else None


def components(seen: Json) -> tuple[Component, ...]:
    """Plugins on disk, sorted by slug."""
    return tuple(
        Component(
            slug=slug,
            file=plugin["file"],
            name=visible(plugin["name"], 200),
            version=visible(plugin["version"], 100),
            active=bool(plugin["active"]),
            requires_wp=plugin["requires_wp"] or None,
            requires_php=plugin["requires_php"] or None,
            identity=_identity(plugin),
        )
        for slug, plugin in _in_order(seen)
    )


def _in_order(seen: Json) -> list[tuple[str, dict[str, Any]]]:
    """As the probe tells of them, whether active being None where the database could not be asked.

    Sorted by slug. Where several main files share a slug, the one that counts comes first: an
    active one, else the one that bears the folder's name.
    """
    listed = seen.get("plugins")
    found = [
        (slug_of(plugin["file"]), plugin) for plugin in (listed if isinstance(listed, list) else ())
    ]
    return sorted(found, key=_place)


def _place(one: tuple[str, dict[str, Any]]) -> tuple[str, bool, bool, str]:
    slug, plugin = one
    return slug, not plugin["active"], plugin["file"] != f"{slug}/{slug}.php", plugin["file"]


def _identity(plugin: Json) -> Identity:
    names = ("author", "text_domain", "update_uri")
    return said_identity(*(str(plugin[name]) for name in names))


def slug_of(file: str) -> str:
    """`akismet/akismet.php` → `akismet`, `hello.php` → `hello`."""
    folder, slash, _ = file.partition("/")
    return folder if slash else file.removesuffix(".php")
