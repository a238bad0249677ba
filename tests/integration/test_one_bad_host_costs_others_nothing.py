"""A fleet in which some hosts hang, refuse, lie or ban: the others are seen as if they were not."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.simulated.behaviour import Behaviour, mixed
from tests.simulated.fleet import SimulatedFleet, simulated
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.database import SqliteDatabase
from wpstate.adapters.fleet_files import read_fleet
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.observer import ProbeObserver
from wpstate.adapters.shut_hosts import DatabaseShutHosts
from wpstate.adapters.slots import AT_WORK
from wpstate.adapters.ssh import SshShells
from wpstate.adapters.ssh_doors import OPENING_AT_ONCE, SHUT_AFTER, Doors
from wpstate.cli import exit_codes
from wpstate.desired.compose import compose
from wpstate.model.observed import ObservedState
from wpstate.model.site import SiteId

BANNED_AFTER = OPENING_AT_ONCE + 4


def observe(
    fleet: SimulatedFleet, timeout_s: int, doors: Doors | None = None
) -> Mapping[SiteId, ObservedState]:
    desired = compose(read_fleet(fleet.folder)).sites
    with SshShells(KnownHosts(fleet.home / "known_hosts"), fleet.key_file, doors) as shells:
        return ProbeObserver(shells, SystemClock(), timeout_s=timeout_s).observe(desired)


def test_more_hang_than_there_are_slots_and_the_others_are_seen_before_the_first_gives_up(
    tmp_path: Path,
) -> None:
    accounts = (
        *(Behaviour.HANGS_IN_COMMAND,) * (AT_WORK + 8),
        *mixed(100, refusing=4, wrong_key=2, garbage=4),
    )
    with simulated(tmp_path, accounts) as fleet:
        seen = observe(fleet, timeout_s=15)
    healthy, hanging = fleet.named(Behaviour.HEALTHY), fleet.named(Behaviour.HANGS_IN_COMMAND)
    assert [seen[SiteId(site)].faults for site in healthy] == [()] * 90
    assert {seen[SiteId(site)].faults[0].code for site in hanging} == {"timeout"}
    last = max(seen[SiteId(site)].observed_at for site in healthy)
    assert last < min(seen[SiteId(site)].observed_at for site in hanging)


def test_one_bad_in_each_sort_leaves_a_pass_as_long_as_the_healthy_and_one_timeout(
    tmp_path: Path,
) -> None:
    """1 % hanging, 2 % refusing, 1 % with a wrong key, 1 % garbage; twice as long is allowed."""
    timeout_s = 6
    (tmp_path / "well").mkdir()
    (tmp_path / "ill").mkdir()
    with simulated(tmp_path / "well", mixed(100), sites_of_account=2) as well:
        began_s = time.monotonic()
        assert not any(one.faults for one in observe(well, timeout_s).values())
        healthy_s = time.monotonic() - began_s
    bad = mixed(100, hanging=1, refusing=2, wrong_key=1, garbage=1)
    with simulated(tmp_path / "ill", bad, sites_of_account=2) as ill:
        began_s = time.monotonic()
        seen = observe(ill, timeout_s)
        took_s = time.monotonic() - began_s
    assert Counter(bool(one.faults) for one in seen.values()) == {True: 10, False: 190}
    assert took_s < 2 * (healthy_s + timeout_s)


def test_a_ban_is_recognised_told_in_one_way_and_not_tried_again(tmp_path: Path) -> None:
    accounts = mixed(30)
    with simulated(tmp_path, accounts, accounts_of_machine=30, bans_after=BANNED_AFTER) as fleet:
        doors = Doors()
        seen = observe(fleet, 20, doors)
        knocked = len(fleet.connections())
        again = observe(fleet, 20, doors)
        assert len(fleet.connections()) == knocked
    faults = [fault for one in seen.values() for fault in one.faults]
    assert sum(not one.faults for one in seen.values()) == BANNED_AFTER
    assert {fault.code for fault in faults} == {"banned"}
    assert len({fault.detail for fault in faults}) == 1
    assert "it let us in before" in faults[0].detail
    assert knocked <= BANNED_AFTER + OPENING_AT_ONCE + SHUT_AFTER
    assert {fault.code for one in again.values() for fault in one.faults} == {"banned"}


def _passed(fleet: SimulatedFleet, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        (sys.executable, "-m", "wpstate", *words), stdin=subprocess.DEVNULL,
        env=os.environ | fleet.environment(), capture_output=True, text=True,
    )  # fmt: skip


def _committed(fleet: SimulatedFleet) -> None:
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "simulated")):
        git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", *words)
        subprocess.run(git, cwd=fleet.folder, check=True)


def test_the_next_pass_leaves_a_host_alone_that_banned_this_one(tmp_path: Path) -> None:
    with simulated(tmp_path, mixed(6), accounts_of_machine=6, bans_after=2) as fleet:
        _committed(fleet)
        once = ("reconcile", "--once", "--format", "json")
        assert _passed(fleet, *once).returncode == exit_codes.REFUSED
        memory = DatabaseShutHosts(SqliteDatabase(fleet.home / "ledger.sqlite3"), is_there=True)
        ((place, shut),) = memory.known().items()
        until = datetime.now(UTC) + timedelta(hours=1)  # however slow this machine is
        memory.shut(place, replace(shut, until=until))
        knocked = len(fleet.connections())
        ran = _passed(fleet, *once)
        assert len(fleet.connections()) == knocked
        told = {site["told"] for site in json.loads(ran.stdout)["sites"]}
        # A person may try: once, and is told of it once.
        by_hand = _passed(fleet, "observe")
        assert len(fleet.connections()) == knocked + 1
    (told_once,) = told
    assert "left alone until" in told_once
    assert by_hand.stdout.count("banned: ") == 1, by_hand.stdout


def test_a_pass_asks_a_host_that_does_not_answer_once_and_tells_it_once(tmp_path: Path) -> None:
    """It looks for abandoned runs only where somebody can be asked."""
    accounts = (Behaviour.RESETS, Behaviour.OTHER_KEY, *mixed(2))
    with simulated(tmp_path, accounts, sites_of_account=3) as fleet:
        _committed(fleet)
        ran = _passed(fleet, "reconcile", "--once", "--format", "json")
        knocked = Counter(address for _, address in fleet.connections())
    assert ran.returncode == exit_codes.REFUSED, ran.stderr
    standings = Counter(site["standing"] for site in json.loads(ran.stdout)["sites"])
    assert standings == {"refused": 6, "in_sync": 6}
    assert set(knocked.values()) == {1, 2}
    assert sum(knocked.values()) == len(accounts)


def test_a_host_gets_no_more_connections_in_a_minute_than_it_may(tmp_path: Path) -> None:
    with simulated(tmp_path, mixed(12), accounts_of_machine=12) as fleet:
        hosts = fleet.folder / "hosts.yml"
        text = hosts.read_text().replace("all:\n", "all:\n  vars: {connections_per_minute: 4}\n")
        hosts.write_text(text)
        began = time.monotonic()
        seen = observe(fleet, 20, Doors(minute_s=1.0))
        at = sorted(when for when, _ in fleet.connections())
    assert not any(one.faults for one in seen.values())
    assert len(at) == 12
    # However late a busy machine accepts one, none may come early; noted to the millisecond.
    for number, when in enumerate(at):
        assert when - began >= number // 4 - 0.001
