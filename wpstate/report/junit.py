"""A plan as a JUnit report: a test for each site, failed where a gate says no, skipped where nobody
looked."""

import re
from collections.abc import Iterable
from xml.etree import ElementTree

from wpstate.model.plan import Plan
from wpstate.model.problem import Problem
from wpstate.model.proposal import Withheld
from wpstate.report.plan_text import counts
from wpstate.resources.foreign_text import visible

_MOST_CHARACTERS = 2_000
# What XML 1.0 cannot hold, however it is written.
_NO_CHARACTER = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(plan: Plan, withheld: Iterable[Withheld] = ()) -> str:
    skipped = tuple(withheld)
    refused = sum(bool(site.refusals) for site in plan.sites)
    numbers = {
        "tests": str(len(plan.sites) + len(skipped)),
        "failures": str(refused),
        "errors": "0",
        "skipped": str(len(skipped)),
    }
    root = ElementTree.Element("testsuites", {"name": "wpstate plan", **numbers})
    suite = ElementTree.SubElement(root, "testsuite", {"name": plan.fleet, **numbers})
    for site in plan.sites:
        took = f"{site.observe_s:.3f}"
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": plan.fleet, "name": site.site, "time": took}
        )
        if site.refusals:
            first = site.refusals[0]
            told = {"type": first.slug, "message": _harmless(first.what)}
            failure = ElementTree.SubElement(case, "failure", told)
            failure.text = "\n".join(_problem(problem) for problem in site.refusals)
        ElementTree.SubElement(case, "system-out").text = counts(site) or "in sync"
    for each in skipped:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": plan.fleet, "name": each.site, "time": "0"}
        )
        ElementTree.SubElement(case, "skipped", {"message": _harmless(each.why)})
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'


def _problem(problem: Problem) -> str:
    words = (problem.slug, problem.what, problem.found, problem.mend)
    return _harmless("; ".join(word for word in words if word))


def _harmless(text: str) -> str:
    return _NO_CHARACTER.sub("\ufffd", visible(text, _MOST_CHARACTERS))
