"""The languages that a site has: WordPress's own pack of each, and those of its plugins and themes.
A language that must not be there is one resource, whatever its packs translate.

Which packs the versions that are there need is left to needed_packs. That WordPress renews one by
itself is told in a line, and is drift only of pinned ones. The packs of a version that a change
brings come with that change (planning.language_packs).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from wpstate.model.adopted import Words
from wpstate.model.change import Change, Follow
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.node import Items, Text
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Noted
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, Address, Json, State, kind_of, name_of
from wpstate.resources.catalog import Catalog
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind import Kind
from wpstate.resources.language_packs import PACKS, files_of, joined_name, moment, told_apart
from wpstate.resources.needed_packs import (
    UNDATED,
    is_newer,
    listed,
    must_be_locked_one,
    needed_packs,
)
from wpstate.resources.said import Parsed, Said

_NAME: Final = "languages"
_CORE: Final = "core"
_LOCALE: Final = Address("core.locale")
_LOCALES: Final = "locales"
_ABSENT: Final = "absent"
_PINNED: Final = "pinned"
_SAID: Final = {_LOCALES: (_PINNED, "locale"), _ABSENT: (_ABSENT,)}
_RENEWED: Final = "WordPress renewed its translations by itself, as it may"


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
        pinned = said.get(_PINNED)
        word = pinned.value if pinned else None
        label = _PINNED if isinstance(word, Text) and word.text == "on" else "locale"
        asked = tuple(_named(said.get(_LOCALES), State(), label))
        away = tuple(_named(said.get(_ABSENT), ABSENT, _ABSENT))
        both = {each.address for each in asked}
        problems = tuple(_contradiction(each) for each in away if each.address in both)
        return Parsed((*asked, *away) if not problems else (), (), problems)

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        if not managed:
            return None
        return {
            _LOCALES: [name_of(each.address) for each in managed if each.want.present],
            _ABSENT: [name_of(each.address) for each in managed if not each.want.present],
        }

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds: Any = seen.get("kinds")
        answer: Any = kinds.get(_NAME) if isinstance(kinds, dict) else None
        if not isinstance(answer, dict):
            return
        for locale, packs in answer["packs"].items():
            for component, told in packs.items():
                yield _address(locale, component), State(value=moment(told or "") or UNDATED)
        for locale, components in answer[_ABSENT].items():
            if components:  # however new they are: what goes differs from none that was applied
                yield _address(locale, _CORE), State()

    def decided(self, desired: DesiredState, observed: ObservedState) -> Iterable[Managed]:
        for language in _asked(desired.managed) if _NAME in desired.questions else ():
            locale = name_of(language.address)
            for pack in needed_packs(locale, desired, observed):
                address = _address(locale, told_apart(pack.slug)[1])
                seen, pinned = observed.state(address), language.label == _PINNED
                locked = pinned or must_be_locked_one(seen, pack)
                yield replace(
                    language,
                    address=address,
                    want=State(value=pack.revision if locked else None),
                    artifact=pack,
                    applies=locked,  # any other is WordPress's business, and no plan is bound to it
                    heals=language.address in desired.policy.heal,
                )

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

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        locale = name_of(address)
        said = _LOCALES if not seen.present else _ABSENT
        own = (m for m in desired.managed if kind_of(m.address) == _NAME)
        asked = sorted((m for m in own if m.label in _SAID[said]), key=lambda m: m.span)
        locales = dict.fromkeys(name_of(m.address).partition(".")[0] for m in asked)
        if locale not in locales:
            return "it belongs to its language as a whole: put it back, or exempt it"
        others = tuple(name for name in locales if name != locale)
        return Words((_NAME,), {said: others or None}, _LOCALES)

    def told_of(self, change: Change, observed: ObservedState) -> tuple[str, ...]:
        if change.after.present:
            return ()
        packs = _packs_away((change,), observed)
        return (f"moves away {listed([told_apart(pack)[1] for pack in packs])}",)

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
                and is_newer(observed.state(managed.address), pack)
            ]
            if renewed:
                seen = observed.state(language.address)
                yield Noted(
                    language.address, seen, f"{_RENEWED}: {listed(renewed)}", "updated_itself"
                )

    def refusals(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        wanted = (m.want for m in desired.managed if m.address == _LOCALE)
        spoken = next(wanted, observed.state(_LOCALE)).value
        for change in changes:
            if not change.after.present and name_of(change.address) == spoken:
                yield Problem(
                    "plan.spoken_language",
                    "the language that the site speaks is asked to go",
                    where=change.source,
                    key=change.address,
                    found=f"core.locale is {visible(str(spoken), 40)}",
                    why="its pages would be English at once",
                    mend="ask for another language of the site first, with `core: {locale: …}`",
                )

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        """Staged packs have a variable of their own (planning.role_vars)."""
        away = _packs_away(changes, observed)
        return {_ABSENT: away} if away else {}

    def planned_globs(self, changes: Sequence[Change], observed: ObservedState) -> tuple[str, ...]:
        assert observed.paths is not None
        return files_of(observed.paths, _packs_away(changes, observed))


def _named(said: Said | None, want: State, label: str) -> Iterator[Managed]:
    items = said.value.items if said and isinstance(said.value, Items) else ()
    for item in items:
        if said and isinstance(item, Text):
            address = Address(f"{_NAME}.{item.text}")
            yield Managed(address, want, item.span, item.span, said.overrides, label)


def _contradiction(away: Managed) -> Problem:
    return Problem(
        "desired.contradiction",
        "a language is asked for and asked to go",
        away.span,
        f"{_NAME}.{_ABSENT}",
        found=f'"{name_of(away.address)}" in both lists',
        why="it cannot be both",
        mend="delete it from one of them",
    )


def _packs_away(changes: Sequence[Change], observed: ObservedState) -> list[str]:
    """All that is there of the languages that go, by what packs go by."""
    answer: Any = observed.answer(_NAME)
    return [
        joined_name(locale, component)
        for change in changes
        if not change.after.present
        for locale in (name_of(change.address),)
        for component in sorted(answer[_ABSENT].get(locale, ()))
    ]


def asked_locales(managed: Iterable[Managed]) -> set[str]:
    """Languages that a site asks for beside the one that it speaks."""
    return {name_of(each.address) for each in _asked(managed)}


def _asked(managed: Iterable[Managed]) -> Iterator[Managed]:
    for each in managed:
        is_own = kind_of(each.address) == _NAME and "." not in name_of(each.address)
        if is_own and each.want.present:
            yield each


def _address(locale: str, component: str) -> Address:
    """`languages.fr_FR` for WordPress's own pack, `languages.fr_FR.plugins.akismet`."""
    return Address(f"{_NAME}.{locale}" + ("" if component == _CORE else f".{component}"))
