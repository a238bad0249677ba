"""A fleet of simulated sites for tests and measures: started, described to wpstate, ended.

The machines are processes of server, so that the controller that is looked at has its process for
itself. Addresses are this machine's own (127.0.0.0/8), ports whichever are free.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.simulated.behaviour import Behaviour
from tests.simulated.folder import Placed, write_folder
from wpstate.model.site import Account, Host, Site, SiteId

MOST_ACCOUNTS = 2_000
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class SimulatedFleet:
    folder: Path
    """A fleet folder; `wpstate --fleet` reads it."""
    home: Path
    """For WPSTATE_HOME: the pinned host keys."""
    key_file: Path
    """For WPSTATE_SSH_KEY."""
    placed: tuple[Placed, ...]
    behaviours: dict[str, Behaviour]
    """Of each site's account, by site."""
    log: Path

    def environment(self) -> dict[str, str]:
        return {
            "WPSTATE_FLEET": str(self.folder),
            "WPSTATE_HOME": str(self.home),
            "WPSTATE_SSH_KEY": str(self.key_file),
        }

    def sites(self) -> tuple[Site, ...]:
        return tuple(
            Site(
                SiteId(at.name),
                Host(Account(at.address, at.port, at.user), at.wp_path),
                f"http://{at.name}.example",
            )
            for at in self.placed
        )

    def named(self, *behaviours: Behaviour) -> frozenset[str]:
        """The sites whose account behaves so."""
        return frozenset(name for name, b in self.behaviours.items() if b in behaviours)

    def connections(self) -> tuple[tuple[float, str], ...]:
        """Each connection that was accepted: when, by the monotonic clock, and at which address."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return tuple((float(at), address) for at, address in map(str.split, lines))


@contextmanager
def simulated(
    folder: Path,
    accounts: Sequence[Behaviour],
    *,
    sites_of_account: int = 1,
    accounts_of_machine: int = 10,
    bans_after: int | None = None,
    delay_s: float = 0.0,
    processes: int = 1,
    limit_s: float = 600.0,
) -> Iterator[SimulatedFleet]:
    """Start them, and end them at the end, or after `limit_s` whatever happens.

    `accounts_of_machine` healthy ones share an address, and those that behave badly by themselves;
    who refuses, resets, is silent or has another key is a machine of its own. `bans_after`: so many
    connections to one address, and it cuts all further ones. `delay_s` each answer takes.
    """
    assert len(accounts) <= MOST_ACCOUNTS, "this machine runs out of ports and memory"
    machines = _machines(accounts, accounts_of_machine, bans_after)
    keys = {name: _new_key(folder / name) for name in ("user", "host_key", "other_key")}
    request = {
        "host_key": str(keys["host_key"]), "other_key": str(keys["other_key"]),
        "authorized": f"{keys['user']}.pub", "log": str(folder / "connections"),
        "delay_s": delay_s, "limit_s": limit_s,
    }  # fmt: skip
    started = [
        _started({**request, "machines": machines[at::processes]}) for at in range(processes)
    ]
    try:
        ports: dict[str, int] = {}
        for process in started:
            assert process.stdout is not None
            ports.update(json.loads(process.stdout.readline()))
        placed, behaviours = _placed(machines, ports, sites_of_account)
        write_folder(folder / "fleet", placed)
        (folder / "home").mkdir(mode=0o700)
        public = " ".join(Path(f"{keys['host_key']}.pub").read_text().split()[:2])
        known = "".join(f"[{address}]:{port} {public}\n" for address, port in ports.items())
        (folder / "home/known_hosts").write_text(known)
        yield SimulatedFleet(
            folder / "fleet", folder / "home", keys["user"], placed, behaviours,
            folder / "connections",
        )  # fmt: skip
    finally:
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
        for process in started:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _machines(
    accounts: Sequence[Behaviour], together: int, bans_after: int | None
) -> list[dict[str, Any]]:
    machines: list[dict[str, Any]] = []
    shared: dict[str, Any] | None = None
    for number, behaviour in enumerate(accounts):
        user = f"client-{number:04}"
        if behaviour.needs_address:
            machines.append(_machine(len(machines), behaviour, bans_after))
            machines[-1]["accounts"][user] = behaviour
            continue
        if shared is None or len(shared["accounts"]) == together:
            shared = _machine(len(machines), Behaviour.HEALTHY, bans_after)
            machines.append(shared)
        shared["accounts"][user] = behaviour
    return machines


def _machine(number: int, behaviour: Behaviour, bans_after: int | None) -> dict[str, Any]:
    address = f"127.77.{number // 250}.{number % 250 + 1}"
    return {
        "address": address, "behaviour": behaviour, "accounts": {}, "bans_after": bans_after,
    }  # fmt: skip


def _placed(
    machines: Sequence[dict[str, Any]], ports: dict[str, int], sites_of_account: int
) -> tuple[tuple[Placed, ...], dict[str, Behaviour]]:
    placed, behaviours = [], {}
    for machine in machines:
        for user, behaviour in machine["accounts"].items():
            for _ in range(sites_of_account):
                name = f"site-{len(placed):05}"
                placed.append(Placed(name, machine["address"], ports[machine["address"]], user))
                behaviours[name] = Behaviour(behaviour)
    return tuple(placed), behaviours


def _started(request: dict[str, Any]) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        (sys.executable, "-m", "tests.simulated.server"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    return process


def _new_key(path: Path) -> Path:
    command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "simulated", "-f", str(path))
    subprocess.run(command, check=True)
    return path
