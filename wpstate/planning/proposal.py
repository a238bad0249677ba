"""What a proposed change asks of a site under rules that are not its own, and how far it reaches.

Rules, hosts, addresses and secrets come from the base: whoever proposes a change chooses neither
who is asked for what nor what may be done. What is changed of them is told by proposal_policy.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.proposal import Radius, Share, Withheld
from wpstate.model.secret import SecretReference, references_in
from wpstate.model.site import SiteId
from wpstate.planning.digest import desired_digest, digest
from wpstate.planning.rollout import ring_of

ANY_TIME = "at any time"
NO_CLIENT = "no client"
NO_OFFER = "no care plan"


def judged_by(base: DesiredState, head: DesiredState) -> DesiredState:
    """What `head` asks of a site, at the host and address and under the rules of `base`."""
    approval = replace(
        head.approval,
        forbidden={**head.approval.forbidden, **base.approval.forbidden},
        expected={**head.approval.expected, **base.approval.expected},
    )
    return replace(head, site=base.site, policy=base.policy, approval=approval)


def is_changed(base: DesiredState, head: DesiredState) -> bool:
    """Whether something else is asked of the site itself; who may do it when is not counted."""
    return _asked(base) != _asked(replace(head, site=base.site))


def _asked(desired: DesiredState) -> str:
    bytes_of = [[m.address, m.artifact.sha256] for m in desired.managed if m.artifact]
    return digest([desired_digest(desired), bytes_of])


def withheld(base: Fleet, head: Fleet, changed: Iterable[SiteId]) -> tuple[Withheld, ...]:
    """Sites that are not looked at for a proposal: nobody has approved where they are, or which
    secret may be tried on them."""
    before, after = _by_id(base), _by_id(head)
    found = [Withheld(site, "not in the base yet") for site in after if site not in before]
    for site in changed:
        new = _secrets(after[site]) - _secrets(before[site])
        if new:
            names = ", ".join(sorted(map(str, new)))
            found.append(Withheld(site, f"it names a secret that the base does not: {names}"))
    return tuple(sorted(found, key=lambda each: each.site))


def leaving(base: Fleet, head: Fleet) -> tuple[SiteId, ...]:
    after = _by_id(head)
    return tuple(site for site in _by_id(base) if site not in after)


def radius(fleet: Fleet, plan: Plan) -> Radius:
    """`fleet`: the base, whose rings and windows hold."""
    desired = _by_id(fleet)
    sites = [(desired[planned.site], planned) for planned in plan.sites]
    moved = [(d, planned) for d, planned in sites if planned.changes]
    costs = [planned.estimate for _, planned in moved]
    free = [c.free_after_bytes for c in costs if c.free_after_bytes is not None]
    return Radius(
        sites=len(moved),
        changes=sum(len(planned.changes) for _, planned in moved),
        refused=sum(bool(planned.refusals) for _, planned in sites),
        clients=_shares(d.client or NO_CLIENT for d, _ in moved),
        offers=_shares(d.offer or NO_OFFER for d, _ in moved),
        rings=_rings(fleet, [d for d, _ in moved]),
        windows=_shares(_window(d) for d, _ in moved),
        closed_now=sum(p.opening is not None and not p.opening.is_open for _, p in moved),
        one_way=tuple(one for _, planned in moved for one in _one_way(planned)),
        frozen_s=round(sum(cost.frozen_s for cost in costs), 1),
        longest_s=max((cost.frozen_s for cost in costs), default=0.0),
        snapshot_bytes=sum(cost.snapshot_bytes for cost in costs),
        least_free_bytes=min(free, default=None),
    )


def _by_id(fleet: Fleet) -> Mapping[SiteId, DesiredState]:
    return {desired.site.id: desired for desired in fleet.sites}


def _secrets(desired: DesiredState) -> set[SecretReference]:
    return set(references_in(desired.questions))


def _shares(names: Iterable[str]) -> tuple[Share, ...]:
    counted = Counter(names)
    return tuple(Share(name, n) for name, n in sorted(counted.items(), key=lambda x: (-x[1], x[0])))


def _rings(fleet: Fleet, sites: Sequence[DesiredState]) -> tuple[Share, ...]:
    """In the order of the rings."""
    counted = Counter(ring_of(desired, fleet.rings) for desired in sites) if fleet.rings else {}
    return tuple(Share(fleet.rings[place].name, n) for place, n in sorted(counted.items()))


def _window(desired: DesiredState) -> str:
    return " and ".join(window.written for window in desired.policy.updates.windows) or ANY_TIME


def _one_way(planned: SitePlan) -> Iterable[str]:
    for change in planned.changes:
        for one in change.then:
            if one.one_way:
                yield f"{planned.site} {one.address}"
