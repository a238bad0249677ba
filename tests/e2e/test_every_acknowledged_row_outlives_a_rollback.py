"""Visitors, commands and a program that writes past WordPress go on all through runs that are
rolled back: every row that was acknowledged is there once.

WPSTATE_WRITERS_SITE names another site of the lab than the usual one.
"""

import os
import time
from contextlib import ExitStack

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.e2e.site import Site
from tests.e2e.writers import (
    Answer,
    CommandLine,
    Commenter,
    Customer,
    DirectWriter,
    LongRequest,
    Writer,
    prepare,
)
from tests.e2e.written import amiss, counted
from tests.faults.conftest import FULL
from tests.oracle.whole import Whole, unlike

SITE = os.environ.get("WPSTATE_WRITERS_SITE", "atelier")
ROLLBACKS = 30 if FULL else 2
BAD = ("2.6", "2.1", "2.8")
FLOOR = 20.0
"""Rows a second of visitors while the site is open; 100 are asked for, on two quiet cores."""


@pytest.mark.xdist_group(SITE)
@pytest.mark.timeout(3600)
def test_each_row_is_there_once(take: Take, fleet: Fleet) -> None:
    (site,) = take(SITE)
    prepare(site)
    tree = site.whole().tree
    fleet.replace(SITE, "plugins:\n", "freeze: {drain: 15s}\nplugins:\n")
    visitors: list[Writer] = [Commenter(site), Commenter(site), Customer(site), Customer(site)]
    command, direct = CommandLine(site), DirectWriter(site)
    writers = [*visitors, command, direct]
    long: list[Writer] = []
    wrong: list[str] = []
    began_s = time.monotonic()

    with ExitStack() as at_work:
        for writer in writers:
            at_work.enter_context(writer)
        for turn in range(ROLLBACKS):
            frozen, version = turn % 2 == 0, BAD[turn % 3]
            told_later, ill = command.said["75"], ill_answers(visitors)
            long.append(roll_back(site, fleet, version, frozen=frozen))
            if frozen and command.said["75"] == told_later:
                wrong.append(f"turn {turn}: no command met the freeze")
            if frozen and ill_answers(visitors) != ill:
                wrong.append(f"turn {turn}: a visitor saw what the freeze should hide")

    took_s = time.monotonic() - began_s
    each_s = sum(writer.rows_each_s() for writer in visitors)
    print(f"\n{ROLLBACKS} rollbacks of {SITE} in {took_s:.0f} s, {each_s:.0f} rows a second open")
    print(counted([*writers, *long]))
    assert wrong + amiss(site, [*writers, *long]) == []
    assert unlike(Whole(tree, ""), Whole(site.whole().tree, "")) == []
    assert site.sql("SELECT option_value FROM {p}options WHERE option_name = 'blogname'") == (
        site.title
    )
    site.assert_open()
    assert each_s >= FLOOR
    assert all(writer.rows(Answer.ACKNOWLEDGED) for writer in writers)


def ill_answers(visitors: list[Writer]) -> int:
    return sum(len(visitor.rows(Answer.UNKNOWN)) for visitor in visitors)


def roll_back(site: Site, fleet: Fleet, version: str, *, frozen: bool) -> Writer:
    """A bad update, put back, with a request in flight when its freeze begins."""
    fleet.pin(site.name, "lab-guestbook", version)
    text = fleet.site_file(site.name).read_text("utf-8")
    (line,) = (line for line in text.splitlines() if line.startswith("freeze: "))
    fleet.replace(site.name, line, "freeze: {drain: 15s}" if frozen else "freeze: off")

    running = fleet.start("apply", site.name, "--yes")
    until(running, "stage")
    with LongRequest(site) as long:
        out, err = running.communicate(timeout=200)

    assert running.returncode == 4, out + err
    assert fleet.last_run(site.name)["outcome"] == "rolled_back"
    assert len(long.rows(Answer.ACKNOWLEDGED)) == 1, f"{long.said}: no request met the freeze"
    return long
