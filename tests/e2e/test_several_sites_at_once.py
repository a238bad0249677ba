"""Sites are changed beside each other, each in a process of its own; stopping stops all of them,
and each is left whole."""

import signal
import time

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until

pytestmark = pytest.mark.xdist_group("above")

_SITES = ("above", "shop")


def _ask(fleet: Fleet) -> None:
    for name in _SITES:
        fleet.pin(name, "lab-guestbook", "1.1")


def test_both_are_changed_and_one_that_is_ill_costs_the_other_nothing(
    take: Take, fleet: Fleet
) -> None:
    above, shop = take(*_SITES)
    _ask(fleet)
    fleet.pin("shop", "lab-guestbook", "2.8")
    before = shop.whole()
    done = fleet.wpstate("apply", *_SITES, "--yes", "--format", "json", code=4)
    assert [(run["site"], run["outcome"]) for run in done.json] == [
        ("above", "applied"),
        ("shop", "rolled_back"),
    ], [run["reasons"] for run in done.json]
    assert above.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
    shop.assert_as(before)
    for name in _SITES:
        assert f"{name}: freeze …" in done.err
    # Beside each other: each begins before the other has ended.
    begins = [done.err.index(f"{name}: lock …") for name in _SITES]
    assert max(begins) < min(done.err.rindex(f"{name}: ") for name in _SITES)
    assert {run["site"] for run in fleet.wpstate("runs", "--format", "json").json} == set(_SITES)


def test_stopping_stops_all_and_leaves_them_whole(take: Take, fleet: Fleet) -> None:
    sites = take(*_SITES)
    _ask(fleet)
    before = [site.whole() for site in sites]
    running = fleet.start("apply", *_SITES, "--yes")
    until(running, "snapshot")
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=100)
    assert running.returncode == 130
    for site, was in zip(sites, before, strict=True):
        assert not (site.state / "lock").exists()
        site.assert_as(was)


def test_a_command_that_is_killed_takes_its_runs_with_it(take: Take, fleet: Fleet) -> None:
    sites = take(*_SITES)
    _ask(fleet)
    before = [site.whole() for site in sites]
    running = fleet.start("apply", *_SITES, "--yes")
    until(running, "freeze")
    running.kill()
    running.wait()
    give_up_at = time.monotonic() + 60
    while any((site.state / "lock").exists() for site in sites):
        assert time.monotonic() < give_up_at
        time.sleep(0.1)
    for site, was in zip(sites, before, strict=True):
        site.assert_as(was)
