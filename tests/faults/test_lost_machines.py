"""Workers are killed and stopped at any time while they update sites: every run comes to its end,
no two are on one site, and no site is left between states.

Long: WPSTATE_FAULTS=full, with WPSTATE_LOST_RUNS runs (60), WPSTATE_LOST_STRIKES strikes (one for
ten runs) and the moments of WPSTATE_LOST_SEED.
"""

import json
import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.machines import Machine, machine, runs_in_turn
from tests.e2e.site import Site
from tests.faults.conftest import FULL
from tests.postgres import Postgres

pytestmark = [
    pytest.mark.xdist_group("shop"),
    pytest.mark.skipif(not FULL, reason="long; script/faults"),
    pytest.mark.timeout(6 * 3600),
]

_SITES = ("blog", "getenv", "redis", "shop")
_RUNS = int(os.environ.get("WPSTATE_LOST_RUNS", "60"))
_STRIKES = int(os.environ.get("WPSTATE_LOST_STRIKES", str(max(1, _RUNS // 10))))
_SEED = int(os.environ.get("WPSTATE_LOST_SEED", "1"))
_MACHINES = 4
_VERSIONS = ("1.0", "1.1")


class _Strikes(threading.Thread):
    """One each few seconds: a machine, or its worker alone, killed or stopped for some time."""

    def __init__(self, machines: list[Machine], random: Random, most: int) -> None:
        super().__init__(daemon=True)
        self._machines = machines
        self._random = random
        self._most = most
        self.done: Counter[str] = Counter()
        self.over = threading.Event()

    def run(self) -> None:
        while sum(self.done.values()) < self._most:
            if self.over.wait(self._random.uniform(4, 16)):
                return
            struck = self._random.choice(self._machines)
            self._strike(struck)

    def _strike(self, struck: Machine) -> None:
        assert struck.running
        whole = self._random.random() < 0.7
        what = "machine" if whole else "worker"
        if self._random.random() < 0.5:
            self.done[f"{what} killed"] += 1
            self._send(struck, signal.SIGKILL, whole=whole)
            struck.running.wait()
            struck.start()
            return
        self.done[f"{what} stopped"] += 1
        self._send(struck, signal.SIGSTOP, whole=whole)
        self.over.wait(self._random.choice((3, 30, 60)))
        struck.send(signal.SIGCONT)

    def _send(self, struck: Machine, number: int, *, whole: bool) -> None:
        assert struck.running
        if whole:
            struck.send(number)
        else:
            struck.running.send_signal(number)


def _between(site: Site) -> str | None:
    """What is neither as before a run nor as after it."""
    if (site.state / "lock").exists():
        return "locked"
    if (site.wp_path / ".maintenance").exists():
        return "frozen"
    version = site.wp("plugin", "get", "lab-guestbook", "--field=version")
    return None if version in _VERSIONS else f"version {version}"


def test_every_run_comes_to_its_end(
    take: Take, fleet: Fleet, postgres: Postgres, tmp_path: Path
) -> None:
    sites = dict(zip(_SITES, take(*_SITES), strict=True))
    random, url = Random(_SEED), postgres.new()
    machines = [machine(f"m{number}", fleet, url, tmp_path) for number in range(_MACHINES)]
    for each in machines:
        each.start()
    strikes = _Strikes(machines, random, _STRIKES)
    strikes.start()
    outcomes: Counter[str] = Counter()
    number, began_s, slowest_s = 0, time.monotonic(), 0.0
    try:
        while sum(outcomes.values()) < _RUNS:
            number += 1
            wanted = _VERSIONS[number % 2]
            for folder in (fleet, *(each.fleet for each in machines)):
                for name in _SITES:
                    folder.pin(name, "lab-guestbook", wanted)
            pass_began_s = time.monotonic()
            passing = fleet.start(
                "apply", *_SITES, "--yes", "--format", "json", WPSTATE_DATABASE=url
            )
            out, err = passing.communicate(timeout=900)
            slowest_s = max(slowest_s, time.monotonic() - pass_began_s)
            runs = json.loads(out)
            assert {run["site"] for run in runs} == set(_SITES), err
            for run in runs:
                outcomes[run["outcome"]] += 1
                assert run["outcome"] in (
                    "applied",
                    "rolled_back",
                    "failed",
                    "in_sync",
                    "refused",
                ), run
                problem = _between(sites[run["site"]])
                assert problem is None, (run["site"], problem, run)
    finally:
        strikes.over.set()
        strikes.join()
        took_s = time.monotonic() - began_s
        told = f"{dict(outcomes)} in {number} passes, {took_s:.0f} s, slowest {slowest_s:.0f} s;"
        print(f"\n{told} {dict(strikes.done)}")
        for each in machines:
            each.end()
        for each in machines:
            (tmp_path / f"{each.name}.log").write_text("".join(each.lines))
    for site in sites.values():
        assert _between(site) is None
        runs_in_turn(site.state)
    kept = fleet.wpstate("runs", "--limit", "1000", "--format", "json", WPSTATE_DATABASE=url).json
    assert len({run["id"] for run in kept}) == len(kept)
    assert sum(strikes.done.values()) == _STRIKES, "too few runs for that many strikes"
