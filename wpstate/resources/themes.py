"""Themes: a version, and which one is active. A site has exactly one; a child needs its parent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from wpstate.model.change import Action, Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.identity import Identity
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState, Paths
from wpstate.model.problem import Problem
from wpstate.model.state import Address, Json, State, name_of
from wpstate.resources.catalog import Catalog
from wpstate.resources.file_headers import said_identity
from wpstate.resources.foreign_text import visible
from wpstate.resources.package_kind import PackageKind
from wpstate.resources.said import Parsed, Said


class ThemesKind(PackageKind):
    name = "themes"
    noun = "theme"
    needs_state = False
    in_wordpress = True

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        parsed = super().parse_desired(said, catalog, language)
        active = [managed for managed in parsed.managed if managed.want.active]
        if len(active) > 1:
            return replace(parsed, problems=(*parsed.problems, _two_active(active)))
        others = tuple(_not_active(m) for m in parsed.managed if m not in active)
        return replace(parsed, managed=(*active, *others)) if active else parsed

    def _adopted(self, version: str, state: State) -> str:
        return f"{{version: {version}, state: active}}" if state.active else version

    def _state_word(self, seen: State) -> str | None:
        return "active" if seen.active else None

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json:
        """Asked on every site: what nobody named is shown too."""
        return {}

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        answer = _answer(seen.get("kinds"))
        active = answer.get("active")
        for theme in _themes(answer):
            is_active = None if active is None else theme["folder"] == active
            yield (
                Address(f"themes.{theme['folder']}"),
                State(version=visible(theme["version"], 100), active=is_active),
            )

    def folder(self, paths: Paths) -> str:
        """As get_theme_root() has it (WordPress 7.1.1)."""
        return f"{paths.content}/themes"

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        activated = _activated(changes)
        return {"switch_to": name_of(activated.address)} if activated else {}

    def identities(self, observed: ObservedState) -> Mapping[Address, Identity]:
        return {
            Address(f"{self.name}.{theme['folder']}"): said_identity(
                theme["author"], theme["text_domain"], theme["update_uri"]
            )
            for theme in _themes(observed.answer(self.name))
        }

    def refusals(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        yield from super().refusals(desired, observed, changes)
        if _activated(changes) is None:
            yield from (_no_active(change) for change in changes if _leaves_none(change))
        after = {a for a, state in observed.resources if a.startswith("themes.") and state.present}
        after |= {change.address for change in changes if change.after.present}
        after -= {change.address for change in changes if not change.after.present}
        by_address = {change.address: change for change in changes}
        parents = dict(_parents(observed))
        parents |= {c.address: c.artifact.parent for c in changes if c.artifact}
        for child in sorted(after):
            parent = parents.get(child)
            address = Address(f"themes.{parent}")
            if parent is not None and address not in after:
                cause = by_address.get(address) or by_address.get(child)
                if cause is not None:
                    yield _no_parent(cause, child, parent)


def theme_names(kinds: object) -> Mapping[str, str]:
    """Folder by the name that a theme's style.css tells."""
    return {visible(theme["name"], 200): theme["folder"] for theme in _themes(_answer(kinds))}


def _answer(kinds: object) -> Json:
    answer = kinds.get("themes") if isinstance(kinds, dict) else None
    return answer if isinstance(answer, dict) else {}


def _themes(answer: Json) -> list[dict[str, str]]:
    themes = answer.get("themes")
    return themes if isinstance(themes, list) else []


def _parents(observed: ObservedState) -> Iterable[tuple[Address, str | None]]:
    for theme in _themes(observed.answer("themes")):
        yield Address(f"themes.{theme['folder']}"), theme["parent"] or None


def _activated(changes: Iterable[Change]) -> Change | None:
    return next((c for c in changes if c.after.active and not c.before.active), None)


def _leaves_none(change: Change) -> bool:
    return bool(change.before.active) and not change.after.active


def _not_active(managed: Managed) -> Managed:
    """Beside the one that is asked to be active."""
    if not managed.want.present:
        return managed
    return replace(managed, want=replace(managed.want, active=False))


def _two_active(active: Sequence[Managed]) -> Problem:
    first, *others = sorted(active, key=lambda m: (m.asked_by.file, m.asked_by.line))
    names = ", ".join(name_of(managed.address) for managed in (first, *others))
    return Problem(
        "desired.two_active_themes",
        "more than one theme is asked to be active",
        others[-1].asked_by,
        others[-1].address,
        overrides=first.asked_by,
        found=names,
        why="visitors see one theme; a site that asks for another must take back its profile's",
        mend=f"write `{name_of(first.address)}: approved` beside it, or `inactive`",
    )


def _no_active(change: Change) -> Problem:
    return Problem(
        "plan.active_theme",
        "the plan would leave the site without an active theme",
        where=change.source,
        key=change.address,
        found="it is deleted" if change.action is Action.DELETE else "it is switched off",
        why="visitors would get whichever theme WordPress falls back on, or an empty page",
        mend="name the theme that takes its place: `OTHER: {state: active}`",
    )


def _no_parent(change: Change, child: Address, parent: str) -> Problem:
    return Problem(
        "plan.no_parent_theme",
        "a child theme would be without its parent",
        where=change.source,
        key=change.address,
        found=f"{child} is built upon {parent}",
        why="WordPress cannot show a child theme whose parent is not there",
        mend=f"ask for `{parent}: approved` too, or for the child to be absent",
    )
