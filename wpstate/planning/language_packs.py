"""Gives changes the language packs that go with them: of WordPress itself, of plugins and themes.

Which files a pack may hold is left to resources.language_packs, packs of what stays as it is to
resources.languages.
"""

from collections.abc import Mapping
from dataclasses import replace

from wpstate.model.change import Change
from wpstate.model.desired import Artifact, DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, kind_of, name_of
from wpstate.resources.catalog import PACKAGES, WORDPRESS_ORG
from wpstate.resources.core import ENGLISH, LOCALE, VERSION
from wpstate.resources.language_packs import PACKS, package_pack, told_apart
from wpstate.resources.languages import asked_locales

_Packs = Mapping[tuple[str, str], Artifact]
"""By what they go by, and version."""


def with_language_packs(
    desired: DesiredState, observed: ObservedState, changes: tuple[Change, ...]
) -> tuple[Change, ...]:
    """The same changes; they bring the packs of the locale that will be there, and of those that
    `languages` asks for.

    A new locale cannot be without WordPress's own pack, so gates refuse one that is not locked. A
    new version can: WordPress then keeps the translations it has, and the plan says so. Plugins and
    themes bring theirs where one is locked; a new locale brings those of all that stays as it is.
    """
    by_address = {change.address: change for change in changes}
    core, language = by_address.get(VERSION), by_address.get(LOCALE)
    version = (core.after if core else observed.state(VERSION)).version
    own = str((language.after if language else observed.state(LOCALE)).value or ENGLISH)
    locales = tuple(sorted({own, *asked_locales(desired.managed)} - {ENGLISH}))
    if not changes or not locales:
        return changes
    known = {(pack.slug, pack.version): pack for pack in desired.packs}
    by_address = {c.address: _with_own(c, locales, known) for c in changes}
    if version is not None and core is not None:
        others = [locale for locale in locales if language is None or locale != own]
        by_address[VERSION] = _with_core(by_address[VERSION], others, version, known)
    if version is not None and language is not None and own != ENGLISH:
        unlocked = Artifact(PACKS, own, version, WORDPRESS_ORG, None)
        stays = _of_what_stays(desired, observed, by_address, own, known)
        by_address[LOCALE] = replace(
            language, artifact=known.get((own, version), unlocked), extra=(*language.extra, *stays)
        )
    return _each_once(tuple(by_address.values()))


def _with_core(change: Change, locales: list[str], version: str, known: _Packs) -> Change:
    """WordPress itself with its packs."""
    packs = [(locale, known.get((locale, version))) for locale in locales]
    locked = tuple(pack for _, pack in packs if pack and pack.sha256 is not None)
    lacks = [locale for locale, pack in packs if pack not in locked]
    notes = (
        *(f"with the language pack {pack.slug}" for pack in locked),
        *(
            f"language pack {locale} for {version} is not locked: WordPress keeps the old one"
            for locale in lacks
        ),
    )
    return replace(change, extra=(*change.extra, *locked), notes=(*change.notes, *notes))


def _with_own(change: Change, locales: tuple[str, ...], known: _Packs) -> Change:
    """A plugin or theme with its packs."""
    bytes_ = change.artifact
    if bytes_ is None or bytes_.kind not in PACKAGES:
        return change
    names = {package_pack(bytes_.kind, bytes_.slug, locale): locale for locale in locales}
    packs = [known.get((name, bytes_.version)) for name in names]
    locked = tuple(pack for pack in packs if pack and pack.sha256 is not None)
    notes = tuple(f"with the language pack {names[pack.slug]}" for pack in locked)
    return replace(change, extra=(*change.extra, *locked), notes=(*change.notes, *notes))


def _each_once(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """What changes brings its packs itself: those of the version that it leaves are not needed."""
    moved = {_component(c.artifact) for c in changes if c.artifact and not _is_pack(c)}
    come = {p.slug for c in changes if not _is_pack(c) for p in c.artifacts if p.kind == PACKS}
    return tuple(
        change
        for change in changes
        if not (pack := change.artifact)
        or not _is_pack(change)
        or not (pack.slug in come or told_apart(pack.slug)[1] in moved)
    )


def _is_pack(change: Change) -> bool:
    """Whether it brings a language pack for its own sake."""
    bytes_ = change.artifact
    return bytes_ is not None and bytes_.kind == PACKS and change.address != LOCALE


def _component(bytes_: Artifact) -> str:
    """As `told_apart` calls what a pack translates."""
    return "core" if bytes_.kind == "core" else f"{bytes_.kind}.{bytes_.slug}"


def _of_what_stays(
    desired: DesiredState,
    observed: ObservedState,
    changed: Mapping[Address, Change],
    locale: str,
    known: _Packs,
) -> tuple[Artifact, ...]:
    """Packs of plugins and themes that are there and not brought anew."""
    slugs = {m.address: m.artifact.slug for m in desired.managed if m.artifact}
    found = []
    for address, state in observed.resources:
        kind, change = kind_of(address), changed.get(address)
        goes = change is not None and not change.after.present
        if kind not in PACKAGES or goes or (change is not None and change.artifact is not None):
            continue
        pack = package_pack(kind, slugs.get(address, name_of(address)), locale)
        found.append(known.get((pack, state.version or "")))
    return tuple(pack for pack in found if pack and pack.sha256 is not None)
