"""A plan as SARIF, JUnit, GitLab's counts and GitHub's annotations: their forms, limits, and that
no text of a site or a feed becomes a command, a tag or a link of its own."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from tests.unit.report.test_proposal_markdown import planned, proposal
from wpstate.model.change import Action
from wpstate.model.facts import Finding, Response, Severity
from wpstate.model.plan import Plan
from wpstate.model.problem import Problem
from wpstate.model.site import SiteId
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address
from wpstate.report.annotations import annotations
from wpstate.report.rendered import FORMS, Shown, rendered, summary
from wpstate.report.sarif import MOST_RESULTS
from wpstate.report.told import Lines, told_problem

_SCHEMA = Path(__file__).parents[2] / "cases" / "sarif" / "essentials.schema.json"
LINE = SourceSpan("profiles/my care.yml", 4, 3)
FOUND = Finding(
    Address("plugins.p0"), "vulnerable", "1.0", True, "wordfence", "Anybody may log in",
    response=Response.UPDATE, id="wf-1", severity=Severity.CRITICAL, score=9.8,
    cves=("CVE-2026-21001",), link="https://example.org/wf-1",
)  # fmt: skip
RULE = Problem("proposal.policy", "a rule would be changed", SourceSpan("fleet.yml", 3, 1), "mode",
               found="nothing → apply")  # fmt: skip
NO = Problem("plan.brake", "the plan deletes too much at once", found="9 of 10")


def with_findings(plan: Plan, *findings: Finding, refusals: tuple[Problem, ...] = ()) -> Plan:
    sites = tuple(replace(s, findings=findings, refusals=refusals) for s in plan.sites)
    return replace(plan, sites=sites)


def lines(plan: Plan) -> Lines:
    return {(site.site, Address("plugins.p0")): LINE for site in plan.sites}


def shown(plan: Plan, *policy: Problem, prefix: str = "") -> Shown:
    beside = proposal(plan, *policy) if policy else None
    return Shown(plan, beside, lines(plan), prefix, None)


def sarif_of(told: Shown) -> Any:
    document = json.loads(rendered(told, "sarif"))
    schema = json.loads(_SCHEMA.read_text("utf-8"))
    assert [
        f"{e.json_path}: {e.message}" for e in Draft202012Validator(schema).iter_errors(document)
    ] == []
    run = document["runs"][0]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return run


def test_a_vulnerability_stands_at_the_line_that_pins_it_once_for_all_sites() -> None:
    run = sarif_of(shown(with_findings(planned(3), FOUND), prefix="clients/"))
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"]) == ("CVE-2026-21001", "error")
    assert place["artifactLocation"]["uri"] == "clients/profiles/my%20care.yml"
    assert place["region"] == {"startLine": 4, "startColumn": 3}
    assert "site-000, site-001, site-002" in result["message"]["text"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "9.8"
    assert rule["helpUri"] == "https://example.org/wf-1"


def test_its_fingerprint_stays_as_lines_move_and_sites_come() -> None:
    one = sarif_of(shown(with_findings(planned(1), FOUND)))
    plan = with_findings(planned(2), FOUND)
    moved = Shown(plan, None, {k: replace(LINE, line=40) for k in lines(plan)}, "", None)
    two = sarif_of(moved)
    assert one["results"][0]["partialFingerprints"] == two["results"][0]["partialFingerprints"]


@pytest.mark.parametrize(
    ("finding", "level", "rule"),
    [
        (replace(FOUND, after="updated by this plan"), "note", "CVE-2026-21001"),
        (replace(FOUND, response=Response.ACCEPT), "note", "CVE-2026-21001"),
        (replace(FOUND, cves=()), "error", "wf-1"),
        (replace(FOUND, sort="closed", response=None, cves=(), id=None, score=None, severity=None),
         "warning", "wpstate.closed"),
        (replace(FOUND, score=None, severity=Severity.UNRATED), "error", "CVE-2026-21001"),
    ],
)  # fmt: skip
def test_levels_and_rules(finding: Finding, level: str, rule: str) -> None:
    (result,) = sarif_of(shown(with_findings(planned(1), finding)))["results"]
    assert (result["level"], result["ruleId"]) == (level, rule)


def test_refusals_and_rules_are_results_too_gravest_first() -> None:
    plan = with_findings(planned(1), replace(FOUND, after="x"), refusals=(NO,))
    told = [(r["level"], r["ruleId"]) for r in sarif_of(shown(plan, RULE))["results"]]
    assert told == [
        ("error", "plan.brake"), ("warning", "proposal.policy"), ("note", "CVE-2026-21001"),
    ]  # fmt: skip


def test_no_more_results_than_a_forge_takes() -> None:
    many = tuple(replace(FOUND, cves=(f"CVE-2026-{n:05}",)) for n in range(MOST_RESULTS + 9))
    told = json.loads(rendered(shown(with_findings(planned(1), *many)), "sarif"))
    assert len(told["runs"][0]["results"]) == MOST_RESULTS


def test_an_empty_plan_is_a_whole_document_in_every_form() -> None:
    empty = shown(planned(0))
    assert sarif_of(empty)["results"] == []
    assert ElementTree.fromstring(rendered(empty, "junit")).attrib["tests"] == "0"
    assert rendered(empty, "github") == ""
    assert json.loads(rendered(empty, "gitlab")) == {"create": 0, "update": 0, "delete": 0}


def test_gitlab_counts_changes() -> None:
    plan = planned(3, 4)
    first = [Action.CREATE, Action.DELETE, Action.DEACTIVATE, Action.UPDATE]
    moved = tuple(
        replace(change, action=action)
        for change, action in zip(plan.sites[0].changes, first, strict=True)
    )
    plan = replace(plan, sites=(replace(plan.sites[0], changes=moved), *plan.sites[1:]))
    counted = json.loads(rendered(shown(plan), "gitlab"))
    assert counted == {"create": 1, "update": 10, "delete": 1}


def test_junit_fails_what_is_refused_and_skips_what_nobody_looked_at() -> None:
    plan = planned(2)
    plan = replace(plan, sites=(replace(plan.sites[0], refusals=(NO,)), plan.sites[1]))
    suite = ElementTree.fromstring(rendered(shown(plan, RULE), "junit"))[0]
    assert {k: suite.attrib[k] for k in ("tests", "failures", "skipped")} == {
        "tests": "3", "failures": "1", "skipped": "1",
    }  # fmt: skip
    cases = {case.attrib["name"]: [each.tag for each in case] for case in suite}
    assert cases == {
        "site-000": ["failure", "system-out"], "site-001": ["system-out"], "fresh": ["skipped"],
    }  # fmt: skip


def test_annotations_stand_at_their_lines_and_say_how_many_are_left() -> None:
    many = tuple(replace(FOUND, cves=(f"CVE-2026-{n:05}",)) for n in range(13))
    told = rendered(shown(with_findings(planned(1), *many), RULE, prefix="a,b:c/"), "github")
    rows = told.splitlines()
    assert [row.split()[0] for row in rows] == ["::error"] * 10 + ["::warning"]
    assert "file=a%2Cb%3Ac/profiles/my care.yml,line=4,col=3,title=CVE-" in rows[0]
    assert rows[9] == "::error title=wpstate::4 more are in the summary and the plan"
    assert rows[10].startswith(
        "::warning file=a%2Cb%3Ac/fleet.yml,line=3,col=1,title=proposal.policy::"
    )


EVIL = (
    "x\n::set-env name=PATH::evil\r%0A::stop-commands::a ##[error] ]]></failure><b> &amp; "
    "\x1b[31m\u202e\0 \ud800"
)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "json"])
def test_no_text_of_a_feed_or_a_site_is_obeyed(form: str) -> None:
    finding = replace(FOUND, text=EVIL, cves=(EVIL,), link="javascript:alert(1)", answer=EVIL)
    no = Problem("plan.brake", EVIL, found=EVIL, mend=EVIL, key=EVIL)
    plan = with_findings(planned(1), finding, refusals=(no,))
    text = rendered(shown(plan, replace(RULE, found=EVIL)), form)
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert all(line.startswith(("::error ", "::warning ")) for line in commands)
    assert len(commands) == (3 if form == "github" else 0)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "javascript:" not in text
    if form == "junit":
        ElementTree.fromstring(text)
    if form == "sarif":
        sarif_of(shown(plan))


def test_a_problem_of_a_file_is_annotated_where_it_stands() -> None:
    problem = Problem("desired.version", "no exact version", SourceSpan("sites/a.yml", 7, 16))
    (row,) = annotations([told_problem(problem)], prefix="fleet/")
    assert row == (
        "::error file=fleet/sites/a.yml,line=7,col=16,title=desired.version::no exact version"
    )


def test_mail_addresses_are_masked_in_every_form() -> None:
    plan = planned(1)
    change = replace(
        plan.sites[0].changes[0],
        address=Address("content.forms.x"),
        before=replace(plan.sites[0].changes[0].before, value="crm@example.org"),
    )
    plan = replace(plan, sites=(replace(plan.sites[0], changes=(change,)),))
    kept = [form for form in FORMS if "crm@example.org" in rendered(shown(plan), form)]
    assert (kept, "crm@example.org" in summary(shown(plan))) == ([], False)


def test_a_long_plan_is_folded_and_a_summary_holds_more() -> None:
    short, long = shown(planned(2)), shown(planned(300, 12))
    assert "<details>" not in rendered(short, "markdown")
    assert len(rendered(long, "markdown")) < 65_536 < len(summary(long)) < 1 << 20
    assert SiteId("site-299") in summary(long)


def test_the_command_line_offers_each_form() -> None:
    from wpstate.cli.reports import FORMS as OFFERED

    assert OFFERED == FORMS
