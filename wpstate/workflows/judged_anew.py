"""May a plan that another machine handed over begin now? Judged by this machine's own files, looks
and feeds: windows, rings, and what is known to be vulnerable. What the plan says of them, whoever
can write where jobs lie may have written: also that a person decided over them.

Whether its changes are asked for, and what is judged inside the site's lock, is left to
planning.unasked.
"""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.facts import NOTHING_KNOWN, Known
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Plan
from wpstate.model.problem import Problem
from wpstate.model.site import SiteId
from wpstate.planning.affected import parts_of
from wpstate.planning.build import build_site
from wpstate.planning.compare import NOTHING_WAITS
from wpstate.planning.rollout import Pair, waiting, witnesses
from wpstate.planning.vulnerable_changes import vulnerable_changes
from wpstate.planning.windows import closed_problem, opening
from wpstate.ports import Clock, Facts, Probe

SEEN_FOR_S = 60.0


class EarlierRings:
    """Sites of earlier rings, each looked at once a minute: all jobs of a ring ask what they prove.
    Of one worker; safe for threads."""

    def __init__(self) -> None:
        self._seen: dict[SiteId, tuple[float, ObservedState]] = {}
        self._lock = Lock()

    def look(
        self, others: Sequence[DesiredState], observer: Probe, clock: Clock
    ) -> tuple[Pair, ...]:
        with self._lock:
            now_s = clock.monotonic_s()
            self._seen = {k: v for k, v in self._seen.items() if now_s - v[0] < SEEN_FOR_S}
            unseen = [each for each in others if each.site.id not in self._seen]
            for site, seen in observer.observe(unseen).items() if unseen else ():
                self._seen[site] = now_s, seen
            return tuple((each, self._seen[each.site.id][1]) for each in others)


def held_back(
    plan: Plan,
    desired: DesiredState,
    fleet: Fleet,
    earlier: EarlierRings,
    *,
    observer: Probe,
    clock: Clock,
    facts: Facts | None,
) -> tuple[Problem, ...]:
    """Why this plan of one site may not begin now. A site that nothing of this holds back is not
    even looked at."""
    (site_plan,) = plan.sites
    now = clock.now()
    seen_open = opening(desired.policy.updates, now)
    is_open = seen_open is None or seen_open.is_open
    if is_open and len(fleet.rings) < 2 and facts is None:
        return ()
    observed = observer.observe([desired])[desired.site.id]
    pair = (desired, observed)
    known = _known(pair, facts, clock)
    proving = earlier.look(witnesses(fleet.rings, fleet.sites, [pair]), observer, clock)
    waits = waiting(fleet.rings, (pair, *proving), now).get(desired.site.id, NOTHING_WAITS)
    unproven = [f"{c.address}: {waits[c.address]}" for c in site_plan.changes if c.address in waits]
    here = build_site(desired, observed, heal_all=True, known=known)
    closed = closed_problem(desired, replace(here, changes=site_plan.changes), now)
    return (
        *((closed,) if closed else ()),
        *((_unproven(plan, desired, unproven),) if unproven else ()),
        *vulnerable_changes(desired, observed, known, site_plan.changes),
    )


def _known(pair: Pair, facts: Facts | None, clock: Clock) -> Known:
    if facts is None:
        return NOTHING_KNOWN
    parts = set(parts_of(*pair))
    facts.want(parts, clock.now())
    return facts.known(parts, clock.now())


def _unproven(plan: Plan, desired: DesiredState, found: Sequence[str]) -> Problem:
    return Problem(
        "plan.waits",
        "earlier rings have not proved yet what the plan brings",
        key=desired.site.id,
        found="; ".join(found),
        why="what other sites must prove first is judged again by who carries a plan out",
        mend=f"wait until they have, then: wpstate plan {desired.site.id}; plan {plan.id} is void",
    )
