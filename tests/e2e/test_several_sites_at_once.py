"""Sites are changed beside each other, each in a process of its own; stopping stops all of them,
and each is left whole."""

import json
import os
import re
import time

import pytest
from jsonschema import Draft202012Validator

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.e2e.site import CHECKOUT
from tests.terminal import open_terminal

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
    _tells_of_all(done.err)
    assert {run["site"] for run in fleet.wpstate("runs", "--format", "json").json} == set(_SITES)


def _tells_of_all(err: str) -> None:
    """stderr, as events of their schema and in their order."""
    schema = Draft202012Validator(json.loads((CHECKOUT / "schemas/event.schema.json").read_text()))
    events = [json.loads(line) for line in err.splitlines()]
    assert [problem.message for each in events for problem in schema.iter_errors(each)] == []
    assert events[0] | {"at": ""} == {
        "format": "wpstate-event/1", "event": "looked", "at": "", "sites": 2, "accounts": 2,
        "answered": 0,
    }  # fmt: skip
    at = {(each["event"], each.get("site"), each.get("phase")): n for n, each in enumerate(events)}
    for name in _SITES:
        of_site = [each for each in events if each.get("site") == name]
        assert len({each["run"] for each in of_site}) == 1
        assert of_site[0]["phase"] == "lock"
        assert of_site[-1]["event"] == "run_ended"
        frozen = at["frozen", name, None]
        assert at["set_out", None, None] < frozen < at["thawed", name, None]
        assert frozen < at["phase_ended", name, "freeze"]
    # Beside each other: each begins before the other has ended.
    begins = [at["phase_began", name, "lock"] for name in _SITES]
    assert max(begins) < min(at["run_ended", name, None] for name in _SITES)


def test_a_person_watches_and_goes_and_the_runs_go_on(take: Take, fleet: Fleet) -> None:
    sites = take(*_SITES)
    _ask(fleet)
    with open_terminal(90, 60) as terminal:
        running = fleet.start_before(terminal, "apply", *_SITES, "--yes", nohup=True)

        def all_are_shown(shown: list[str]) -> bool:
            begins = {row.split()[0] for row in shown[-3:-1]}
            return begins == set(_SITES) and "freeze" in "".join(shown[-3:-1])

        shown = terminal.until(all_are_shown, within_s=100)
        assert shown[-4].split() == ["SITE", "PHASE", "SINCE", "FROZEN", "OUTCOME"]
        assert shown[-1] == "0 of 2 done, 2 under way"
        assert not any("…" in row for row in shown)
        terminal.hang_up()
        assert running.wait(timeout=200) == 1  # what became of them could not be told
    for site in sites:
        assert site.wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
        site.assert_open()
    assert [fleet.last_run(name)["outcome"] for name in _SITES] == ["applied"] * 2


def test_stopping_stops_all_and_leaves_them_whole(take: Take, fleet: Fleet) -> None:
    sites = take(*_SITES)
    _ask(fleet)
    before = [site.whole() for site in sites]
    with open_terminal(100, 60) as terminal:
        running = fleet.start_before(terminal, "apply", *_SITES, "--yes", nohup=False)
        terminal.until(lambda shown: any(" freeze " in row for row in shown), within_s=100)
        os.write(terminal.person, b"\x03")
        # It stands there for as long as they are at work only, which may be a moment.
        terminal.until(lambda _: running.poll() is not None, within_s=100)
        terminal.shown()
    told = rb"stopping: (2 runs finish or undo|1 run finishes or undoes)"  # one may have ended
    assert re.search(told, terminal.written)
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
