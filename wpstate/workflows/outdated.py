"""Looks for new versions of what the catalog approves. Read-only; deciding is left to
planning.bump, writing them to workflows.bump.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from wpstate.model.bump import Asked, Component, Name, Outdated, Use
from wpstate.model.desired import DesiredState, Fleet, Managed
from wpstate.model.facts import Vulnerability
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem, UsageError
from wpstate.model.run import Outcome as RunOutcome
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.planning.affected import in_feeds
from wpstate.planning.bump import outdated as decided
from wpstate.planning.rollout import ring_of
from wpstate.ports import Clock, Facts, Ledger, Probe
from wpstate.ports.versions import FirstSeen, VersionSources
from wpstate.resources.catalog import CORE, PACKAGES, WORDPRESS_ORG, Catalog
from wpstate.resources.core import VERSION
from wpstate.resources.nearest import nearest
from wpstate.workflows.new_versions import dated, newer

_MOST_RUNS = 5000
PINNED = "pinned"
WORDPRESS = Name("core", CORE)
_Uses = Mapping[Name, Sequence[tuple[DesiredState, Managed]]]


@dataclass(frozen=True, slots=True)
class Found:
    """What was learned, and what follows from it."""

    components: Mapping[Name, Component]
    outdated: tuple[Outdated, ...]


def look_for_versions(
    fleet: Fleet,
    catalog: Catalog,
    *,
    sources: VersionSources,
    first_seen: FirstSeen,
    probe: Probe | None,
    ledger: Ledger,
    facts: Facts | None,
    clock: Clock,
    only: Collection[str] = (),
) -> Found:
    """Every component of the catalog, or those of these names and what moves with them. Sites that
    use one with a newer version are looked at for their PHP and for what was rolled back; where
    there is no probe, or no answer, the ledger tells of rollbacks. Raises UsageError
    (`usage.component`)."""
    asked = _chosen(tuple(_asked(catalog)), fleet, only)
    listed = dated(newer(asked, sources.listed(asked)), first_seen, clock.now())
    uses = _uses(fleet, asked)
    concerned = {
        desired.site.id: desired
        for each in asked
        if listed[each.name].releases
        for desired, _ in uses[each.name]
    }
    looked = [replace(desired, questions={}) for desired in concerned.values()]
    seen = dict(probe.observe(looked)) if probe is not None and looked else {}
    seen = {site: observed for site, observed in seen.items() if observed.paths is not None}
    spoilt = _spoilt(ledger, set(concerned) - set(seen))
    holes = _holes(asked, uses, facts, clock.now())
    components = {
        each.name: Component(
            name=each.name,
            approved=each.approved,
            listed=listed[each.name],
            uses=tuple(_use(d, m, each.approved, seen, fleet) for d, m in uses[each.name]),
            author=_author(each, catalog),
            holes=holes[each.name],
            called=each.called,
            frozen=_frozen(each.name, uses[each.name], seen) | spoilt.get(_address(each.name), {}),
        )
        for each in asked
    }
    core = catalog.core.text if catalog.core else None
    return Found(components, decided(tuple(components.values()), fleet.bump, core, clock.now()))


def _asked(catalog: Catalog) -> Iterator[Asked]:
    if catalog.core:
        yield Asked(WORDPRESS, CORE, WORDPRESS_ORG, catalog.core.text)
    for kind in PACKAGES:
        for slug, entry in sorted(catalog.entries(kind).items()):
            if entry.approved is not None:
                called = entry.wordpress_org or slug
                zips = tuple(entry.zips or ())
                yield Asked(Name(kind, slug), called, entry.source, entry.approved.text, zips)


def _chosen(asked: tuple[Asked, ...], fleet: Fleet, only: Collection[str]) -> tuple[Asked, ...]:
    known = {_called(each.name) for each in asked}
    if unknown := sorted(set(only) - known):
        raise UsageError(_unknown(slug, known) for slug in unknown)
    company = {
        name
        for names in fleet.bump.together.values()
        if any(name.slug in only for name in names)
        for name in names
    }
    return tuple(e for e in asked if not only or _called(e.name) in only or e.name in company)


def _called(name: Name) -> str:
    """What people call it: `core`, `akismet`."""
    return name.kind if name == WORDPRESS else name.slug


def _uses(fleet: Fleet, asked: Iterable[Asked]) -> _Uses:
    found: defaultdict[Name, list[tuple[DesiredState, Managed]]] = defaultdict(list)
    addresses = {_address(each.name): each.name for each in asked}
    for desired in fleet.sites:
        for managed in desired.managed:
            name = addresses.get(managed.address)
            if name is not None and managed.applies and managed.want.version is not None:
                found[name].append((desired, managed))
    return found


def _address(name: Name) -> Address:
    return VERSION if name == WORDPRESS else Address(f"{name.kind}.{name.slug}")


def _use(
    desired: DesiredState,
    managed: Managed,
    approved: str,
    seen: Mapping[SiteId, ObservedState],
    fleet: Fleet,
) -> Use:
    observed = seen.get(desired.site.id)
    core = next((m.want.version for m in desired.managed if m.address == VERSION), None)
    if core is None and observed is not None:
        core = observed.state(VERSION).version
    ring = fleet.rings[ring_of(desired, fleet.rings)].name if fleet.rings else None
    pinned, pin_in = managed.want.version if managed.label == PINNED else None, None
    is_free = managed.why is None and managed.pinned_until is None
    if fleet.bump.follows_pins and pinned == approved and is_free:
        pinned, pin_in = None, managed.asked_by.file
    return Use(
        site=desired.site.id,
        ring=ring,
        wordpress=core,
        php=(observed.php_version or None) if observed is not None else None,
        pinned=pinned,
        pin_in=pin_in,
    )


def _spoilt(ledger: Ledger, sites: Collection[SiteId]) -> dict[Address, dict[str, SiteId]]:
    """What this controller's own runs put back last on sites that nobody could ask."""
    last: dict[tuple[SiteId, Address, str], RunOutcome] = {}
    for run in ledger.runs(None, _MOST_RUNS) if sites else ():
        for change in run.changes if run.site in sites else ():
            if change.after.version is not None:
                last.setdefault((run.site, change.address, change.after.version), run.outcome)
    found: defaultdict[Address, dict[str, SiteId]] = defaultdict(dict)
    for (site, address, version), outcome in last.items():
        if outcome is RunOutcome.ROLLED_BACK:
            found[address].setdefault(version, site)
    return found


