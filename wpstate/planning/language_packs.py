"""Gives changes the language packs that go with them: of WordPress itself, of plugins and themes.

Which files a pack may hold is left to resources.language_packs. Translations that WordPress renews
by itself are nobody's drift: a pack is no resource, it comes with a version.
"""

from collections.abc import Mapping
from dataclasses import replace

from wpstate.model.change import Change
from wpstate.model.desired import Artifact, DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, kind_of, name_of
from wpstate.resources.catalog import PACKAGES, WORDPRESS_ORG
from wpstate.resources.core import ENGLISH, LOCALE, VERSION
from wpstate.resources.language_packs import PACKS, package_pack

_Packs = Mapping[tuple[str, str], Artifact]
"""By what they go by, and version."""


def with_language_packs(
    desired: DesiredState, observed: ObservedState, changes: tuple[Change, ...]
) -> tuple[Change, ...]:
    """The same changes; they bring the packs of the locale that will be there.

    A new locale cannot be without WordPress's own pack, so gates refuse one that is not locked. A
    new version can: WordPress then keeps the translations it has, and the plan says so. Plugins and
    themes bring theirs where one is locked; a new locale brings those of all that stays as it is.
    """
    by_address = {change.address: change for change in changes}
    core, language = by_address.get(VERSION), by_address.get(LOCALE)
    version = (core.after if core else observed.state(VERSION)).version
    locale = str((language.after if language else observed.state(LOCALE)).value or ENGLISH)
    if not changes or locale == ENGLISH:
        return changes
    known = {(pack.slug, pack.version): pack for pack in desired.packs}
    changes = tuple(_with_own(change, locale, known) for change in changes)
    brings = next((c for c in changes if c.address == (LOCALE if language else VERSION)), None)
    if brings is None or version is None:
        return changes
    unlocked = Artifact(PACKS, locale, version, WORDPRESS_ORG, None)
    pack = known.get((locale, version), unlocked)
    if language is not None:
        others = _of_what_stays(desired, observed, by_address, locale, known)
        brought = replace(brings, artifact=pack, extra=(*brings.extra, *others))
    elif pack.sha256 is not None:
        note = f"with the language pack {locale}"
        brought = replace(brings, extra=(pack,), notes=(*brings.notes, note))
    else:
        note = f"language pack {locale} for {version} is not locked: WordPress keeps the old one"
        brought = replace(brings, notes=(*brings.notes, note))
    return tuple(brought if change is brings else change for change in changes)


def _with_own(change: Change, locale: str, known: _Packs) -> Change:
    """A plugin or theme with its pack."""
    bytes_ = change.artifact
    if bytes_ is None or bytes_.kind not in PACKAGES:
        return change
    pack = known.get((package_pack(bytes_.kind, bytes_.slug, locale), bytes_.version))
    if pack is None or pack.sha256 is None:
        return change
    note = f"with the language pack {locale}"
    return replace(change, extra=(*change.extra, pack), notes=(*change.notes, note))


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
