"""The languages that a site has: WordPress's own pack of each, and those of its plugins and themes.

A pack fits the version that is there: one is brought where it is missing or older than what is
locked. That WordPress renews one by itself is told in a line, and is drift only of pinned ones. The
packs of a version that a change brings come with that change (planning.language_packs).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from wpstate.model.change import Change, Follow
from wpstate.model.desired import Artifact, DesiredState, LeftAlone, Managed
from wpstate.model.node import Items, Text
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Noted
from wpstate.model.state import Address, Json, State, kind_of, name_of
from wpstate.resources.catalog import PACKAGES, WORDPRESS_ORG, Catalog
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind import Kind
from wpstate.resources.language_packs import PACKS, moment, package_pack, told_apart
from wpstate.resources.said import Parsed, Said

_NAME: Final = "languages"
_CORE: Final = "core"
_VERSION: Final = Address("core.version")
_LOCALES: Final = "locales"
_PINNED: Final = "pinned"
_UNDATED: Final = "undated"
"""The state of a pack that does not tell when it was last translated."""
_MOST_NAMES: Final = 5
"""Of renewed packs, in one line."""


class LanguagesKind(Kind):
    name = _NAME
    reads_beside: Mapping[str, str | None] = {_NAME: _LOCALES}
    in_wordpress = False
    decides_own = True
    stays_with = "a language pack goes back with the version that it translates"

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        """WordPress's own pack stands for its language until a site was seen."""
        locales, pinned = said.get(_LOCALES), said.get(_PINNED)
        if locales is None or not isinstance(locales.value, Items):
            return Parsed()
        word = pinned.value if pinned else None
        label = _PINNED if isinstance(word, Text) and word.text == "on" else "locale"
        return Parsed(
            tuple(
                Managed(
                    address=Address(f"{_NAME}.{item.text}"),
                    want=State(),
                    span=item.span,
                    asked_by=item.span,
                    overrides=locales.overrides,
                    label=label,
                )
                for item in locales.value.items
                if isinstance(item, Text)
            )
        )

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        return {_LOCALES: [name_of(each.address) for each in managed]} if managed else None

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds: Any = seen.get("kinds")
        answer: Any = kinds.get(_NAME) if isinstance(kinds, dict) else None
        for locale, packs in answer["packs"].items() if isinstance(answer, dict) else ():
            for component, told in packs.items():
                yield _address(locale, component), State(value=moment(told or "") or _UNDATED)

    def decided(self, desired: DesiredState, observed: ObservedState) -> Iterable[Managed]:
        if _NAME not in desired.questions:
            return
        asked = tuple(_asked(desired.managed))
        locked = {(pack.slug, pack.version): pack for pack in desired.packs}
        core = observed.state(_VERSION).version
        there = tuple(_translated(desired, observed))
        for language in asked:
            locale = name_of(language.address)
            if core is not None:
                unlocked = Artifact(PACKS, locale, core, WORDPRESS_ORG, None)
                pack = locked.get((locale, core), unlocked)
                yield _of_pack(language, language.address, pack, desired, observed)
            for kind, slug, version in there:
                own = locked.get((package_pack(kind, slug, locale), version))
                if own is not None and own.sha256 is not None:
                    address = _address(locale, f"{kind}.{slug}")
                    yield _of_pack(language, address, own, desired, observed)

    def out_of_reach(
        self, managed: Managed, desired: DesiredState, observed: ObservedState
    ) -> str | None:
        pack = managed.artifact
        if pack is None or pack.sha256 is not None or pack in desired.packs:
            return None
        return (
            f"no file of the fleet names WordPress {visible(pack.version, 40)}, so no pack of it "
            "can be locked: ask for that version, or for another, in `core`"
        )

    def follows(
        self, change: Change, desired: DesiredState, observed: ObservedState
    ) -> Iterable[Follow]:
        """Packs that come with what they translate; the change's notes tell of them."""
        if kind_of(change.address) == _NAME or not change.artifacts:
            return
        asked = asked_locales(desired.managed)
        for pack in change.artifacts:
            locale, component = told_apart(pack.slug) if pack.kind == PACKS else ("", "")
            if locale in asked:
                yield Follow(_address(locale, component), State(value=pack.revision), told="")

    def noted(self, desired: DesiredState, observed: ObservedState) -> Iterable[Noted]:
        """What WordPress renewed by itself, one line for each language."""
        for language in _asked(desired.managed) if _NAME in desired.questions else ():
            renewed = [
                told_apart(pack.slug)[1]
                for managed in desired.managed
                if (pack := managed.artifact) is not None
                and not managed.applies
                and pack.kind == PACKS
                and told_apart(pack.slug)[0] == name_of(language.address)
                and _newer(observed.state(managed.address), pack)
            ]
            if renewed:
                seen = observed.state(language.address)
                yield Noted(language.address, seen, _told(renewed), "updated_itself")

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        """Staged packs have a variable of their own (planning.role_vars)."""
        return {}


def asked_locales(managed: Iterable[Managed]) -> set[str]:
    """Languages that a site asks for beside the one that it speaks."""
    return {name_of(each.address) for each in _asked(managed)}


def _asked(managed: Iterable[Managed]) -> Iterator[Managed]:
    for each in managed:
        if kind_of(each.address) == _NAME and "." not in name_of(each.address):
            yield each


def _address(locale: str, component: str) -> Address:
    """`languages.fr_FR` for WordPress's own pack, `languages.fr_FR.plugins.akismet`."""
    return Address(f"{_NAME}.{locale}" + ("" if component == _CORE else f".{component}"))


def _translated(desired: DesiredState, observed: ObservedState) -> Iterator[tuple[str, str, str]]:
    """Kind, slug on wordpress.org and version of all that is there and not asked to go."""
    asked = {managed.address: managed for managed in desired.managed}
    for address, state in observed.resources:
        kind, managed = kind_of(address), asked.get(address)
        if kind not in PACKAGES or not state.version or (managed and not managed.want.present):
            continue
        artifact = managed.artifact if managed else None
        yield kind, artifact.slug if artifact else name_of(address), state.version


def _of_pack(
    language: Managed,
    address: Address,
    pack: Artifact,
    desired: DesiredState,
    observed: ObservedState,
) -> Managed:
    """What one pack must be: there, and the locked one where it is pinned or what is there is
    older. Any other is WordPress's business, and no plan is bound to it."""
    seen = observed.state(address)
    older = seen.value != _UNDATED and str(seen.value or "") < (pack.revision or "")
    as_locked = language.label == _PINNED or not seen.present or older
    return replace(
        language,
        address=address,
        want=State(value=pack.revision if as_locked else None),
        artifact=pack,
        applies=as_locked,
        heals=language.address in desired.policy.heal,
    )


def _newer(seen: State, pack: Artifact) -> bool:
    dated = seen.present and seen.value != _UNDATED and pack.revision is not None
    return dated and str(seen.value) > str(pack.revision)


def _told(renewed: Sequence[str]) -> str:
    names = ", ".join(sorted(renewed)[:_MOST_NAMES])
    more = f" and {len(renewed) - _MOST_NAMES} more" if len(renewed) > _MOST_NAMES else ""
    return f"WordPress renewed its translations by itself, as it may: {names}{more}"
