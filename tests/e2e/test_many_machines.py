"""Three machines share the work of a pass. One is lost in the middle of a run, one sleeps in the
middle of another and wakes: every run comes to its end, each site is whole, and no two runs were on
one site."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.machines import Machine, machine, runs_in_turn
from tests.postgres import Postgres
from wpstate.adapters.database import open_database
from wpstate.adapters.ledger import DatabaseLedger
from wpstate.adapters.plans import read_plan
from wpstate.adapters.postgres import PostgresDatabase
from wpstate.adapters.site_queue import SiteQueue
from wpstate.model.plan import Plan
from wpstate.model.run import Run
from wpstate.model.secret import Secret

pytestmark = pytest.mark.xdist_group("getenv")

_SITES = ("blog", "getenv", "redis")
_STRIKES = {"apply": signal.SIGKILL, "stage": signal.SIGSTOP}
"""At which phase which machine is struck; each strikes one machine."""


class _Struck:
    """Each of the strikes, at the first machine that comes to its phase."""

    def __init__(self) -> None:
        self.machines: dict[str, Machine] = {}
        self._lock = threading.Lock()

    def hear(self, where: Machine, line: str) -> None:
        with self._lock:
            if where in self.machines.values():
                return
            for phase, number in _STRIKES.items():
                if f": {phase} …" in line and phase not in self.machines:
                    self.machines[phase] = where
                    where.send(number)
                    return


@pytest.fixture
def machines(fleet: Fleet, postgres: Postgres, tmp_path: Path) -> Iterator[list[Machine]]:
    for name in _SITES:
        fleet.pin(name, "lab-guestbook", "1.1")
    url = postgres.new()
    made = [machine(f"m{number}", fleet, url, tmp_path) for number in range(3)]
    yield made
    for each in made:
        each.end()


def test_what_a_lost_and_a_sleeping_machine_left_is_ended_by_the_third(
    take: Take, fleet: Fleet, machines: list[Machine]
) -> None:
    sites = dict(zip(_SITES, take(*_SITES), strict=True))
    before = {name: site.whole() for name, site in sites.items()}
    struck = _Struck()
    for each in machines:
        each.told = lambda line, each=each: struck.hear(each, line)
        each.start()
    url = machines[0].url
    words = ("apply", *_SITES, "--yes", "--format", "json")
    passing = fleet.start(*words, WPSTATE_DATABASE=url)
    out, err = passing.communicate(timeout=600)
    said = "\n".join((err, *("".join(each.lines) for each in machines)))
    assert set(struck.machines) == set(_STRIKES), said
    seen = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    moved = {each["site"] for each in seen if each["event"] == "phase_began"}
    assert moved == set(_SITES), said
    runs = {run["site"]: run for run in json.loads(out)}
    assert set(runs) == set(_SITES), said
    for name, run in runs.items():
        assert run["outcome"] in ("applied", "rolled_back", "failed"), (run, said)
        assert not (sites[name].state / "lock").exists()
        if run["outcome"] == "applied":
            assert sites[name].wp("plugin", "get", "lab-guestbook", "--field=version") == "1.1"
        else:
            sites[name].assert_as(before[name])
    assert sum(run["outcome"] == "applied" for run in runs.values()) >= 1, said

    # Who slept finds that the site is not its own any more, and overwrites nothing.
    kept = fleet.wpstate("runs", "--format", "json", WPSTATE_DATABASE=url).json
    struck.machines["stage"].send(signal.SIGCONT)
    assert struck.machines["stage"].drain() == 0
    after = fleet.wpstate("runs", "--format", "json", WPSTATE_DATABASE=url).json
    ends = [{run["id"]: run["outcome"] for run in told} for told in (kept, after)]
    assert ends[0].items() <= ends[1].items(), said
    for name, site in sites.items():
        runs_in_turn(site.state)
        if runs[name]["outcome"] != "applied":
            site.assert_as(before[name])


def _handed_over(url: str, plan: Plan) -> Run:
    """As whoever can write into the database does."""
    database = open_database(Secret(url), Path("/nonexistent"))
    assert isinstance(database, PostgresDatabase)
    queue = SiteQueue(database, plan.fleet)
    job = queue.hand_over(plan)
    assert job is not None
    until_s = time.monotonic() + 120
    while (state := queue.state(job))[0] in ("todo", "doing"):
        assert time.monotonic() < until_s
        time.sleep(0.2)
    assert state[1] is not None, state
    run = DatabaseLedger(database).run(state[1])
    assert run is not None
    return run


def test_a_worker_changes_nothing_but_what_its_own_files_ask_for(
    take: Take, fleet: Fleet, machines: list[Machine]
) -> None:
    (site,) = take("getenv")
    before = site.whole()
    fleet.wpstate("plan", "getenv", "--out", "fair.plan")
    fair = read_plan(fleet.folder / "fair.plan")
    (part,) = fair.sites
    machines[0].start()
    url = machines[0].url
    forged = tuple(replace(change, purge_data=True) for change in part.changes)
    refused = _handed_over(url, replace(fair, sites=(replace(part, changes=forged),)))
    assert [reason.slug for reason in refused.reasons] == ["plan.unasked"]

    fleet.pin("getenv", "lab-guestbook", "2.1")
    words = ("apply", "getenv", "--yes", "--format", "json")
    (run,) = fleet.wpstate(*words, code=3, WPSTATE_DATABASE=url).json
    assert [reason["slug"] for reason in run["reasons"]] == ["plan.stale"]

    # Windows too are those of its own files, as they are when the run would begin.
    with (machines[0].fleet.folder / "fleet.yml").open("a", encoding="utf-8") as file:
        file.write("updates: {closed: [{from: 2026-01-01, until: 2099-12-31, why: a fair}]}\n")
    refused = _handed_over(url, replace(fair, sites=(replace(part, refusals=()),)))
    assert [reason.slug for reason in refused.reasons] == ["plan.window"]
    site.assert_as(before)
    assert machines[0].drain() == 0
