"""Installed components are held against who the catalog and the lock say that they are."""

from dataclasses import replace

import pytest

from tests.builders import NOW, desired, managed, observed, version
from wpstate.model.desired import DesiredState, Managed
from wpstate.model.identity import Expected, Identity
from wpstate.model.observed import ObservedState
from wpstate.model.plan import SitePlan
from wpstate.model.rules import Approval
from wpstate.model.state import ABSENT, Address
from wpstate.planning.audit import audit
from wpstate.planning.build import build, build_site
from wpstate.planning.identity import with_strangers
from wpstate.planning.verify import site_problems
from wpstate.report.lines import plain
from wpstate.report.observed_text import observed_lines
from wpstate.report.plan_text import site_lines

ANA = Identity("Ana", "akismet", "")
NOT_ANA = Identity("Mallory", "akismet", "https://evil.example/x")
AT_2 = Expected("akismet", "2.0", None, {"1.0": ANA, "2.0": ANA}, "2.0")
UPDATE = managed("plugins.akismet", version("2.0"))


def asking(*asked: Managed, expected: Expected = AT_2) -> DesiredState:
    approval = Approval(expected={Address("plugins.akismet"): expected})
    return replace(desired(*asked), approval=approval)


def having(number: str, said: Identity | None) -> ObservedState:
    seen = observed({"plugins.akismet": version(number)})
    return replace(seen, plugins=(replace(seen.plugins[0], identity=said),))


def told(plan: SitePlan) -> tuple[list[str], list[str], list[str]]:
    """Changes, what is noted of who it is, and refusals."""
    return (
        [change.address for change in plan.changes],
        [", ".join(noted.lines) for noted in plan.noted if noted.sort == "identity"],
        [problem.slug for problem in plan.refusals],
    )


def test_another_author_on_the_site_stops_what_would_touch_it() -> None:
    plan = build_site(asking(UPDATE), having("1.0", NOT_ANA))
    words = 'author "Mallory" in place of "Ana", update_uri "https://evil.example/x" in place of ""'
    assert told(plan) == (["plugins.akismet"], [words], ["plan.identity"])
    assert plan.refusals[0].found == f"1.0: {words}"
    assert told(build_site(asking(UPDATE), having("1.0", ANA))) == (["plugins.akismet"], [], [])


def test_it_is_told_where_nothing_is_to_change() -> None:
    for asked in ((), (managed("plugins.akismet", version("1.0")),)):
        changes, noted, refused = told(build_site(asking(*asked), having("1.0", NOT_ANA)))
        assert (changes, len(noted), refused) == ([], 1, [])


def test_a_run_that_leaves_it_alone_goes_on() -> None:
    other = managed("plugins.another", version("2.0"))
    seen = having("1.0", NOT_ANA)
    changes, noted, refused = told(build_site(asking(other), seen))
    assert (changes, len(noted), refused) == (["plugins.another"], 1, [])


def test_it_may_be_moved_away_but_not_asked_to_drop_its_data() -> None:
    away = managed("plugins.akismet", ABSENT)
    seen = having("1.0", NOT_ANA)
    assert told(build_site(asking(away), seen))[2] == []
    assert told(build_site(asking(replace(away, purge_data=True)), seen))[2] == ["plan.identity"]


@pytest.mark.parametrize(
    ("number", "named", "strange"),
    [
        ("1.0", None, True),  # locked, and it said otherwise
        ("1.0", NOT_ANA, True),  # the catalog speaks of what comes, not of an older locked one
        ("2.0", NOT_ANA, False),  # the approved one is who the catalog says
        ("3.0", None, True),  # newer than all: as the newest one
        ("3.0", NOT_ANA, False),
        ("0.9", None, False),  # nobody knows who an older one was
        ("0.9", ANA, True),  # but where the catalog itself says so
    ],
)
def test_who_is_expected_of_each_version(
    number: str, named: Identity | None, strange: bool
) -> None:
    plan = build_site(asking(expected=replace(AT_2, named=named)), having(number, NOT_ANA))
    assert (told(plan)[1] != []) == strange


def test_only_a_version_that_the_lock_does_not_know_can_be_accepted() -> None:
    to_4 = managed("plugins.akismet", version("4.0"))
    (newer,) = build_site(asking(to_4), having("3.0", NOT_ANA)).refusals
    assert newer.mend
    assert 'identity: {author: "Mallory", update_uri: "https://evil.example/x"}' in newer.mend
    (locked,) = build_site(asking(to_4), having("1.0", NOT_ANA)).refusals
    assert locked.mend
    assert "accept" not in locked.mend


def test_no_text_domain_is_its_name_and_what_is_no_utf8_is_alike() -> None:
    expected = replace(AT_2, locked={"2.0": Identity("Jos\ufffd", "akismet", "")})
    seen = having("2.0", Identity("Jos\ufffd\ufffd", "", ""))
    assert told(build_site(asking(expected=expected), seen))[1] == []


def test_what_nobody_saw_is_not_called_strange() -> None:
    assert told(build_site(asking(UPDATE), having("1.0", None)))[1:] == ([], [])


def test_a_plan_is_bound_to_who_it_would_touch() -> None:
    asked, seen = asking(UPDATE), having("1.0", ANA)
    plan = build("p-1", "fleet", [(asked, seen)], revision=None, dirty=False, now=NOW)
    assert site_problems(plan, plan.sites[0], asked, seen) == ()
    taken_over = having("1.0", NOT_ANA)
    assert [p.slug for p in site_problems(plan, plan.sites[0], asked, taken_over)] == ["plan.stale"]


def test_plan_observation_and_audit_tell_it() -> None:
    asked, seen = asking(UPDATE), having("1.0", NOT_ANA)
    plan = build("p-1", "fleet", [(asked, seen)], revision=None, dirty=False, now=NOW)
    shown = plain(site_lines(plan, plan.sites[0]))
    assert "No longer who it was (drift)" in shown
    assert '      author "Mallory" in place of "Ana"' in shown
    assert "! plugins.akismet is not who it was" in plain(
        observed_lines(with_strangers(asked, seen))
    )
    first = audit(build_site(asking(), seen), seen).points[0]
    assert (first.sort, first.about, first.found) == ("identity", "plugins.akismet", "1.0")
    assert first.detail.startswith('author "Mallory" in place of "Ana"')


def test_a_theme_is_held_against_its_own_headers() -> None:
    theme = {"folder": "paper", "version": "1.0", "parent": "", "text_domain": "", "update_uri": ""}
    seen = observed({"themes.paper": version("1.0")})
    answer = {"themes": [{**theme, "author": "Mallory"}], "active": "paper"}
    expected = Expected("paper", "1.0", None, {"1.0": Identity("Ana", "paper", "")}, "1.0")
    asked = replace(
        desired(managed("themes.paper", version("2.0"))),
        approval=Approval(expected={Address("themes.paper"): expected}),
    )
    plan = build_site(asked, replace(seen, answers=(("themes", answer),)))
    assert told(plan)[1:] == (['author "Mallory" in place of "Ana"'], ["plan.identity"])
