"""Gives changes to WordPress itself the language pack that goes with them.

Which files a pack may hold is left to resources.language_packs.
"""

from dataclasses import replace

from wpstate.model.change import Change
from wpstate.model.desired import Artifact, DesiredState
from wpstate.model.observed import ObservedState
from wpstate.resources.catalog import WORDPRESS_ORG
from wpstate.resources.core import ENGLISH, LOCALE, VERSION


def with_language_pack(
    desired: DesiredState, observed: ObservedState, changes: tuple[Change, ...]
) -> tuple[Change, ...]:
    """The same changes; one of them brings the pack of the locale and version that will be there.

    A new locale cannot be without its pack, so gates refuse one that is not locked. A new version
    can: WordPress then keeps the translations it has, and the plan says so.
    """
    by_address = {change.address: change for change in changes}
    core, language = by_address.get(VERSION), by_address.get(LOCALE)
    version = (core.after if core else observed.state(VERSION)).version
    locale = str((language.after if language else observed.state(LOCALE)).value or ENGLISH)
    brings = language or core
    if brings is None or version is None or locale == ENGLISH:
        return changes
    pack = _pack(desired, locale, version)
    if language is not None:
        brought = replace(language, artifact=pack)
    elif pack.sha256 is not None:
        note = f"with the language pack {locale}"
        brought = replace(brings, extra=(pack,), notes=(*brings.notes, note))
    else:
        note = f"language pack {locale} for {version} is not locked: WordPress keeps the old one"
        brought = replace(brings, notes=(*brings.notes, note))
    return tuple(brought if change is brings else change for change in changes)


def _pack(desired: DesiredState, locale: str, version: str) -> Artifact:
    known = {(pack.slug, pack.version): pack for pack in desired.packs}
    unlocked = Artifact("translations", locale, version, WORDPRESS_ORG, None)
    return known.get((locale, version), unlocked)
