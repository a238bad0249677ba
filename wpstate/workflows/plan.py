"""Makes a plan for some sites. Executing it is left to apply_plan."""

import secrets
from collections.abc import Iterable, Mapping, Sequence

from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.facts import Known
from wpstate.model.plan import Plan
from wpstate.model.problem import Problem, UsageError
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.planning.affected import parts_of
from wpstate.planning.build import NOTHING_HEALED, build
from wpstate.planning.by_rule import decides, with_rules
from wpstate.planning.rollout import Pair, waiting, witnesses
from wpstate.ports import Clock, Facts, Observer, Revisions
from wpstate.ports.backups import BackupHistory
from wpstate.resources.nearest import nearest
from wpstate.workflows.backups import with_backups
from wpstate.workflows.deep_look import LookDeep, with_deep


def chosen(fleet: Fleet, names: Iterable[str]) -> tuple[DesiredState, ...]:
    """The named sites, all of them where none is named. Raises UsageError for unknown names."""
    asked = tuple(dict.fromkeys(names))
    if not asked:
        return fleet.sites
    known = {str(d.site.id): d for d in fleet.sites}
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise UsageError(_unknown_site(name, known) for name in unknown)
    return tuple(known[name] for name in asked)


def make_plan(
    fleet: Fleet,
    names: Iterable[str],
    *,
    observer: Observer,
    revisions: Revisions,
    clock: Clock,
    only: tuple[str, ...] = (),
    heal_all: bool = False,
    facts: Facts | None = None,
    look_deep: LookDeep | None = None,
    backups: BackupHistory | None = None,
    healed: Mapping[SiteId, frozenset[Address]] = NOTHING_HEALED,
) -> Plan:
    """Observe the sites at once and compare. Read-only: no site is changed. `healed`: what was put
    back before, and is only told."""
    desired = chosen(fleet, names)
    by_rule = any(map(decides, desired))
    if not by_rule:
        _known_keys(desired, only)
    seen = observer.observe(desired)
    if by_rule:  # what a rule decides about is known only now
        _known_keys([with_rules(d, seen[d.site.id]) for d in desired], only)
    revision, dirty = revisions.current()
    proving = _proving(fleet, [(d, seen[d.site.id]) for d in desired], observer)
    pairs = with_deep([(d, seen[d.site.id]) for d in desired], look_deep)
    pairs = with_backups(pairs, backups)
    known = Known(at=clock.now())
    if facts is not None:
        parts = {part for d, observed in pairs for part in parts_of(d, observed)}
        facts.want(parts, clock.now())
        known = facts.known(parts, clock.now())
    return build(
        f"p-{secrets.token_hex(6)}",
        fleet.name,
        pairs,
        revision=revision,
        dirty=dirty,
        now=clock.now(),
        only=only,
        heal_all=heal_all,
        known=known,
        waiting=waiting(fleet.rings, (*pairs, *proving), clock.now()),
        healed=healed,
    )


def _proving(fleet: Fleet, pairs: Sequence[Pair], observer: Observer) -> tuple[Pair, ...]:
    """Sites of earlier rings that nobody named, looked at for what they have proved."""
    others = witnesses(fleet.rings, fleet.sites, pairs)
    seen = observer.observe(others) if others else {}
    return tuple((other, seen[other.site.id]) for other in others)


def _known_keys(desired: Iterable[DesiredState], only: tuple[str, ...]) -> None:
    known = {str(m.address) for d in desired for m in d.managed}
    unknown = [key for key in only if "*" not in key and key not in known]
    if unknown:
        raise UsageError(
            Problem(
                slug="usage.only",
                what="--only names nothing that desired state manages",
                key=key,
                found=key,
                why="a plan can only hold what git asks for",
                mend=f"did you mean {near}?"
                if (near := nearest(key, known))
                else "wpstate explain",
            )
            for key in unknown
        )


def _unknown_site(name: str, known: Iterable[str]) -> Problem:
    near = nearest(name, known)
    return Problem(
        slug="usage.site",
        what="no site of this name in the fleet",
        key=name,
        found=name,
        why="a site is named by its file in sites/",
        mend=f"did you mean {near}?" if near else "wpstate validate lists the fleet's sites",
    )
