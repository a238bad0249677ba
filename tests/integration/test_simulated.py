"""The simulated fleet itself: it answers as real sites do, and its bad accounts are bad."""

from pathlib import Path

from tests.simulated.behaviour import Behaviour, mixed
from tests.simulated.fleet import SimulatedFleet, simulated
from tests.simulated.recording import record, recorded
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.fleet_files import read_fleet
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.observer import ProbeObserver
from wpstate.adapters.ssh import SshShells
from wpstate.desired.compose import compose
from wpstate.planning.build import build

CODES = {
    Behaviour.HEALTHY: set(),
    Behaviour.HANGS_AT_CONNECT: {"unreachable"},
    Behaviour.HANGS_AT_LOGIN: {"unreachable"},
    Behaviour.HANGS_IN_COMMAND: {"timeout"},
    Behaviour.REFUSES: {"unreachable"},
    Behaviour.RESETS: {"unreachable"},
    Behaviour.OTHER_KEY: {"host_key"},
    Behaviour.NO_SSH: {"unreachable"},
    Behaviour.GARBAGE: {"untrusted_output"},
    Behaviour.LIES: {"untrusted_output"},
    Behaviour.TOO_MUCH: {"untrusted_output"},
}


def observe(fleet: SimulatedFleet, timeout_s: int) -> dict[str, set[str]]:
    """The codes of each site's faults."""
    desired = compose(read_fleet(fleet.folder)).sites
    with SshShells(KnownHosts(fleet.home / "known_hosts"), fleet.key_file) as shells:
        seen = ProbeObserver(shells, SystemClock(), timeout_s=timeout_s).observe(desired)
    return {str(site): {fault.code for fault in one.faults} for site, one in seen.items()}


def test_each_behaviour_is_what_its_name_says(tmp_path: Path) -> None:
    with simulated(tmp_path, tuple(Behaviour), sites_of_account=2) as fleet:
        codes = observe(fleet, timeout_s=2)
    assert codes == {site: CODES[fleet.behaviours[site]] for site in codes}
    assert len(codes) == 2 * len(Behaviour)


def test_a_simulated_fleet_is_in_sync(tmp_path: Path) -> None:
    with simulated(tmp_path, mixed(3), sites_of_account=50, processes=2) as fleet:
        composed = compose(read_fleet(fleet.folder))
        with SshShells(KnownHosts(fleet.home / "known_hosts"), fleet.key_file) as shells:
            seen = ProbeObserver(shells, SystemClock()).observe(composed.sites)
    pairs = [(desired, seen[desired.site.id]) for desired in composed.sites]
    plan = build("p", "f", pairs, revision=None, dirty=False, now=SystemClock().now())
    assert len(plan.sites) == 150
    assert not any(site.changes or site.refusals for site in plan.sites)


def test_the_recording_has_the_shape_of_what_a_real_site_answers() -> None:
    """Where the probe has learned something since: `python -m tests.simulated.recording`."""
    assert shape(record("blog")) == shape(recorded())


def shape(value: object) -> object:
    """Keys, and sorts of values; of a list its first entry alone."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value[:1]]
    return type(value).__name__
