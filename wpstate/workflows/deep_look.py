"""Looks at every file of sites: WordPress, plugins and themes beside what their versions were
shipped with, and PHP among what visitors and editors upload.

Comparing is left to the host (probe/kinds/core.php), telling to planning.deep_looks. Nothing is
written but hashes for the next look, on the host, and what was found, on the controller.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import Any, TypeAlias

from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.shipped import ComparedFiles, DeepLook, FileHashes, Shipped
from wpstate.model.site import SiteId
from wpstate.model.state import Address, kind_of
from wpstate.ports import Clock, DeepLooks, Probe
from wpstate.resources.catalog import PACKAGES, Catalog
from wpstate.resources.core import ENGLISH, LOCALE
from wpstate.workflows.shipped_files import ShippedHashes, asked, questions, told, with_hashes

UPLOADS = Address("core.uploads")
_SITES_AT_ONCE = 8
Pair: TypeAlias = tuple[DesiredState, ObservedState]
LookDeep: TypeAlias = Callable[[Sequence[Pair]], Mapping[SiteId, DeepLook]]


class Deep(Enum):
    """Which sites are looked at so."""

    NONE = "none"
    """What was found before is told."""
    DUE = "due"
    """Those whose last deep look is older than `deep_look: {every: …}` says."""
    ALL = "all"


def with_deep(pairs: Sequence[Pair], look: LookDeep | None) -> list[Pair]:
    """The same, each site with its last deep look."""
    found = look(pairs) if look else {}
    return [(desired, replace(seen, deep=found.get(desired.site.id))) for desired, seen in pairs]


def look_deep(
    pairs: Sequence[Pair],
    which: Deep,
    *,
    catalog: Callable[[], Catalog],
    observer: Probe,
    hashes: Callable[[], ShippedHashes],
    looks: DeepLooks,
    clock: Clock,
) -> Mapping[SiteId, DeepLook]:
    """The last deep look at each site, taken now where it is asked for or due. Sites that could not
    be seen keep the one before. Raises Failed (`database.unusable`)."""
    if which is not Deep.ALL and not any(d.policy.deep_look_s for d, _ in pairs):
        return {}
    before = looks.last([desired.site.id for desired, _ in pairs])
    now = clock.now()

    def is_due(desired: DesiredState) -> bool:
        every_s, last = desired.policy.deep_look_s, before.get(desired.site.id)
        if which is Deep.ALL:
            return True
        if which is Deep.NONE or every_s is None:
            return False
        return last is None or last.at + timedelta(seconds=every_s) <= now

    due = [(d, seen) for d, seen in pairs if is_due(d) and not seen.faults]
    if not due:
        return before
    shipped_as, known_bytes = catalog(), hashes()

    def look(pair: Pair) -> DeepLook:
        last = before.get(pair[0].site.id)
        return _look(pair, last, shipped_as, observer, known_bytes, clock)

    with ThreadPoolExecutor(_SITES_AT_ONCE, "deep") as pool:
        taken = tuple(pool.map(look, due))
    looks.keep([one for one in taken if one.whole])
    return {**before, **{one.site: one for one in taken}}


def _look(
    pair: Pair,
    last: DeepLook | None,
    catalog: Catalog,
    observer: Probe,
    hashes: ShippedHashes,
    clock: Clock,
) -> DeepLook:
    desired, observed = pair
    locale = str(observed.state(LOCALE).value or ENGLISH)
    known, found = with_hashes(observed, catalog, hashes, locale)
    for address, state in observed.resources:
        if kind_of(address) in PACKAGES and address not in {*found, *(s.address for s, _ in known)}:
            why = "the catalog does not name it"
            found[address] = ComparedFiles(address, state.version or "", unknown=why)
    assert observed.paths
    uploads = Shipped(UPLOADS, "", None, observed.paths.uploads, code_alone=True)
    known.append((uploads, FileHashes("sha256", {}, locale)))
    portions = tuple(questions(known))
    seal = last.seal if last else None
    whole, read, spared = True, 0, 0
    for portion in portions:
        answer, apart = asked(
            desired, observer, portion, locale, {"seal": seal, "keep": len(portions) > 1}
        )
        found |= told(portion, answer, apart)
        kept: Any = answer.get("cache")
        whole = whole and kept is not None
        if kept is not None:
            seal, read, spared = kept["seal"], read + kept["read"], spared + kept["known"]
    files = tuple(compared for _, compared in sorted(found.items()))
    return DeepLook(desired.site.id, clock.now(), files, whole, read, spared, seal)
