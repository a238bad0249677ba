"""What runs had confirmed by some moment, beside what was asked."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.builders import NOW, SPAN, desired, managed, version
from wpstate.model.change import Action, Cause, Change
from wpstate.model.run import Outcome, Run
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.model.then import AskedThen, Then
from wpstate.planning.then import then

ASKED = desired(
    managed("plugins.akismet", version("2.0")), managed("plugins.hello", version("1.0"))
)
LATER = NOW + timedelta(hours=1)


def run(
    name: str,
    outcome: Outcome,
    before: str,
    after: str,
    *,
    at: datetime = NOW,
    slug: str = "akismet",
) -> Run:
    change = Change(
        Address(f"plugins.{slug}"), Action.UPDATE, version(before), version(after), Cause.PENDING,
        SPAN, "pinned",
    )  # fmt: skip
    return Run(name, SiteId("shop"), "p", outcome, at, 30.0, 3.0, (), (change,), (), ())


def told(*runs: Run, until: datetime = LATER) -> Then:
    return then(ASKED, runs, revision="a" * 40, committed_at=NOW, until=until)


def akismet(answer: Then) -> AskedThen:
    (found,) = (each for each in answer.resources if each.address == "plugins.akismet")
    return found


def test_what_no_run_changed_is_unknown() -> None:
    answer = told()
    assert [each.confirmed for each in answer.resources] == [None, None]
    assert answer.last_run is None


def test_the_last_confirmed_value_counts_in_whatever_order_runs_come() -> None:
    first = run("r1", Outcome.APPLIED, "1.0", "1.5")
    second = run("r2", Outcome.APPLIED, "1.5", "2.0", at=NOW + timedelta(minutes=5))
    for runs in ((first, second), (second, first)):
        seen = akismet(told(*runs)).confirmed
        assert seen
        assert (seen.state, seen.run) == (version("2.0"), "r2")


def test_a_rolled_back_run_saw_what_was_there_before() -> None:
    seen = akismet(told(run("r1", Outcome.ROLLED_BACK, "1.0", "2.0"))).confirmed
    assert seen
    assert seen.state == version("1.0")


def test_what_needs_attention_makes_a_value_unknown_again() -> None:
    good = run("r1", Outcome.APPLIED, "1.0", "1.5")
    ill = run("r2", Outcome.NEEDS_ATTENTION, "1.5", "2.0", at=NOW + timedelta(minutes=5))
    answer = told(good, ill)
    assert akismet(answer).confirmed is None
    assert answer.last_run
    assert answer.last_run.outcome is Outcome.NEEDS_ATTENTION


def test_runs_that_changed_nothing_confirm_nothing_new() -> None:
    good = run("r1", Outcome.APPLIED, "1.0", "1.5")
    late = NOW + timedelta(minutes=5)
    for outcome in (Outcome.REFUSED, Outcome.FAILED, Outcome.IN_SYNC):
        seen = akismet(told(good, run("r2", outcome, "1.5", "2.0", at=late))).confirmed
        assert seen
        assert seen.run == "r1"


def test_later_runs_and_those_under_way_do_not_count() -> None:
    good = run("r1", Outcome.APPLIED, "1.0", "1.5")
    assert told(good, until=NOW - timedelta(seconds=1)).last_run is None
    under_way = told(good, until=NOW + timedelta(seconds=10))
    assert akismet(under_way).confirmed is None
    assert under_way.last_run
    assert akismet(told(good, until=NOW + timedelta(seconds=30))).confirmed


def test_what_git_did_not_name_then_is_told_where_a_run_had_changed_it() -> None:
    answer = told(run("r1", Outcome.APPLIED, "1.0", "1.5", slug="other"))
    (other,) = (each for each in answer.resources if each.address == "plugins.other")
    assert (other.want, other.where) == (None, None)
    assert [each.address for each in answer.resources] == sorted(
        e.address for e in answer.resources
    )


def test_what_is_asked_keeps_its_line() -> None:
    found = akismet(told())
    assert (found.want, found.where, found.label) == (version("2.0"), SPAN, "pinned")
    assert replace(found, confirmed=None) == found
