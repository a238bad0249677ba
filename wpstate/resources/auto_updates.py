"""What WordPress may update by itself: core off, minor or on, each plugin on or off.

What it then did is in sync within what is allowed (Managed.floats, which core and packages set).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from wpstate.model.adopted import Words
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.imported import Written
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, Json, State, name_of
from wpstate.resources.catalog import Catalog
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind import Kind
from wpstate.resources.said import Parsed, Said

CORE: Final = Address("auto_updates.core")
_PLUGINS: Final = "auto_updates.plugins."
_CONSTANTS: Final = ("AUTOMATIC_UPDATER_DISABLED", "DISALLOW_FILE_MODS", "WP_AUTO_UPDATE_CORE")
_WORDS: Final = ("off", "minor", "on")
_NOT_OURS: Final = ("absent", "client", "unmanaged")


class AutoUpdatesKind(Kind):
    name = "auto_updates"
    reads_beside: Mapping[str, str | None] = {"core": None, "plugins": None}
    touches = ("options",)
    adopts = "core: {auto_updates: minor}\nauto_updates: {plugins: off}"

    def adopted(
        self, observed: ObservedState, catalog: Catalog, *, follow: bool
    ) -> Iterable[Written]:
        """What updates itself is asked to go on: pinned alone, its next version would be drift."""
        core, answer = observed.state(CORE).value, observed.answer(self.name)
        if core in _WORDS:
            yield Written(("core", "auto_updates"), str(core), (CORE,))
        listed = catalog.entries("plugins")
        slugs = [plugin.slug for plugin in observed.plugins if plugin.slug in listed]
        on = {slug for slug in slugs if slug in _texts(answer.get("on"))}
        for slug in sorted(on):
            keys, about = ("plugins", slug, "auto_updates"), (Address(f"{_PLUGINS}{slug}"),)
            yield Written(keys, "on", about, "updates itself here: `off` to have git decide")
        off = tuple(Address(f"{_PLUGINS}{slug}") for slug in sorted({*slugs} - on))
        if off:
            yield Written((self.name, "plugins"), "off", off)

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        slug = address.removeprefix(_PLUGINS)
        keys = ("core",) if address == CORE else ("plugins", slug)
        return Words(keys, {"auto_updates": str(seen.value)}, "version")

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        managed: list[Managed] = []
        core = said.get("core/auto_updates")
        if core is not None and isinstance(core.value, Text):
            managed.append(_managed(CORE, core.value, core))
        every = said.get("plugins")
        for key, words in said.items():
            kind, _, slug = key.partition("/")
            if kind != "plugins" or not slug:
                continue
            own = words.part("auto_updates")
            decides = own or (every.value if every and isinstance(every.value, Text) else None)
            if decides is not None and _state(words) not in _NOT_OURS:
                asked = words if own is not None or every is None else every
                managed.append(_managed(Address(f"{_PLUGINS}{slug}"), decides, asked))
        return Parsed(tuple(managed))

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        addresses = [str(each.address) for each in managed]
        slugs = [a.removeprefix(_PLUGINS) for a in addresses if a.startswith(_PLUGINS)]
        return {"plugins": slugs, "constants": list(_CONSTANTS)} if addresses else None

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds = seen.get("kinds")
        answer = kinds.get(self.name) if isinstance(kinds, dict) else None
        if isinstance(answer, dict):
            yield CORE, State(value=_core(answer))
            for slug, on in answer["plugins"].items():
                yield Address(f"{_PLUGINS}{slug}"), State(value="on" if on else "off")

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        if address != CORE:
            return (str(address), "options.auto_update_plugins")
        return ("options.auto_update_core_minor", "options.auto_update_core_major")

    def out_of_reach(
        self, managed: Managed, desired: DesiredState, observed: ObservedState
    ) -> str | None:
        answer: dict[str, Any] = dict(observed.answer(self.name))
        told = answer.get("never")
        if told and managed.want.value != "off":
            return f"wp-config.php defines {told}: no update runs by itself; take it out there"
        fixed = answer.get("fixed")
        if fixed and managed.address == CORE:
            value = visible(fixed, 40)
            return f"wp-config.php defines WP_AUTO_UPDATE_CORE as {value}: change it there"
        return None

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        core = next((c.after.value for c in changes if c.address == CORE), None)
        wants = {name_of(c.address).partition(".")[2]: c.after.value == "on" for c in changes}
        files = {p.slug: p.file for p in observed.plugins}
        plugins = [
            {"slug": slug, "file": files.get(slug), "on": on} for slug, on in wants.items() if slug
        ]
        return {"core": core, "plugins": plugins}


def _core(answer: Json) -> str:
    """As Core_Upgrader::should_update_to_version decides (WordPress 7.1.1)."""
    if answer["never"]:
        return "off"
    match answer["fixed"], answer["minor"], answer["major"]:
        case "true", _, _:
            return "on"
        case "false", _, _:
            return "off"
        case "minor", _, _:
            return "minor"
        case str() as other, _, _:
            return visible(other, 40)
        case _, True, True:
            return "on"
        case _, True, False:
            return "minor"
        case _, False, True:
            return "major only"
        case _:
            return "off"


def _texts(listed: object) -> frozenset[str]:
    return frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()


def _managed(address: Address, word: Text, said: Said) -> Managed:
    return Managed(
        address=address,
        want=State(value=word.text),
        span=word.span,
        asked_by=said.value.span,
        overrides=said.overrides,
        label="auto_updates",
    )


def _state(words: Said) -> str:
    word = words.value if isinstance(words.value, Text) else words.part("state")
    by = words.part("managed_by")
    if by is not None and by.text != "wpstate":
        return "client"
    return word.text if word else ""
