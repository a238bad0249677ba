"""A proposed change as a comment: its size, its order, and that no text opens anything in it."""

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.builders import NOW, desired, managed, observed, version
from tests.unit.report.care_fleet import proposal as proposal_of_a_care_fleet
from wpstate.model.plan import Noted, Plan
from wpstate.model.problem import Problem
from wpstate.model.proposal import Proposal, Radius, Share, Withheld
from wpstate.model.site import SiteId
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address
from wpstate.planning.build import build
from wpstate.report.proposal_markdown import (
    MOST_BYTES,
    moved_comment,
    plan_comment,
    proposal_markdown,
)


def planned(sites: int, plugins: int = 1, name: str = "site") -> Plan:
    """No site like another: each has something of its own beside what it is asked."""
    asked = desired(*(managed(f"plugins.p{n}", version("2.0")) for n in range(plugins)))
    seen = observed({f"plugins.p{n}": version("1.0") for n in range(plugins)})
    pairs = []
    for number in range(sites):
        site = replace(asked.site, id=SiteId(f"{name}-{number:03}"))
        own = Address(f"plugins.own-{number}"), version("1.0")
        has = replace(seen, site=site.id, resources=(own, *seen.resources))
        pairs.append((replace(asked, site=site), has))
    return build("p-1", "agency", pairs, revision="a" * 40, dirty=False, now=NOW)


def proposal(plan: Plan, *policy: Problem) -> Proposal:
    sites = len(plan.sites)
    far = Radius(
        sites, sites, 0, (Share("baker", sites),), (Share("Care", sites),), (),
        (Share("at any time", sites),), 0, (), 4.0 * sites, 4.0, 10, None,
    )  # fmt: skip
    withheld = (Withheld(SiteId("fresh"), "not in the base yet"),)
    return Proposal("b" * 40, "a" * 40, plan, far, policy, withheld, (SiteId("gone"),), 7, "d" * 64)


def test_three_hundred_sites_fit_into_a_comment_and_say_what_was_left_out() -> None:
    text = proposal_markdown(proposal(planned(300, 12)), artifact="https://ci.example.org/1")
    told = text.count("<details>")
    assert len(text.encode()) <= MOST_BYTES
    assert 40 < told < 300
    assert f"**{300 - told} more sites are left out here.**" in text
    assert "<https://ci.example.org/1>" in text
    assert text.count("<details>") == text.count("</details>")
    assert "| update `plugins.p0` | `1.0` | `2.0` | 300 |" in text


def test_a_fleet_that_is_changed_in_one_way_is_told_whole() -> None:
    """As agencies have it: 60 clients, three windows, sites of their own trouble."""
    made = proposal_of_a_care_fleet()
    text = proposal_markdown(made, artifact="https://ci.example.org/1")
    assert len(text) <= len(text.encode()) <= MOST_BYTES // 2
    assert "left out" not in text
    assert text.count("<details>") < 40
    assert [site.site for site in made.plan.sites if site.site not in text] == []
    assert "| `observe.unreachable` | 8 | atelier-caen-154, boulangerie-caen-072," in text
    first, *_, last = re.findall(r"<summary><b>(.+?)</b>: (.+?)</summary>", text)
    assert first == ("5 sites alike, atelier-brest-274 and others", "2 to update, 1 refused")
    assert "refused" not in last[1]


def test_sites_alike_share_a_fold_with_all_their_names() -> None:
    plan = planned(3)
    noted = replace(plan.sites[0], noted=())
    alike = tuple(replace(noted, site=site.site, url=site.url) for site in plan.sites[:2])
    text = plan_comment(replace(plan, sites=(*alike, plan.sites[2])))
    folds = re.findall(r"<summary><b>(.+?)</b>", text)
    assert folds == ["2 sites alike, site-000 and others", "site-002"]
    assert "\nsite-000, site-001\n" in text
    assert text.count("own-2") == 1


def test_few_sites_are_all_there() -> None:
    text = plan_comment(planned(3))
    assert text.startswith("<!-- wpstate plan agency -->\n")
    assert text.count("<details>") == 3
    assert "left out" not in text


def test_one_site_that_is_too_long_is_left_out_whole() -> None:
    text = plan_comment(planned(2, 30), most_bytes=2_500)
    assert len(text.encode()) <= 2_500
    assert "<details>" not in text
    assert "**2 more sites are left out here.**" in text


