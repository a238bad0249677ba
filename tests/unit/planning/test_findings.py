"""What facts hold against a site and a plan: nothing known is never safe, a known vulnerability is
not brought in, and what is accepted ends on its day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.builders import NOW, desired, managed, observed, version
from wpstate.model.desired import Artifact, Policy
from wpstate.model.facts import (
    CORE,
    NOTHING_KNOWN,
    Answer,
    FeedState,
    Finding,
    Known,
    Listing,
    Part,
    Response,
    Severity,
    VersionRange,
    Vulnerability,
)
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.plan import SitePlan
from wpstate.model.rules import Approval
from wpstate.model.state import ABSENT, Address, State
from wpstate.planning.affected import parts_of
from wpstate.planning.build import build_site
from wpstate.planning.findings import findings, unknown
from wpstate.planning.vulnerable_changes import parts_of_changes

OLD, NEW = version("1.0"), version("1.1")
X: Part = ("plugin", "x")
FEED = FeedState("wordfence", "feeds/wordfence.json", NOW, 1, 0, NOW, None, is_fresh=True)
HOLE = Vulnerability(
    feed="wordfence",
    id="0a1b2c3d-0000-4000-8000-000000000001",
    title="X < 1.1 - SQL Injection",
    severity=Severity.CRITICAL,
    score=9.8,
    cves=("CVE-2026-21001",),
    ranges=(VersionRange(None, True, "1.1", False),),
    fixed_in=("1.1",),
    link="https://www.wordfence.com/x",
    notices=("Copyright Defiant",),
)
DAY = NOW.date().isoformat()
YESTERDAY = (NOW.date() - timedelta(days=1)).isoformat()


def known(*holes: Vulnerability, part: Part = X, **changes: object) -> Known:
    facts = Known(NOW, (FEED,), {part: holes} if holes else {}, {}, frozenset({part}))
    return replace(facts, **changes)  # type: ignore[arg-type]


def accepted(to: str, until: str, response: Response = Response.ACCEPT) -> Policy:
    return Policy(vulnerabilities=(Answer(to, response, until, "Ana", "nobody reaches it"),))


def plan_of(want: State, seen: State, facts: Known, policy: Policy | None = None) -> SitePlan:
    site = observed({"plugins.x": seen} if seen.present else {})
    return build_site(desired(managed("plugins.x", want), policy=policy), site, known=facts)


def only(site: SitePlan) -> Finding:
    (finding,) = site.findings
    return finding


def test_a_vulnerable_version_is_found_with_what_mends_it() -> None:
    finding = only(plan_of(OLD, OLD, known(HOLE)))
    assert (finding.address, finding.sort, finding.response) == (
        "plugins.x",
        "vulnerable",
        Response.UPDATE,
    )
    assert (finding.fixed_in, finding.managed, finding.notices) == (
        ("1.1",),
        True,
        ("Copyright Defiant",),
    )
    assert plan_of(NEW, NEW, known(HOLE)).findings == ()


def test_what_nobody_manages_is_found_too() -> None:
    finding = only(build_site(desired(), observed({"plugins.x": OLD}), known=known(HOLE)))
    assert (finding.address, finding.managed) == ("plugins.x", False)


def test_core_is_found_by_either_of_its_names() -> None:
    site = observed({"core.version": State(version="6.8.1"), "core.database": State(value=1)})
    for part in (CORE, ("core", "681")):
        hole = replace(HOLE, ranges=(VersionRange("6.8", True, "6.8.2", False),))
        assert [f.address for f in findings(None, site, known(hole, part=part))] == ["core.version"]
    assert set(parts_of(None, site)) == {CORE, ("core", "681")}


def test_by_its_name_on_wordpress_org() -> None:
    asked = managed("plugins.hello", OLD)
    asked = replace(asked, artifact=Artifact("plugins", "hello-dolly", "1.0", "wordpress.org", "0"))
    facts = known(HOLE, part=("plugin", "hello-dolly"))
    site = build_site(desired(asked), observed({"plugins.hello": OLD}), known=facts)
    assert only(site).address == "plugins.hello"


def test_without_a_feed_everything_is_unknown() -> None:
    site = plan_of(OLD, OLD, NOTHING_KNOWN)
    assert (site.findings, site.unknown) == ((), ("plugins.x",))


def test_a_stale_feed_still_accuses_and_no_longer_acquits() -> None:
    stale = (replace(FEED, is_fresh=False),)
    nothing = known(covered=frozenset(), feeds=stale)
    assert plan_of(OLD, OLD, nothing).unknown == ("plugins.x",)
    assert only(plan_of(OLD, OLD, known(HOLE, covered=frozenset(), feeds=stale))).id == HOLE.id


def test_what_no_feed_speaks_of_is_unknown() -> None:
    site = observed({"plugins.x": OLD, "plugins.y": OLD, "plugins.nameless": version("")})
    facts = known(covered=frozenset({X, ("plugin", "nameless")}))
    assert unknown(None, site, facts) == ("plugins.nameless", "plugins.y")


def test_a_single_file_has_a_name_that_feeds_do_not_know() -> None:
    site = observed({"plugins.hello": OLD})
    alone = replace(site, plugins=(replace(site.plugins[0], file="hello.php"),))
    facts = known(covered=frozenset({("plugin", "hello")}))
    assert unknown(None, site, facts) == ()
    assert unknown(None, alone, facts) == ("plugins.hello",)


def test_a_vulnerable_version_is_not_installed() -> None:
    site = plan_of(OLD, ABSENT, known(HOLE))
    (refusal,) = site.refusals
    assert (refusal.slug, refusal.key) == ("plan.vulnerable", "plugins.x")
    assert refusal.mend is not None
    assert "1.1 or newer" in refusal.mend
    assert "vulnerabilities: {CVE-2026-21001: {accept: WHY" in refusal.mend
    assert plan_of(NEW, ABSENT, known(HOLE)).refusals == ()


def test_nor_switched_on_nor_gone_back_to() -> None:
    sleeping = version("1.0", active=False)
    for seen in (sleeping, NEW):
        slugs = [p.slug for p in plan_of(OLD, seen, known(HOLE)).refusals]
        assert slugs == ["plan.vulnerable"]


def test_switching_on_is_judged_by_its_name_on_wordpress_org_too() -> None:
    asked = managed("plugins.hello", OLD)
    asked = replace(asked, artifact=Artifact("plugins", "hello-dolly", "1.0", "wordpress.org", "0"))
    seen = observed({"plugins.hello": version("1.0", active=False)})
    site = build_site(desired(asked), seen, known=known(HOLE, part=("plugin", "hello-dolly")))
    assert [p.slug for p in site.refusals] == ["plan.vulnerable"]
    asked_about = set(parts_of_changes(desired(asked), site.changes))
    assert asked_about == {("plugin", "hello"), ("plugin", "hello-dolly")}


def test_taking_it_away_or_switching_it_off_is_never_refused() -> None:
    for want in (ABSENT, version("1.0", active=False)):
        site = plan_of(want, OLD, known(HOLE))
        assert site.changes
        assert site.refusals == ()


def test_an_update_that_mends_is_told_so() -> None:
    site = plan_of(NEW, OLD, known(HOLE))
    assert site.refusals == ()
    assert only(site).after == "this plan mends it with 1.1"


def test_an_update_that_leaves_fewer_passes_and_one_that_leaves_as_many_does_not() -> None:
    other = replace(HOLE, id="2", cves=("CVE-2026-2",), ranges=(VersionRange(),), fixed_in=())
    assert plan_of(NEW, OLD, known(HOLE, other)).refusals == ()
    assert [p.slug for p in plan_of(NEW, OLD, known(other)).refusals] == ["plan.vulnerable"]


@pytest.mark.parametrize("to", ["CVE-2026-21001", HOLE.id, "critical"])
@pytest.mark.parametrize("response", [Response.ACCEPT, Response.MITIGATE])
def test_an_answer_lifts_the_refusal_through_its_last_day(to: str, response: Response) -> None:
    site = plan_of(OLD, ABSENT, known(HOLE), accepted(to, DAY, response))
    assert site.refusals == ()
    (refusal,) = plan_of(OLD, ABSENT, known(HOLE), accepted(to, YESTERDAY, response)).refusals
    assert refusal.why is not None
    assert "by Ana: nobody reaches it (that has ended)" in refusal.why


def test_an_answer_that_has_ended_is_update_again() -> None:
    finding = only(plan_of(OLD, OLD, known(HOLE), accepted("CVE-2026-21001", YESTERDAY)))
    assert finding.response is Response.UPDATE
    assert finding.answer is not None
    assert "has ended" in finding.answer
    held = only(plan_of(OLD, OLD, known(HOLE), accepted("CVE-2026-21001", DAY)))
    assert held.response is Response.ACCEPT


def test_the_answer_to_an_id_wins_over_that_to_its_severity() -> None:
    low = Answer("critical", Response.ACCEPT, DAY, "Ana", "all of them")
    at_once = Answer("CVE-2026-21001", Response.UPDATE)
    policy = Policy(vulnerabilities=(at_once, low))
    assert only(plan_of(OLD, OLD, known(HOLE), policy)).response is Response.UPDATE


def test_two_feeds_that_tell_of_one_cve_tell_it_once() -> None:
    again = replace(HOLE, feed="wpscan", id="9", severity=Severity.UNRATED, score=None)
    assert only(plan_of(OLD, OLD, known(again, HOLE))).feed == "wordfence"


def listed(listing: Listing, source: str = "wordpress.org") -> list[tuple[str, str]]:
    asked = managed("plugins.x", OLD)
    asked = replace(asked, artifact=Artifact("plugins", "x", "1.0", source, "0" * 64))
    facts = known(listings={X: (listing,)})
    site = build_site(desired(asked), observed({"plugins.x": OLD}), known=facts)
    return [(finding.sort, finding.text) for finding in site.findings]


def test_closed_and_abandoned() -> None:
    closed = Listing("wordpress_org", True, date(2018, 10, 2), "Guideline Violation")
    assert listed(closed) == [
        ("closed", "closed in the directory on 2018-10-02: Guideline Violation")
    ]
    assert listed(closed, source="vault") == [], "what is bought elsewhere is not that one"
    old = Listing("wordpress_org", updated_on=NOW.date() - timedelta(days=731))
    assert [sort for sort, _ in listed(old)] == ["abandoned"]
    assert listed(replace(old, updated_on=NOW.date() - timedelta(days=730))) == []


@pytest.mark.parametrize(
    ("days", "told"),
    [(-1, "ended on"), (0, "in 0 days"), (30, "in 30 days"), (31, None)],
)
def test_a_licence_that_ends_is_told_even_without_a_feed(days: int, told: str | None) -> None:
    until = (NOW.date() + timedelta(days=days)).isoformat()
    approval = Approval(licensed_until={Address("plugins.x"): until})
    asked = replace(desired(managed("plugins.x", OLD)), approval=approval)
    site = build_site(asked, observed({"plugins.x": OLD}), known=Known(at=NOW))
    assert [f.sort for f in site.findings] == (["licence"] if told else [])
    assert all(told and told in f.text for f in site.findings)


def test_a_site_that_could_not_be_seen_is_not_judged(faulty: ObservedState) -> None:
    site = build_site(desired(managed("plugins.x", OLD)), faulty, known=known(HOLE))
    assert (site.findings, site.unknown) == ((), ())


@pytest.fixture
def faulty() -> ObservedState:
    return replace(observed({"plugins.x": OLD}), faults=(Fault("unreachable", "no route"),))
