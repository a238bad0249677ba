"""A plan that puts back what somebody changed on a site, and holds nothing else. Executing it is
left to apply_plan, as of any plan.
"""

from collections.abc import Sequence
from typing import Protocol

from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Problem, Refused
from wpstate.planning.drift import moved, named


class MakePlan(Protocol):
    """Looks at the named sites now and compares (workflows.plan.make_plan)."""

    def __call__(self, names: tuple[str, ...], *, only: tuple[str, ...] = ()) -> Plan: ...


def revert(site: str, keys: Sequence[str], plan: MakePlan) -> Plan:
    """Raises UsageError for an unknown site, Refused (`drift.none`, `drift.not_ours`, `observe.*`)
    where the keys name nothing that moved, or what no run changes."""
    (now,) = plan((site,)).sites
    blind = [problem for problem in now.refusals if problem.slug.startswith("observe.")]
    if blind:
        raise Refused(blind)
    wanted = named(now.site, moved(now), keys)
    unnamed = {one.address for one in wanted if one.asked is None}
    if unnamed:
        raise Refused(_not_ours(now, address, "nobody asks for it in git") for address in unnamed)
    only = tuple(str(one.address) for one in wanted)
    made = plan((site,), only=only)
    (healed,) = made.sites
    left = [noted for noted in healed.noted if noted.address in only]
    if left and not healed.refusals:
        raise Refused(_not_ours(healed, noted.address, noted.text) for noted in left)
    return made


def _not_ours(site: SitePlan, address: str, found: str) -> Problem:
    return Problem(
        "drift.not_ours",
        "no run of wpstate puts this back",
        key=f"{site.site}: {address}",
        found=found,
        why="it is only looked at, and told",
        mend=f"put it back on the site, or wpstate adopt {site.site} {address}",
    )
