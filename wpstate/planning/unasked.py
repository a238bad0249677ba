"""Is every change of a plan that came from another machine one that our own files ask for, and
does no gate stand before it?

The digests of a plan say that it was made for this desired state, not that its changes were: who
can write where plans are handed over could put others in, or take refusals out. Whether it still
holds is left to verify, windows and rings to workflows.judged_anew.
"""

from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.problem import Problem
from wpstate.planning.approved import work
from wpstate.planning.build import build_site
from wpstate.planning.by_rule import with_rules
from wpstate.planning.estimate import estimate
from wpstate.planning.gates import refusals


def unasked(
    plan: Plan, site_plan: SitePlan, desired: DesiredState, observed: ObservedState
) -> tuple[Problem, ...]:
    """A problem where the plan holds more than what would be planned here, all drift healed; else
    what refuses its changes. Keys that the plan says a person named decide nothing here."""
    here = build_site(desired, observed, heal_all=True)
    asked = {work(change) for change in here.changes}
    others = [change.address for change in site_plan.changes if work(change) not in asked]
    if not others:
        changes, asked_here = site_plan.changes, with_rules(desired, observed)
        cost = estimate(asked_here, observed, changes)
        return refusals(asked_here, observed, changes, cost)
    return (
        Problem(
            "plan.unasked",
            "the plan changes what this machine's fleet folder does not ask for",
            key=site_plan.site,
            found=f"{', '.join(others)}; plan {plan.id}",
            why="a plan that was handed over is worth no more than the files of who carries it out",
            mend="bring the fleet folders of all machines to one revision, then plan again",
        ),
    )
