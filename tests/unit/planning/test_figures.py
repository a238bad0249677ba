"""What a pass comes to in numbers, and which of the kept passes count."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.builders import NOW, desired, managed, observed, version
from tests.unit.planning.test_findings import HOLE, known
from wpstate.model.desired import Policy
from wpstate.model.facts import NOTHING_KNOWN, Answer, Response, Severity
from wpstate.model.observed import Fault
from wpstate.model.passes import KeptPass, SitePassed
from wpstate.model.plan import SitePlan
from wpstate.model.reconciled import Pass, Reconciled, SiteFigures, Standing
from wpstate.model.run import Outcome, Run
from wpstate.model.site import SiteId
from wpstate.planning.build import build
from wpstate.planning.figures import figures, kept_sites, latest

OLD, NEW = version("1.0"), version("1.1")
WELL = SiteFigures(True, 0, None)


def _planned(*, holes: bool = False, faults: tuple[Fault, ...] = (), **more: object) -> SitePlan:
    asked = desired(managed("plugins.x", NEW), policy=more.pop("policy", None))  # type: ignore[arg-type]
    seen = replace(observed({"plugins.x": OLD}, **more), faults=faults)  # type: ignore[arg-type]
    facts = known(HOLE) if holes else NOTHING_KNOWN
    plan = build("p", "f", [(asked, seen)], revision=None, dirty=False, now=NOW, known=facts)
    return plan.sites[0]


def _run(outcome: Outcome, site: str = "shop") -> Run:
    return Run("r", SiteId(site), "p", outcome, NOW, 1.0, None, (), (), (), ())


def test_what_git_asks_is_no_drift_and_what_the_site_moved_is() -> None:
    assert figures(_planned(), None, facts=False) == SiteFigures(True, 0, None)
    moved = _planned(applied={"plugins.x": NEW})
    assert figures(moved, None, facts=False).drift_items == 1


def test_drift_that_a_run_put_back_is_gone_and_of_one_that_failed_it_is_not() -> None:
    healed = _planned(applied={"plugins.x": NEW}, policy=Policy(heal=("plugins.x",)))
    assert len(healed.changes) == 1
    assert figures(healed, None, facts=False).drift_items == 1
    assert figures(healed, _run(Outcome.APPLIED), facts=False).drift_items == 0
    assert figures(healed, _run(Outcome.ROLLED_BACK), facts=False).drift_items == 1


def test_a_site_that_could_not_be_seen_is_not_up() -> None:
    unseen = _planned(faults=(Fault("unreachable", "no route"),))
    assert not figures(unseen, None, facts=False).up


def test_vulnerabilities_are_known_where_feeds_are_and_gone_once_mended() -> None:
    hole = _planned(holes=True)
    severity = hole.findings[0].severity
    assert severity
    told = figures(hole, None, facts=True).vulnerabilities
    assert told
    assert {each: count for each, count in told.items() if count} == {severity: 1}
    assert set(told) == set(Severity)
    assert figures(hole, None, facts=False).vulnerabilities is None
    mended = figures(hole, _run(Outcome.APPLIED), facts=True).vulnerabilities
    assert mended
    assert not any(mended.values())


def test_what_somebody_answers_for_is_not_counted() -> None:
    hole = _planned(holes=True).findings[0]
    assert hole.severity
    answer = Answer(hole.severity.value, Response.ACCEPT, "2099-01-01", "Ana", "looked at")
    accepted = _planned(holes=True, policy=Policy(vulnerabilities=(answer,)))
    told = figures(accepted, None, facts=True).vulnerabilities
    assert told
    assert not any(told.values())


def _passed(site: str, standing: Standing, run: Run | None = None) -> Reconciled:
    return Reconciled(SiteId(site), standing, "", None, run, WELL)


def test_a_confirmation_is_remembered_from_pass_to_pass() -> None:
    first = kept_sites(Pass((_passed("shop", Standing.IN_SYNC),), None), (), NOW)
    assert first[0].confirmed_at == NOW
    later = NOW + timedelta(hours=1)
    moved = kept_sites(Pass((_passed("shop", Standing.REPORTED),), None), first, later)
    assert moved[0].confirmed_at == NOW
    run = _run(Outcome.ROLLED_BACK)
    back = kept_sites(Pass((_passed("shop", Standing.RUN, run),), None), moved, later)
    assert (back[0].confirmed_at, back[0].outcome) == (NOW, Outcome.ROLLED_BACK)
    run = _run(Outcome.APPLIED)
    done = kept_sites(Pass((_passed("shop", Standing.RUN, run),), None), back, later)
    assert done[0].confirmed_at == later


def _kept(at: datetime, asked: str, *sites: str, fleet: str = "f", drift: int = 0) -> KeptPass:
    seen = SiteFigures(True, drift, None)
    lines = tuple(SitePassed(SiteId(each), Standing.IN_SYNC, None, seen) for each in sites)
    return KeptPass(fleet, tuple(SiteId(each) for each in asked.split()), at, 1.0, lines, None)


def test_a_site_that_left_the_fleet_is_told_of_no_more() -> None:
    hours = [NOW + timedelta(hours=n) for n in range(4)]
    passes = (
        _kept(hours[0], "", "gone", "shop"),
        _kept(hours[1], "gone", "gone", drift=9),
        _kept(hours[2], "", "shop", "blog"),
        _kept(hours[3], "shop new", "shop", "new", drift=2),
        _kept(hours[0], "", "theirs", fleet="another"),
    )
    told = {each.site: each.figures.drift_items for each in latest(passes)}
    assert told == {"blog": 0, "new": 2, "shop": 2, "theirs": 0}
