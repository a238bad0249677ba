"""A controller that slept while the host ended its run: it is told what became of the site and what
to type, and blames nothing that it planned."""

import os
import signal
from contextlib import suppress
from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.faults.moments import Progress
from tests.faults.scene import LONG_AGO_S, family, let_time_pass, wait_until_free

pytestmark = pytest.mark.xdist_group("shop")


def woken_in(phase: str, take: Take, fleet: Fleet, code: int) -> dict[str, Any]:
    """Its run's record; the site is as it was."""
    (site,) = take("shop")
    fleet.pin("shop", "lab-guestbook", "1.1")
    before = site.whole()
    running = fleet.start("apply", "shop", "--yes")
    until(running, phase)
    asleep = family(running.pid)
    for process in asleep:
        with suppress(ProcessLookupError):  # a short one has ended since it was listed
            os.kill(process, signal.SIGSTOP)
    for _ in range(12):
        # Again and again: a verb that was under way writes its own times later.
        let_time_pass(site.state, LONG_AGO_S)
        if wait_until_free(site.state, 5):
            break
    for process in asleep:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)
    progress = Progress(running)
    assert progress.ended(120) == code, progress.said
    site.assert_as(before)
    run: dict[str, Any] = fleet.last_run("shop")
    return run


def test_once_changed_it_is_told_that_the_host_put_the_site_back(take: Take, fleet: Fleet) -> None:
    run = woken_in("apply", take, fleet, 4)
    assert run["outcome"] == "rolled_back"
    first, *others = run["reasons"]
    assert (first["slug"], first["mend"]) == ("watchdog.first", "wpstate plan shop")
    assert [other["mend"] for other in others] == [None] * len(others)
    assert fleet.wpstate("release", "shop", "--format", "json").json["quarantined"] == {}


def test_before_that_it_is_told_that_the_site_is_not_its_own_any_more(
    take: Take, fleet: Fleet
) -> None:
    run = woken_in("stage", take, fleet, 1)
    assert run["outcome"] == "failed"
    assert {reason["mend"] for reason in run["reasons"]} == {"wpstate plan shop"}