def _frozen(
    name: Name,
    uses: Sequence[tuple[DesiredState, Managed]],
    seen: Mapping[SiteId, ObservedState],
) -> dict[str, SiteId]:
    found: dict[str, SiteId] = {}
    for desired, _ in uses:
        observed = seen.get(desired.site.id)
        for address, state in observed.applied.quarantined if observed else ():
            if address == _address(name) and state.version is not None:
                found.setdefault(state.version, desired.site.id)
    return found


def _holes(
    asked: Sequence[Asked], uses: _Uses, facts: Facts | None, now: datetime
) -> Mapping[Name, tuple[Vulnerability, ...]]:
    parts = {
        each.name: tuple(
            dict.fromkeys(
                part
                for artifact in {m.artifact: None for _, m in uses[each.name]} or {None: None}
                for part in in_feeds(_address(each.name), each.approved, artifact, None)
            )
        )
        for each in asked
    }
    if facts is None:
        return dict.fromkeys(parts, ())
    known = facts.known({part for several in parts.values() for part in several}, now)
    return {
        name: tuple(one for part in several for one in known.vulnerabilities.get(part, ()))
        for name, several in parts.items()
    }


def _author(asked: Asked, catalog: Catalog) -> str | None:
    """Whom the directory must name; what else its headers say is held against the bytes."""
    expected = catalog.expected().get(_address(asked.name))
    if expected is None:
        return None
    named = expected.named.author if expected.named else None
    locked = expected.locked.get(asked.approved)
    author = named or (locked.author if locked else None)
    return " ".join(author.split()) if author else None


def _unknown(slug: str, known: Collection[str]) -> Problem:
    near = nearest(slug, known)
    return Problem(
        "usage.component",
        "the catalog approves nothing of this name",
        found=slug,
        why="new versions are looked for where catalog.yml names an approved one",
        mend=f"did you mean {near}?" if near else "write core, or a name of catalog.yml",
    )
