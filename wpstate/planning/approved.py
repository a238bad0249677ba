"""Is what would be done now what people saw and agreed to? Pure.

A plan that was shown is never carried out itself, since its file may come from anywhere: a site is
looked at and compared anew, and what comes of that must be what was shown. Commits do not count:
a merge, a squash and a rebase of one proposal ask the same of each site.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from wpstate.model.approval import ShownPlan
from wpstate.model.change import Cause, Change
from wpstate.model.plan import Noted, Plan, SitePlan
from wpstate.model.problem import Problem
from wpstate.model.site import SiteId
from wpstate.model.state import Address, State, short
from wpstate.planning.digest import digest

NOT_AGREED = frozenset({"approval.moved", "approval.none"})
_MOST_TOLD = 20
_WAITS = "waits"


def plan_digest(plan: Plan) -> str:
    """Of the content alone: two plans of one content are one, whatever their ids, times, revisions
    and the lines that ask."""
    return digest(
        [
            plan.fleet,
            sorted(
                [each.site, each.digests, [work(change) for change in each.changes]]
                for each in plan.sites
            ),
        ]
    )


def work(change: Change) -> str:
    """What is done, whatever it is called and whoever moved the value."""
    return digest(
        [
            change.address,
            change.action,
            change.before,
            change.after,
            [[a.kind, a.slug, a.version, a.sha256, a.source] for a in change.artifacts],
            change.purge_data,
            change.besides,
        ]
    )


@dataclass(frozen=True, slots=True)
class Approvals:
    """The plans that people agreed to, newest first."""

    plans: tuple[ShownPlan, ...]
    _of_site: Mapping[SiteId, list[tuple[ShownPlan, SitePlan]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        of_site = defaultdict[SiteId, list[tuple[ShownPlan, SitePlan]]](list)
        for shown in self.plans:
            for site in shown.plan.sites:
                of_site[site.site].append((shown, site))
        object.__setattr__(self, "_of_site", of_site)

    def covers(self, planned: SitePlan) -> bool:
        """Whether people, and not the rules of the fleet alone, decided on what is to be done."""
        return _is_open(planned) and self._of(planned) is not None

    def judged(self, planned: SitePlan) -> SitePlan:
        """`planned`, with a refusal where it is not what was agreed to. What the fleet's rules heal
        by themselves needs nobody's word."""
        if planned.refusals or not _is_open(planned):
            return planned
        known = self._of(planned)
        if known is None:
            return replace(planned, refusals=(_nobody_saw(planned),))
        shown, before = known
        told = tuple(moved(before, planned))
        if told:
            return replace(planned, refusals=(_moved(planned, shown, told),))
        return replace(planned, shown=shown.digest)

    def _of(self, planned: SitePlan) -> tuple[ShownPlan, SitePlan] | None:
        """What counts for a site: the last plan that asked the same of it, else the last one of it
        that a person named."""
        known = self._of_site.get(planned.site, ())
        same = (each for each in known if each[1].digests.desired == planned.digests.desired)
        named = (each for each in known if each[0].is_named)
        return next(same, None) or next(named, None)


def moved(before: SitePlan, now: SitePlan) -> Iterator[str]:
    """Key by key what is not as it was when `before` was shown; nothing where all is. What was
    done of it meanwhile has not moved, and what waits for other sites may wait."""
    told = list(_moved_keys(before, now))
    yield from told
    if now.digests.policy != before.digests.policy:
        yield "the rules of this site are others than when it was approved"
    if told:
        return
    if now.digests.desired != before.digests.desired:
        yield "git asks something else of this site than was approved"
    elif now.digests.observed != before.digests.observed and not _partly_done(before, now):
        yield "another managed fact of this site is not as it was when approved"


