"""Plugins: a version and active, or inactive, absent, the client's, unmanaged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.node import Map, Text
from wpstate.model.observed import Component, ObservedState
from wpstate.model.plan import Noted
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan
from wpstate.model.state import ABSENT, Address, Json, State
from wpstate.resources.catalog import Catalog
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind import Kind, Parsed, Said, joined, pin_problem
from wpstate.resources.nearest import nearest
from wpstate.resources.plugin_rules import rule_decides, told_of_rules, too_many

_STATES = ("active", "inactive", "absent", "client", "unmanaged")


class PluginsKind(Kind):
    name = "plugins"
    lists_unmanaged = True
    in_wordpress = False

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        return joined(_plugin(slug, words, catalog) for slug, words in sorted(said.items()))

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        named: set[str] = set()
        for component, active in components(seen):
            if component.slug not in named:
                named.add(component.slug)
                state = State(version=component.version, active=active)
                yield Address(f"plugins.{component.slug}"), state

    def decided(self, desired: DesiredState, observed: ObservedState) -> Iterable[Managed]:
        return rule_decides(desired, observed)

    def conflicts(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        return too_many(desired, observed, changes)

    def noted(self, desired: DesiredState, observed: ObservedState) -> Iterable[Noted]:
        return told_of_rules(desired, observed)


def components(seen: Json) -> tuple[tuple[Component, bool | None], ...]:
    """Plugins on disk and whether they are active, None where the database could not be asked.

    Sorted by slug. Where several main files share a slug, the one that counts comes first: an
    active one, else the one that bears the folder's name.
    """
    listed = seen.get("plugins")
    found = [
        (
            Component(
                slug=slug_of(plugin["file"]),
                file=plugin["file"],
                name=visible(plugin["name"], 200),
                version=visible(plugin["version"], 100),
                active=bool(plugin["active"]),
                requires_wp=plugin["requires_wp"] or None,
                requires_php=plugin["requires_php"] or None,
            ),
            plugin["active"],
        )
        for plugin in (listed if isinstance(listed, list) else ())
    ]
    return tuple(
        sorted(
            found,
            key=lambda pair: (
                pair[0].slug,
                not pair[0].active,
                pair[0].file != f"{pair[0].slug}/{pair[0].slug}.php",
                pair[0].file,
            ),
        )
    )


def slug_of(file: str) -> str:
    """`akismet/akismet.php` → `akismet`, `hello.php` → `hello`."""
    folder, slash, _ = file.partition("/")
    return folder if slash else file.removesuffix(".php")


def _plugin(slug: str, said: Said, catalog: Catalog) -> Parsed:
    address = Address(f"plugins.{slug}")
    version, state = _words(said)
    word = state.text if state else "active"
    contradiction = _contradiction(address, said, version, word)
    if contradiction:
        return Parsed(problems=(contradiction,))
    span = said.value.span
    match word:
        case "client" | "unmanaged":
            return Parsed(left_alone=(LeftAlone(address, word, span),))
        case "absent":
            entry = catalog.plugins.get(slug)
            absent = _managed(address, said, ABSENT, span, "absent")
            return Parsed((replace(absent, applies=entry is None or entry.is_ours),))
        case _:
            return _present(slug, address, said, version, active=word == "active", catalog=catalog)


def _words(said: Said) -> tuple[Text | None, Text | None]:
    """Version and state, whichever way they are written."""
    if isinstance(said.value, Text):
        is_state = said.value.text in _STATES
        return (None, said.value) if is_state else (said.value, None)
    return said.part("version"), said.part("state")


def _present(
    slug: str, address: Address, said: Said, version: Text | None, *, active: bool, catalog: Catalog
) -> Parsed:
    entry = catalog.plugins.get(slug)
    if entry is None:
        return Parsed(problems=(_not_in_catalog(slug, address, said, catalog),))
    pinned = version is not None and version.text != "approved"
    decides = version if version is not None and pinned else entry.approved
    label = "pinned" if pinned else "approved" if active else "inactive"
    stray = pin_problem(f"{address}.until", said.part("until"), pinned=pinned)
    problems = (stray,) if stray else ()
    if decides is None or not entry.is_ours:
        want = State(version=decides.text if decides else None, active=active)
        span = decides.span if decides else said.value.span
        looked_at = replace(_managed(address, said, want, span, entry.source), applies=False)
        return Parsed((looked_at,), problems=problems)
    artifact = catalog.plugin_artifact(slug, decides.text)
    if artifact is None:
        return Parsed(problems=(_no_zip(address, said, decides),))
    want = State(version=decides.text, active=active)
    managed = _managed(address, said, want, decides.span, label)
    return Parsed((replace(managed, artifact=artifact),), problems=problems)


def _managed(address: Address, said: Said, want: State, span: SourceSpan, label: str) -> Managed:
    until, why, purge = said.part("until"), said.part("why"), said.part("purge_data")
    return Managed(
        address=address,
        want=want,
        span=span,
        asked_by=said.value.span,
        overrides=said.overrides,
        label=label,
        pinned_until=until.text if until else None,
        why=why.text if why else None,
        purge_data=purge is not None and purge.text == "true",
    )


def _contradiction(address: Address, said: Said, version: Text | None, word: str) -> Problem | None:
    """Two words of a long form that cannot both hold."""
    purge, until = said.part("purge_data"), said.part("until")
    if word in ("absent", "client", "unmanaged"):
        if isinstance(said.value, Map) and version is not None:
            return Problem(
                "desired.contradiction",
                "plugin has a version and a state that needs none",
                version.span,
                f"{address}.version",
                found=f'"{version.text}" beside "{word}"',
                why="a plugin that is not ours to install has no version to install",
                mend="delete the version, or write `state: active`",
            )
        if until is not None:
            return pin_problem(f"{address}.until", until, pinned=False)
    if purge is not None and word != "absent":
        return Problem(
            "desired.contradiction",
            "purge_data stands beside a plugin that stays",
            purge.span,
            f"{address}.purge_data",
            found=f'"{purge.text}" beside "{word}"',
            why="data is dropped only with the plugin it belongs to",
            mend="delete purge_data, or write `state: absent`",
        )
    return None


def _not_in_catalog(slug: str, address: Address, said: Said, catalog: Catalog) -> Problem:
    if reason := catalog.forbidden.get(slug):
        return Problem(
            "desired.forbidden",
            "plugin is forbidden by the catalog",
            said.value.span,
            address,
            overrides=said.overrides[0] if said.overrides else None,
            found=f'"{slug}"',
            why=f"{reason.text} ({reason.span})",
            mend=f"write {slug}: absent",
        )
    close = nearest(slug, catalog.plugins)
    return Problem(
        "desired.not_in_catalog",
        "plugin is not in the catalog",
        said.value.span,
        address,
        overrides=said.overrides[0] if said.overrides else None,
        found=f'"{slug}"',
        why="only what the agency approved is installed, under the name that was approved",
        mend=f"write {close}" if close else f"add `{slug}: VERSION` to catalog.yml",
    )


def _no_zip(address: Address, said: Said, version: Text) -> Problem:
    return Problem(
        "desired.no_zip",
        "the catalog has no zip of this version",
        version.span,
        address,
        overrides=said.overrides[0] if said.overrides else None,
        found=f'"{version.text}"',
        why="this plugin does not come from wordpress.org",
        mend=f"add `{version.text}: PATH.zip` to its zips in catalog.yml",
    )
