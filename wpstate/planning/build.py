"""Assembles a plan from comparison, order, estimate, gates and digests."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from wpstate.model.desired import DesiredState
from wpstate.model.facts import NOTHING_KNOWN, Known
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Noted, Plan, SitePlan
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.planning.authorship import changes_with_authors, with_authors
from wpstate.planning.backups import backup_notes
from wpstate.planning.by_rule import with_rules
from wpstate.planning.caches import purges
from wpstate.planning.compare import NOTHING, NOTHING_WAITS, compare
from wpstate.planning.deep_looks import modified
from wpstate.planning.digest import digests
from wpstate.planning.estimate import estimate
from wpstate.planning.exempt import with_exemptions
from wpstate.planning.findings import findings, unknown
from wpstate.planning.follows import with_follows
from wpstate.planning.gates import refusals
from wpstate.planning.language_packs import with_language_packs
from wpstate.planning.order import ordered
from wpstate.planning.rollout import Waiting
from wpstate.planning.vulnerable_changes import vulnerable_changes
from wpstate.planning.windows import opening
from wpstate.resources.registry import KINDS

NOTHING_HEALED: Mapping[SiteId, frozenset[Address]] = MappingProxyType({})
NOBODY_WAITS: Mapping[SiteId, Waiting] = MappingProxyType({})


def build_site(
    desired: DesiredState,
    observed: ObservedState,
    *,
    only: tuple[str, ...] = (),
    heal_all: bool = False,
    known: Known = NOTHING_KNOWN,
    waiting: Mapping[Address, str] = NOTHING_WAITS,
    healed: frozenset[Address] = frozenset(),
) -> SitePlan:
    """What would be done on one site, whether it may be, and what it is bound to."""
    desired = with_rules(desired, observed)
    unseen = bool(observed.faults)
    # What kinds say of a change rests on what the probe answered them.
    if unseen:
        comparison = NOTHING
    else:
        comparison = compare(
            desired, observed, only=only, heal_all=heal_all, waiting=waiting, healed=healed
        )
    moved = changes_with_authors(comparison.changes, observed)
    found = ordered(moved)
    packed = with_language_packs(desired, observed, found)
    changes = with_follows(desired, observed, packed)
    cost = estimate(desired, observed, changes)
    return SitePlan(
        site=desired.site.id,
        url=desired.site.url,
        offer=desired.offer,
        observed_at=observed.observed_at,
        observe_s=observed.took_s,
        php_version=observed.php_version,
        object_cache=observed.object_cache,
        changes=changes,
        noted=(
            *(() if unseen else _noted(desired, observed, comparison.noted)),
            *backup_notes(desired, observed),
        ),
        refusals=(
            *refusals(desired, observed, changes, cost),
            *vulnerable_changes(desired, observed, known, changes),
        ),
        estimate=cost,
        digests=digests(desired, observed, changes),
        looks=len(desired.looks),
        findings=() if unseen else findings(desired, observed, known, changes),
        unknown=() if unseen else unknown(desired, observed, known),
        caches=purges(desired, observed, changes) if changes else (),
        locked=observed.applied.locked,
    )


def _noted(
    desired: DesiredState, observed: ObservedState, compared: tuple[Noted, ...]
) -> tuple[Noted, ...]:
    """What a kind tells of a thing that nobody named says more than that nobody did."""
    told = tuple(noted for kind in KINDS for noted in kind.noted(desired, observed))
    told_of = {noted.address for noted in told}
    plain = (n for n in compared if n.sort != "unmanaged" or n.address not in told_of)
    known = with_authors((*plain, *told, *modified(observed)), observed)
    return with_exemptions(known, desired.policy.rules)


def build(
    plan_id: str,
    fleet: str,
    pairs: Iterable[tuple[DesiredState, ObservedState]],
    *,
    revision: str | None,
    dirty: bool,
    now: datetime,
    only: tuple[str, ...] = (),
    heal_all: bool = False,
    known: Known = NOTHING_KNOWN,
    waiting: Mapping[SiteId, Waiting] = NOBODY_WAITS,
    healed: Mapping[SiteId, frozenset[Address]] = NOTHING_HEALED,
) -> Plan:
    """One plan over several sites; it expires when the most impatient site's policy says.
    `waiting`: of planning.rollout; `healed`: of compare, for each site."""
    both = tuple(pairs)
    ttl_s = min((desired.policy.plan_ttl_s for desired, _ in both), default=0)
    sites = tuple(
        replace(
            build_site(
                desired,
                observed,
                only=only,
                heal_all=heal_all,
                known=known,
                waiting=waiting.get(desired.site.id, NOTHING_WAITS),
                healed=healed.get(desired.site.id, frozenset()),
            ),
            opening=opening(desired.policy.updates, now),
        )
        for desired, observed in both
    )
    return Plan(
        id=plan_id,
        fleet=fleet,
        revision=revision,
        dirty=dirty,
        made_at=now,
        expires_at=now + timedelta(seconds=ttl_s),
        only=only,
        sites=sites,
        feeds=known.feeds,
    )