def _moved_keys(before: SitePlan, now: SitePlan) -> Iterator[str]:
    agreed = {change.address: change for change in before.changes}
    changes = {change.address: change for change in now.changes}
    noted = {each.address: each for each in now.noted}
    for address, change in changes.items():
        if address not in agreed:
            at, after = short(change.before), short(change.after)
            yield f"{address}: no change was approved, is {at} now and would be {after}"
        else:
            yield from _differences(agreed[address], change)
    for address, was in agreed.items():
        if address not in changes:
            yield from _left(was, noted.get(address), now.digests.desired == before.digests.desired)


def _differences(was: Change, now: Change) -> Iterator[str]:
    if was.before != now.before:
        yield _seen(was.address, was.before, now.before)
    if was.after != now.after:
        yield _asked(was.address, was.after, short(now.after))
    elif was.before == now.before and work(was) != work(now):
        yield f"{was.address}: {_bytes(was)} when approved, {_bytes(now)} now"


def _left(was: Change, noted: Noted | None, asks_the_same: bool) -> Iterator[str]:
    """Of a change that would not be made now."""
    if noted is None or (noted.asked is None and noted.state == was.before):
        if not asks_the_same:
            yield _asked(was.address, was.after, "no change")
        elif noted is not None:
            yield f"{was.address}: {noted.text}"
        return
    if noted.asked is not None and not was.after.satisfies(noted.asked):
        yield _asked(was.address, was.after, short(noted.asked))
    if noted.state != was.before and not noted.state.satisfies(was.after):
        yield _seen(was.address, was.before, noted.state)
    elif noted.state == was.before and noted.sort != _WAITS:
        yield f"{was.address}: {noted.text}"


def _seen(address: Address, was: State, now: State) -> str:
    return f"{address}: was {short(was)} when approved, is {short(now)} now"


def _asked(address: Address, was: State, now: str) -> str:
    return f"{address}: {short(was)} was approved, git asks {now} now"


def _bytes(change: Change) -> str:
    hashes = [f"{a.slug} {a.version} sha256 {(a.sha256 or 'none')[:12]}" for a in change.artifacts]
    return ", ".join(hashes) or f"{change.action.value} of {short(change.after)}"


def _partly_done(before: SitePlan, now: SitePlan) -> bool:
    """Rings let a site have some of its changes before others."""
    still = {change.address for change in now.changes}
    still |= {each.address for each in now.noted if each.sort == _WAITS}
    return any(change.address not in still for change in before.changes)


def _is_open(planned: SitePlan) -> bool:
    """Something is to be done that git asks for, be it only later."""
    pending = any(change.cause is not Cause.DRIFT for change in planned.changes)
    return pending or any(each.sort == _WAITS for each in planned.noted)


def _moved(planned: SitePlan, shown: ShownPlan, told: Sequence[str]) -> Problem:
    more = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    return Problem(
        "approval.moved",
        "git or the site is not as it was when this was approved",
        key=planned.site,
        found="; ".join([*told[:_MOST_TOLD], *more]),
        why=f"what people saw is what is applied, or nothing is: plan {shown.digest[:12]}",
        mend="read the fresh plan, and name its digest: wpstate reconcile --approved DIGEST",
    )


def _nobody_saw(planned: SitePlan) -> Problem:
    first = next(
        (change.address for change in planned.changes if change.cause is not Cause.DRIFT),
        None,
    ) or next(each.address for each in planned.noted if each.sort == _WAITS)
    return Problem(
        "approval.none",
        "nobody was shown this change before it was merged",
        key=planned.site,
        found=f"{first}; no kept plan asks the same of this site",
        why="what people saw is what is applied, or nothing is",
        mend="read the fresh plan, and name its digest: wpstate reconcile --approved DIGEST",
    )


def refused_for(sites: Iterable[SitePlan]) -> Mapping[SiteId, Problem]:
    """Of the sites that are not as people agreed, why."""
    return MappingProxyType({s.site: p for s in sites for p in s.refusals if p.slug in NOT_AGREED})
