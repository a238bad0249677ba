"""Brings an urgent patch to every site that has the plugin, ring by ring within minutes.

Which sites these are is left to planning.patch, changing one to apply, as in any other run; the
bytes are fetched and locked by patch_bytes, what the files need afterwards is told by follow_up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from wpstate.model.authority import Authority
from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.identity import Identity
from wpstate.model.mandate import Mandate
from wpstate.model.observed import ObservedState
from wpstate.model.patch import Patch, PatchedSite
from wpstate.model.plan import Plan
from wpstate.model.reconciled import Standing
from wpstate.model.run import Run
from wpstate.model.site import SiteId
from wpstate.planning.approved import plan_digest
from wpstate.planning.patch import asks, has_it, hurried, left_alone, patched, whose
from wpstate.planning.rollout import Pair, waiting
from wpstate.planning.turns import halt, ring_name, standing
from wpstate.ports import Facts
from wpstate.workflows.apply_plan import Several, apply_plan
from wpstate.workflows.recover import recover_first
from wpstate.workflows.tools import Tools

_LOOK_EACH_S = 1.0


class MakePlan(Protocol):
    """Compares what was seen (planning.build), with what is known of versions."""

    def __call__(self, fleet: Fleet, pairs: Sequence[Pair], only: tuple[str, ...]) -> Plan: ...


@dataclass(frozen=True, slots=True)
class Hurry:
    soak_s: int
    """The longest that a ring waits for those before."""
    now: bool
    """No window is waited for."""


def patch_sites(
    fleet: Fleet,
    patch: Patch,
    identity: Identity | None,
    tools: Tools,
    plan: MakePlan,
    hurry: Hurry,
    *,
    mandate: Mandate | None,
    told: Callable[[Run], None],
    several: Several | None = None,
    facts: Facts | None = None,
) -> tuple[tuple[PatchedSite, ...], str | None]:
    """What became of each site that has the plugin, or could not be asked, and why it stopped.
    Without a mandate nothing is changed: what would be. `identity`: of planning.patch.left_alone.

    Raises Refused where the fleet's files are not committed.
    """
    rings = hurried(fleet.rings, hurry.soak_s)
    asked = tuple(patched(each, patch, now=hurry.now) for each in fleet.sites)
    going = _Patching(
        replace(fleet, sites=asked, rings=rings), patch, tools, plan, mandate, told, several, facts
    )
    seen = tools.observer.observe(asked)
    if mandate is not None:
        locked = [each for each in asked if seen[each.site.id].applied.locked]
        recover_first(locked, tools)
        seen = {**seen, **(tools.observer.observe(locked) if locked else {})}
    whole = {each.site.id: each for each in fleet.sites}
    for each in asked:
        observed = seen[each.site.id]
        if has_it(observed, patch):
            going.take(each, observed, left_alone(whole[each.site.id], observed, patch, identity))
    going.work()
    return tuple(
        _told(fleet, whole[site], seen[site], patch, word, told, going.ran.get(site))
        for site, (word, told) in going.ends.items()
    ), going.halted


def _told(
    fleet: Fleet,
    desired: DesiredState,
    before: ObservedState,
    patch: Patch,
    word: Standing,
    told: str,
    run: Run | None,
) -> PatchedSite:
    asked = asks(desired, patch)
    return PatchedSite(
        site=desired.site.id,
        standing=word,
        told=told,
        before=None if before.faults else before.state(patch.address),
        git=whose(desired, patch),
        overrides=asked.span if asked and not patch.want.satisfies(asked.want) else None,
        ring=ring_name(fleet, desired),
        run=run,
    )


def _on_their_word(plan: Plan, mandate: Mandate) -> Plan:
    authority = Authority(plan_digest(plan), None, mandate.approvers, why=mandate.why)
    return replace(plan, authority=authority)


@dataclass(slots=True)
class _Patching:
    fleet: Fleet
    """As the patch asks: `planning.patch.patched`."""
    patch: Patch
    tools: Tools
    plan: MakePlan
    mandate: Mandate | None
    told: Callable[[Run], None]
    several: Several | None
    facts: Facts | None
    ends: dict[SiteId, tuple[Standing, str]] = field(default_factory=dict)
    """Of each site, as far as is known."""
    ran: dict[SiteId, Run] = field(default_factory=dict)
    halted: str | None = None
    _pairs: dict[SiteId, Pair] = field(default_factory=dict)
    """Those that have it, are to have it or did not bear it: later rings wait for them."""
    _due: int = 0

    def take(
        self, desired: DesiredState, seen: ObservedState, left: tuple[Standing, str] | None
    ) -> None:
        self.ends[desired.site.id] = left or (Standing.DUE, "")
        asked = self.patch.address, self.patch.want
        proves = seen.state(self.patch.address).satisfies(self.patch.want)
        if left is None or proves or asked in seen.applied.quarantined:
            self._pairs[desired.site.id] = (desired, seen)

    def work(self) -> None:
        plan = self._plan()
        self._due = len(plan.sites)
        while plan.sites:
            held = self._held(0)
            ready = tuple(each for each in plan.sites if each.site not in held)
            self.ends |= {site: (Standing.WAITS, why) for site, why in held.items()}
            if self.mandate is None:
                return
            if ready:
                self._apply(_on_their_word(replace(plan, sites=ready), self.mandate))
                if self.halted:
                    return
                plan = self._plan_again()
            elif len(self._held(self._soak_s)) < len(held):
                self.tools.clock.pause(_LOOK_EACH_S)
                plan = self._plan() if len(self._held(0)) < len(held) else plan
            else:
                return

    @property
    def _soak_s(self) -> int:
        return max((ring.after_s for ring in self.fleet.rings), default=0)

    def _open(self) -> list[SiteId]:
        still = (Standing.DUE, Standing.WAITS)
        return [site for site, (word, _) in self.ends.items() if word in still]

    def _held(self, later_s: int) -> dict[SiteId, str]:
        """Who of them waits for other sites, so much later, and why."""
        at = self.tools.clock.now() + timedelta(seconds=later_s)
        reasons = waiting(self.fleet.rings, tuple(self._pairs.values()), at)
        address = self.patch.address
        return {s: reasons[s][address] for s in self._open() if address in reasons.get(s, {})}

    def _plan(self) -> Plan:
        """What may be done now on those that still lack it. Whoever is refused holds nobody up;
        whose window is closed does."""
        pairs = [self._pairs[site] for site in self._open()]
        plan = self.plan(self.fleet, pairs, (str(self.patch.address),))
        now, due = self.tools.clock.now(), []
        for (desired, _), planned in zip(pairs, plan.sites, strict=True):
            word, why = standing(desired, planned, now)
            self.ends[planned.site] = word, "" if word is Standing.DUE else why
            if word is Standing.REFUSED:
                del self._pairs[planned.site]
            if word is Standing.DUE:
                due.append(planned)
        return replace(plan, sites=tuple(due))

    def _plan_again(self) -> Plan:
        """Those before are looked at anew: what they have by now proves it, or does not."""
        if self._open():
            asked = [desired for desired, _ in self._pairs.values()]
            seen = self.tools.observer.observe(asked)
            self._pairs = {each.site.id: (each, seen[each.site.id]) for each in asked}
        return self._plan()

    def _apply(self, plan: Plan) -> None:
        def stop(runs: Sequence[Run]) -> bool:
            self.halted = halt(self.fleet, self._due, (*self.ran.values(), *runs))
            return self.halted is not None

        runs = apply_plan(
            plan,
            self.fleet,
            self.tools,
            allow_dirty=False,
            told=self.told,
            facts=self.facts,
            several=self.several,
            stop=stop,
        )
        self.ran |= {run.site: run for run in runs}
        self.ends |= {run.site: (Standing.RUN, "") for run in runs}
        if self.halted:
            self.ends |= dict.fromkeys(self._open(), (Standing.HALTED, self.halted))
