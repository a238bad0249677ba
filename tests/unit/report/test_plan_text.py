"""A plan as text, Markdown and a file: the same facts, and no markup out of foreign text."""

import json
import re
from dataclasses import replace

import pytest

from tests.builders import NOW, SPAN, desired, managed, observed, version
from wpstate.model.observed import Fault
from wpstate.model.plan import Plan
from wpstate.model.problem import Refused
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.planning.build import build
from wpstate.report.lines import plain
from wpstate.report.markdown import cell, code, plan_markdown
from wpstate.report.plan_text import plan_lines
from wpstate.report.record import plan_from_text, plan_to_text
from wpstate.resources.observation import unseen


def _plan() -> Plan:
    asks = desired(
        managed("plugins.akismet", version("5.7.2"), label="approved"),
        managed("plugins.hello", version("1.7.2"), locked=False),
    )
    seen = observed(
        {
            "plugins.akismet": version("5.5"),
            "plugins.hello": version("1.7.2"),
            "plugins.theirs": version("1.0"),
        }
    )
    return build("p-1", "lab", [(asks, seen)], revision="a" * 40, dirty=True, now=NOW)


def test_changes_with_their_lines_and_what_is_left_alone() -> None:
    text = plain(plan_lines(_plan(), saved_as="a.plan"))
    assert f"  ↑ plugins.akismet  5.5 → 5.7.2  {SPAN.file}:3 (approved)\n" in text
    assert "  ? plugins.theirs 1.0:" in text
    assert "git aaaaaaa + uncommitted changes" in text
    assert text.endswith("Next: wpstate apply a.plan\n")


def test_a_refusal_is_told_with_its_mend() -> None:
    asks = desired(managed("plugins.akismet", version("5.7.2"), locked=False))
    seen = observed({"plugins.akismet": version("5.5")})
    plan = build("p-1", "lab", [(asks, seen)], revision=None, dirty=False, now=NOW)
    text = plain(plan_lines(plan))
    assert "refusal[plan.unlocked]" in text
    assert "  mend   wpstate lock\n" in text
    assert "**refused** plan.unlocked" in plan_markdown(plan)
    assert "\n\nIf applied\n" in text
    assert "Next:" not in text
    assert "· not in git" in text


def test_what_keeps_a_whole_host_from_being_seen_is_told_once() -> None:
    pairs = []
    for name in ("a", "b", "c"):
        ban = Fault("banned", "web1:22 is shut" if name != "c" else "web2:22 is shut")
        asks = desired()
        asks = replace(asks, site=replace(asks.site, id=SiteId(name)))
        pairs.append((asks, unseen(SiteId(name), ban, NOW)))
    plan = build("p-1", "lab", pairs, revision=None, dirty=False, now=NOW)
    text = plain(plan_lines(plan))
    assert text.count("web1:22 is shut") == text.count("web2:22 is shut") == 1
    assert "Refused for the same reason: b\n" in text
    assert [len(site.refusals) for site in plan.sites] == [1, 1, 1]


def test_no_two_empty_lines_stand_together() -> None:
    assert "\n\n\n" not in plain(plan_lines(_plan()))


def test_nothing_to_do() -> None:
    asks = desired(managed("plugins.akismet", version("5.5")))
    seen = observed({"plugins.akismet": version("5.5")})
    plan = build("p-1", "lab", [(asks, seen)], revision=None, dirty=False, now=NOW)
    assert "In sync: nothing to do." in plain(plan_lines(plan))


def test_markdown_has_the_same_changes() -> None:
    text = plan_markdown(_plan())
    assert "| update `plugins.akismet` | `5.5` | `5.7.2` | sites/shop.yml:3 (pending) |" in text
    assert re.search(r"^\* frozen: ≈ \d s \(limit 60 s\)$", text, re.MULTILINE)


def test_who_is_about_to_apply_is_not_told_to() -> None:
    assert "Next:" not in plain(plan_lines(_plan(), with_next=False))


@pytest.mark.parametrize(
    "foreign", ["a | b", "<img src=x>", "[x](http://y)", "`code`", "**b**", "two\nlines", "# head"]
)
def test_foreign_text_opens_no_markup(foreign: str) -> None:
    shown = cell(foreign)
    assert "\n" not in shown
    for sign in "|<[`*#":
        assert sign not in shown.replace("\\" + sign, "")


def test_an_address_is_shown_as_it_is() -> None:
    assert code("plugins.a_b") == "`plugins.a_b`"
    assert code("a`|`b\n") == "`a'\\|'b\\x0a`"
    assert code("##vso[x]\x1b") == "`#\\x23vso[x]\\x1b`"


def test_what_waits_reads_as_the_change_that_it_is_and_drift_as_what_moved() -> None:
    asks = desired(managed("plugins.x", version("1.1")), managed("plugins.y", version("1.1")))
    seen = observed(
        {"plugins.x": version("1.0"), "plugins.y": version("1.0")},
        applied={"plugins.y": version("1.1")},
    )
    waiting = {seen.site: {Address("plugins.x"): "shop has it not yet"}}
    plan = build("p", "lab", [(asks, seen)], revision=None, dirty=False, now=NOW, waiting=waiting)
    text = plain(plan_lines(plan))
    assert "plugins.x  1.0 → 1.1  shop has it not yet" in text
    assert "plugins.y  1.1 → 1.0" in text


def test_a_plan_survives_its_file() -> None:
    plan = _plan()
    assert plan_from_text(plan_to_text(plan), "a.plan") == plan


def test_an_edited_plan_is_refused() -> None:
    edited = plan_to_text(_plan()).replace('"5.7.2"', '"5.7.3"')
    with pytest.raises(Refused) as caught:
        plan_from_text(edited, "a.plan")
    assert caught.value.problems[0].slug == "plan.edited"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "wpstate-plan/1"}', "\x00"])
def test_no_plan_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        plan_from_text(text, "a.plan")
    assert caught.value.problems[0].slug == "plan.unreadable"


def test_another_format_is_refused() -> None:
    document = json.loads(plan_to_text(_plan())) | {"format": "wpstate-plan/0"}
    with pytest.raises(Refused) as caught:
        plan_from_text(json.dumps(document), "a.plan")
    assert "wpstate-plan/0" in (caught.value.problems[0].found or "")
