"""What is kept is what was asked, each with its reason, and never nothing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wpstate.model.backup import Keep
from wpstate.planning.retention import Candidate, judge

_START = datetime(2026, 1, 1, 2, tzinfo=UTC)


def _daily(days: int) -> list[Candidate]:
    return [Candidate(f"b{day:03}", _START + timedelta(days=day)) for day in range(days)]


def test_days_weeks_and_months_reach_back_each_by_its_own_count() -> None:
    kept = {
        one.id: one.reasons
        for one in judge(_daily(200), Keep(daily=3, weekly=2, monthly=3))
        if one.kept
    }
    assert kept == {
        "b199": ("the last good one", "daily 1 of 3", "weekly 1 of 2", "monthly 1 of 3"),
        "b198": ("daily 2 of 3",),
        "b197": ("daily 3 of 3",),
        "b192": ("weekly 2 of 2",),  # Sunday 12 July
        "b180": ("monthly 2 of 3",),  # 30 June
        "b150": ("monthly 3 of 3",),  # 31 May
    }


def test_of_one_hour_the_newest_is_kept() -> None:
    twice = [Candidate("early", _START), Candidate("late", _START + timedelta(minutes=30))]
    judged = judge(twice, Keep(hourly=5, written="5h"))
    assert [(one.id, one.kept) for one in judged] == [("late", True), ("early", False)]
    assert "5h" in judged[1].reasons[0]


def test_a_broken_one_takes_no_good_ones_place() -> None:
    broken = Candidate("broken", _START + timedelta(days=9, hours=1), good=False)
    judged = judge([*_daily(10), broken], Keep(daily=1))
    assert [one.id for one in judged if one.kept] == ["broken", "b009"]
    assert judged[0].reasons == ("not whole, and no newer one is good",)
    older = Candidate("broken", _START - timedelta(hours=1), good=False)
    assert judge([*_daily(10), older], Keep(daily=30))[-1].reasons == ("not whole",)


_BACKUPS = st.lists(st.tuples(st.integers(0, 400 * 24), st.booleans()), max_size=40).map(
    lambda some: [
        Candidate(f"b{at}", _START + timedelta(hours=hours), good)
        for at, (hours, good) in enumerate(some)
    ]
)
_KEEP = st.just(Keep()) | st.builds(Keep, *(st.integers(0, 6) for _ in range(5)))


@given(_BACKUPS, _KEEP)
def test_the_last_good_one_always_stays(backups: list[Candidate], keep: Keep) -> None:
    judged = {one.id: one for one in judge(backups, keep)}
    assert len(judged) == len(backups)
    assert all(one.reasons for one in judged.values())
    good = sorted((one.at, one.id) for one in backups if one.good)
    if good:
        assert judged[good[-1][1]].kept
    for one in backups:
        if not one.good:  # it stays until a newer one is good
            assert judged[one.id].kept == (not good or one.at >= good[-1][0])


@given(_BACKUPS, _KEEP)
def test_removing_and_judging_again_removes_nothing_more(
    backups: list[Candidate], keep: Keep
) -> None:
    kept = {one.id for one in judge(backups, keep) if one.kept}
    again = judge([one for one in backups if one.id in kept], keep)
    assert {one.id for one in again if one.kept} == kept
