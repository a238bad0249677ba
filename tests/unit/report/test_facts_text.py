"""Findings as people read them: what to do first, how old facts are, whose notices they carry."""

from dataclasses import replace
from datetime import timedelta

from tests.builders import NOW, desired, managed, observed, version
from tests.unit.planning.test_findings import FEED, HOLE, X, accepted, known
from wpstate.model.facts import NOTHING_KNOWN, Known
from wpstate.model.plan import Plan
from wpstate.planning.build import build
from wpstate.report.facts_text import age
from wpstate.report.lines import plain
from wpstate.report.markdown import plan_markdown
from wpstate.report.plan_text import plan_lines

OLD = version("1.0")


def _plan(facts: Known, *addresses: str, day: str = "2026-11-22") -> Plan:
    asked = desired(managed("plugins.x", OLD), policy=accepted("high", day))
    seen = observed(dict.fromkeys(("plugins.x", *addresses), OLD))
    return build("p-1", "lab", [(asked, seen)], revision=None, dirty=False, now=NOW, known=facts)


def test_what_to_do_comes_first_with_link_and_notice() -> None:
    text = plain(plan_lines(_plan(known(HOLE))))
    assert (
        """
What is known of these versions
  ! plugins.x 1.0: update at once, critical 9.8, CVE-2026-21001
      X < 1.1 - SQL Injection
      mended in 1.1
      https://www.wordfence.com/x (wordfence)
"""
        in text
    )
    assert "Facts: wordfence just fetched\nCopyright Defiant\nPlan: 1 known vulnerability" in text
    assert "In sync" not in text


def test_notices_are_told_once_and_only_with_a_record_of_theirs() -> None:
    two = (HOLE, replace(HOLE, id="2", cves=("CVE-2026-2",)))
    assert plain(plan_lines(_plan(known(*two)))).count("Copyright Defiant") == 1
    assert "Copyright" not in plain(plan_lines(_plan(known())))


def test_markdown_leads_to_the_record_and_nowhere_else() -> None:
    shown = plan_markdown(_plan(known(HOLE)))
    assert "  - <https://www.wordfence.com/x>" in shown
    assert "`Copyright Defiant`" in shown
    for bad in ("javascript:alert(1)", "https://a.example/>[x](https://b.example)"):
        assert bad not in plan_markdown(_plan(known(replace(HOLE, link=bad))))


def test_what_is_accepted_says_who_answers_for_it() -> None:
    high = replace(HOLE, severity=HOLE.severity.HIGH, score=8.0)
    text = plain(plan_lines(_plan(known(high))))
    assert "= plugins.x 1.0: accepted, high 8.0, CVE-2026-21001" in text
    assert "accepted until 2026-11-22 by Ana: nobody reaches it" in text
    assert "In sync" in text


def test_unknown_is_said_and_never_safe() -> None:
    nothing = plain(plan_lines(_plan(NOTHING_KNOWN)))
    assert "Known vulnerabilities: unknown, since fleet.yml names no feed" in nothing
    assert "safe" not in nothing
    others = [f"plugins.p{n}" for n in range(7)]
    some = plain(plan_lines(_plan(known(), *others)))
    assert "? unknown, no fresh feed tells of it: plugins.p0, plugins.p1" in some
    assert "plugins.p4 and 2 more" in some
    assert X == ("plugin", "x")


def test_ages() -> None:
    def old(**passed: int) -> str:
        return age(FEED, NOW + timedelta(**passed))

    assert (old(), old(minutes=5), old(hours=3)) == ("just fetched", "5 min old", "3 h old")
    assert age(replace(FEED, is_fresh=False), NOW + timedelta(days=9)) == "9 d old: stale"
    assert age(replace(FEED, kept_at=None), NOW) == "never fetched"
