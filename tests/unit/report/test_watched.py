"""What a person sees of many runs at one moment."""

from tests.builders import NOW
from wpstate.model.progress import (
    Frozen,
    Looked,
    PhaseBegan,
    PhaseEnded,
    RunEnded,
    SetOut,
    Stopping,
    Thawed,
)
from wpstate.model.run import Outcome, Phase
from wpstate.model.site import SiteId
from wpstate.report.lines import plain
from wpstate.report.watched import Watched


def _began(site: str, phase: Phase, text: str = "") -> PhaseBegan:
    return PhaseBegan(NOW, SiteId(site), "r", phase, text)


def _ended(site: str, outcome: Outcome, frozen_s: float | None = None) -> RunEnded:
    return RunEnded(NOW, SiteId(site), "r", outcome, 1.0, frozen_s)


def _rows(watched: Watched, now_s: float, most: int = 20) -> list[tuple[str, ...]]:
    return [tuple(part.text for part in row) for row in watched.picture(now_s, most).rows]


def _foot(watched: Watched) -> str:
    return plain(watched.picture(0.0).foot)


def test_a_run_from_its_lock_to_its_end() -> None:
    watched = Watched()
    watched.take(_began("shop", Phase.LOCK), 10.0)
    assert _rows(watched, 12.0) == [("shop", "lock", "2 s", "", "")]
    watched.take(Frozen(NOW, SiteId("shop"), "r"), 20.0)
    watched.take(_began("shop", Phase.APPLY), 21.0)
    watched.take(PhaseEnded(NOW, SiteId("shop"), "r", Phase.APPLY, 1.0, True), 22.0)
    assert _rows(watched, 23.0) == [("shop", "apply", "2 s", "3 s", "")]
    watched.take(Thawed(NOW, SiteId("shop"), "r", 4.6), 25.0)
    assert _rows(watched, 40.0)[0][3] == "5 s"
    watched.take(_ended("shop", Outcome.ROLLED_BACK, 4.6), 41.0)
    assert _rows(watched, 43.0) == [("shop", "apply", "2 s", "5 s", "rolled_back")]
    assert _foot(watched) == "1 of 1 done, 0 under way, 1 put back\n"


def test_of_hundreds_only_those_under_way_and_the_last_ended() -> None:
    watched = Watched()
    sites = [f"s{n:03}" for n in range(200)]
    watched.take(SetOut(NOW, tuple(map(SiteId, sites))), 0.0)
    for at, site in enumerate(sites[:15]):
        watched.take(_began(site, Phase.APPLY), float(at))
    for at, site in enumerate(sites[:12]):
        how = Outcome.ROLLED_BACK if at == 5 else Outcome.APPLIED
        watched.take(_ended(site, how), 20.0 + at)
    watched.take(_ended(sites[100], Outcome.IN_SYNC), 40.0)
    shown = [row[0] for row in _rows(watched, 50.0, 6)]
    assert shown == ["s012", "s013", "s014", "s011", "s010", "s009"]
    assert _foot(watched) == "13 of 200 done, 3 under way, 1 put back\n"


def test_more_under_way_than_there_is_room_for() -> None:
    watched = Watched()
    for site in ("a", "b", "c"):
        watched.take(_began(site, Phase.LOCK), 0.0)
    assert [row[0] for row in _rows(watched, 1.0, 2)] == ["a", "b"]
    assert _rows(watched, 1.0, -3) == []
    assert _foot(watched) == "0 of 3 done, 3 under way\n"


def test_a_recovered_site_is_counted_once() -> None:
    watched = Watched()
    watched.take(_began("shop", Phase.ROLLBACK, "recover run r-0"), 0.0)
    assert _rows(watched, 1.0)[0][1] == "rollback recover run r-0"
    watched.take(_ended("shop", Outcome.ROLLED_BACK), 2.0)
    watched.take(_began("shop", Phase.LOCK), 3.0)
    assert _foot(watched) == "0 of 1 done, 1 under way\n"


def test_how_far_a_look_has_come_until_something_is_done() -> None:
    watched = Watched()
    watched.take(Looked(NOW, 200, 20, 140), 0.0)
    assert _foot(watched) == "looking at 200 sites on 20 accounts: 140 answered\n"
    watched.take(Looked(NOW, 1, 1, 0), 0.0)
    assert _foot(watched) == "looking at 1 site on 1 account: 0 answered\n"
    watched.take(_began("shop", Phase.LOCK), 1.0)
    assert "looking" not in _foot(watched)


def test_stopping_is_told_while_runs_are_under_way() -> None:
    watched = Watched()
    for site in ("a", "b", "c"):
        watched.take(_began(site, Phase.APPLY), 0.0)
    watched.take(Stopping(NOW, 3, again=False), 1.0)
    told = "stopping: 3 runs finish or undo their step; once more leaves them to their hosts\n"
    assert _foot(watched).endswith(told)
    watched.take(_ended("a", Outcome.FAILED), 2.0)
    watched.take(_ended("b", Outcome.FAILED), 2.0)
    one = "stopping: 1 run finishes or undoes its step; once more leaves it to its host\n"
    assert _foot(watched).endswith(one)
    watched.take(Stopping(NOW, 1, again=True), 3.0)
    assert _foot(watched).endswith("stopping: 1 run left to the hosts, which end them\n")
    watched.take(_ended("c", Outcome.FAILED), 4.0)
    assert "stopping" not in _foot(watched)
