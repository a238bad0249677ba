"""Which language packs a site needs: those of the versions that are there, as they are locked.

What is made of them in desired state is left to languages.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from wpstate.model.desired import Artifact, DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, State, kind_of, name_of
from wpstate.resources.catalog import PACKAGES, WORDPRESS_ORG
from wpstate.resources.language_packs import PACKS, package_pack

UNDATED: Final = "undated"
"""The state of a pack that does not tell when it was last translated."""
_VERSION: Final = Address("core.version")
_MOST_NAMES: Final = 5
"""In one line."""


def needed_packs(locale: str, desired: DesiredState, observed: ObservedState) -> Iterator[Artifact]:
    """WordPress's own, locked or not, then the locked ones of plugins and themes: wordpress.org
    need not have any of these."""
    packs = {(pack.slug, pack.version): pack for pack in desired.packs}
    core = observed.state(_VERSION).version
    if core is not None:
        unlocked = Artifact(PACKS, locale, core, WORDPRESS_ORG, None)
        yield packs.get((locale, core), unlocked)
    for kind, slug, version in _translated(desired, observed):
        own = packs.get((package_pack(kind, slug, locale), version))
        if own is not None and own.sha256 is not None:
            yield own


def must_be_locked_one(seen: State, pack: Artifact) -> bool:
    """Whether what is there is none, or older than the locked one."""
    if not seen.present:
        return True
    return seen.value != UNDATED and str(seen.value) < (pack.revision or "")


def is_newer(seen: State, pack: Artifact) -> bool:
    dated = seen.present and seen.value != UNDATED and pack.revision is not None
    return dated and str(seen.value) > str(pack.revision)


def listed(components: Sequence[str]) -> str:
    """What packs translate, in a line that stays one."""
    names = ", ".join(sorted(components)[:_MOST_NAMES])
    left = len(components) - _MOST_NAMES
    more = f" and {left} more" if left > 0 else ""
    return f"{names}{more}"


def _translated(desired: DesiredState, observed: ObservedState) -> Iterator[tuple[str, str, str]]:
    """Kind, slug on wordpress.org and version of all that is there and not asked to go."""
    asked = {managed.address: managed for managed in desired.managed}
    for address, state in observed.resources:
        kind, managed = kind_of(address), asked.get(address)
        if kind not in PACKAGES or not state.version or (managed and not managed.want.present):
            continue
        artifact = managed.artifact if managed else None
        yield kind, artifact.slug if artifact else name_of(address), state.version