def test_refused_sites_come_first() -> None:
    plan = planned(3)
    said = (Problem("plan.brake", "the plan deletes too much", found="9 of 10"),)
    last = replace(plan.sites[2], refusals=said)
    text = plan_comment(replace(plan, sites=(*plan.sites[:2], last)))
    assert text.index("<b>site-002</b>") < text.index("<b>site-000</b>")


def test_what_is_beside_the_plan_stands_above_it() -> None:
    rule = Problem("proposal.policy", "a rule would be changed", SourceSpan("fleet.yml", 3, 1),
                   "mode", found="nothing → apply for the whole fleet")  # fmt: skip
    text = proposal_markdown(proposal(planned(1), rule))
    assert "1 change on 1 site, 1 rule would change" in text
    assert "(fleet.yml:3:1)" in text
    assert text.index("`mode`") < text.index("<details>")
    assert "`fresh` was not looked at" in text
    assert "`gone` leaves the fleet" in text


def tokens(text: str) -> list[Token]:
    """As a forge reads it: CommonMark with tables, with HTML, with addresses as links."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    return [token for block in reader.parse(text) for token in (block, *(block.children or ()))]


def html_of(text: str) -> set[str]:
    return {t.content.strip() for t in tokens(text) if t.type in ("html_block", "html_inline")}


def test_a_forge_reads_tables_in_folds_and_nothing_else() -> None:
    """One table for the reach, one for what is the same, one in each fold; no other markup."""
    text = proposal_markdown(proposal(planned(3, 2)), artifact="https://ci.example.org/1")
    read = tokens(text)
    assert sum(token.type == "table_open" for token in read) == 2 + 3
    rows = sum(token.type == "tr_open" for token in read)
    assert rows == 9 + (1 + 2) + 3 * (1 + 2)
    folds = [f"<details><summary><b>site-{n:03}</b>: 2 to update</summary>" for n in range(3)]
    assert html_of(text) == {"<!-- wpstate plan agency -->", "</details>", *folds}


@pytest.mark.parametrize(
    "evil", ["</details><script>", "`x` | y\n| z", "@team <b>", "[a](javascript:b)"]
)
def test_no_text_opens_anything(evil: str) -> None:
    rule = Problem("proposal.policy", "a rule would be changed", None, evil, found=evil)
    plan = planned(1)
    change = replace(plan.sites[0].changes[0], before=version(evil))
    plan = replace(plan, sites=(replace(plan.sites[0], changes=(change,)),))
    told = proposal(plan, rule)
    clients = (Share(evil, 1),)
    text = proposal_markdown(
        replace(told, radius=replace(told.radius, clients=clients)), artifact=evil
    )
    head = {"<!-- wpstate plan agency -->", "</details>"}
    fold = "<details><summary><b>site-000</b>: 1 to update</summary>"
    assert html_of(text) == {*head, fold}
    assert not any(token.type in ("link_open", "image") for token in tokens(text))
    said = "".join(t.content for t in tokens(text) if t.type == "text")
    assert not any(word in said for word in ("script", "@team", "javascript"))


def test_words_of_a_proposed_file_name_nobody_and_lead_nowhere() -> None:
    plan = planned(1)
    why = "pinned: @agency/owners say so in https://a.example"
    pinned = Noted(Address("plugins.x"), version("1.0"), why, "pinned")
    told = proposal(replace(plan, sites=(replace(plan.sites[0], noted=(pinned,)),)))
    text = proposal_markdown(told)
    assert "1 of 9 to change, 1 change," in text
    assert "pinned: (at)agency/owners say so in https: //a.example" in text


def test_what_moved_takes_the_place_of_what_was_approved() -> None:
    plan = planned(300, 12)
    moved = Problem("approval.moved", "moved", key="x", found="users.a: was a@b.org | <b>` now")
    text = moved_comment(plan, {site.site: moved for site in plan.sites}, "d" * 64)
    assert text.startswith("<!-- wpstate plan agency -->\n")
    assert len(text.encode()) <= MOST_BYTES
    assert text.count("users.a: was") == 20
    assert "- and 280 more" in text
    assert "`wpstate reconcile --once --approved " + "d" * 64 in text
    assert "a@b.org" not in text
