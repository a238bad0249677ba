"""tests/cases/kinds: for each registered kind a folder with what a site's file asks (desired.yml),
what the probe said beside what it says of the agency's usual site (observed.json), what a visitor
was told (pages.json, where the kind asks) and the plan as a person reads it (plan.txt).

Between them the cases show each way in which a kind can end: changed, told, left alone.
"""

import json
from dataclasses import dataclass

import pytest

from tests.unit.kinds.agency import CASES, asked, seen, visited, whole
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.plan import SitePlan
from wpstate.model.state import kind_of
from wpstate.planning.build import build, build_site
from wpstate.planning.simulate import simulate, undo
from wpstate.report.lines import plain
from wpstate.report.plan_text import site_lines
from wpstate.resources.registry import KIND

_ONLY_LOOKED_AT = {"network", "caches"}
"""Kinds of which nothing is ever changed: what differs is told."""


@dataclass(frozen=True, slots=True)
class _Case:
    desired: DesiredState
    observed: ObservedState

    def plan(self, observed: ObservedState | None = None) -> SitePlan:
        return build_site(self.desired, observed or self.observed, heal_all=True)


def _case(name: str) -> _Case:
    folder = CASES / name
    desired = asked((folder / "desired.yml").read_text("utf-8"))
    said = json.loads((folder / "observed.json").read_text("utf-8"))
    pages = folder / "pages.json"
    told = json.loads(pages.read_text("utf-8")) if pages.exists() else {}
    return _Case(desired, visited(desired, seen(desired, said), told))


def test_every_kind_has_its_case_and_every_case_its_kind() -> None:
    assert sorted(folder.name for folder in CASES.iterdir()) == sorted(KIND)


@pytest.mark.parametrize("name", KIND)
def test_the_plan_is_the_expected_one(name: str) -> None:
    case = _case(name)
    assert case.observed.faults == ()
    plan = build(
        "p", "agency", [(case.desired, case.observed)], revision=None, dirty=False,
        now=case.observed.observed_at,
    )  # fmt: skip
    (site,) = plan.sites
    assert site.refusals == ()
    told, _, _ = plain(site_lines(plan, site)).partition("\nIf applied\n")
    assert told.partition("\n\n")[2] == (CASES / name / "plan.txt").read_text("utf-8")


@pytest.mark.parametrize("name", KIND)
def test_made_it_leaves_nothing_to_do_and_undone_it_gives_back_what_was_seen(name: str) -> None:
    case = _case(name)
    plan = case.plan()
    own = [change for change in plan.changes if kind_of(change.address) == name]
    assert bool(own) == (name not in _ONLY_LOOKED_AT)
    changes = whole(plan.changes, case.observed)
    after = simulate(case.observed, changes)
    assert case.plan(after).changes == ()
    assert undo(after, changes) == case.observed
