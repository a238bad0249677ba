"""What is measured: a plan and its baselines, the frozen time and its baseline, a rollback, the
help."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.places import ANSIBLE, BASELINES, BENCH, FLEET, WP_CLI, WPSTATE, wp_path
from tests.bench.timing import Timing, by_turns, wall_s

SITES = ("small", "heavy")
BAD_VERSION = "2.8"


@dataclass(frozen=True, slots=True)
class Frozen:
    """The frozen time of a one-plugin update on one site."""

    site: str
    measured: Timing
    predicted_s: float
    phases_s: tuple[tuple[str, float], ...]
    """Median of each phase, in the order of the run."""


@dataclass(frozen=True, slots=True)
class RolledBack:
    """A one-plugin update of the small site that is found to be bad, and put back."""

    restored: Timing
    """Files and tables as before."""
    open_again: Timing
    """From the verdict on until visitors have the site as before."""


def help_time(env: dict[str, str], rounds: int) -> Timing:
    return by_turns({"help": lambda: wall_s((WPSTATE, "--help"), env=env)}, rounds)["help"]


def plan_times(env: dict[str, str], home: Path, rounds: int) -> dict[str, Timing]:
    """`plan`, `nine_calls` and `eval_file` on the small site, which is in sync."""
    _update("small", env)
    site, php = wp_path("small"), f"php {WP_CLI} --path={wp_path('small')}"
    ssh = ("ssh", "-F", home / "ssh_config")
    nine = ("sh", BASELINES / "nine_wp_cli_calls.sh", home / "ssh_config", site, WP_CLI)
    code = BASELINES / "one_eval_file.php"
    return by_turns(
        {
            "plan": lambda: wall_s((WPSTATE, "plan", "small", "--detailed-exitcode"), env=env),
            "nine_calls": lambda: wall_s(nine, env=env),
            "eval_file": lambda: wall_s((*ssh, "site", f"{php} eval-file -"), env=env, stdin=code),
        },
        rounds,
    )


def frozen_times(
    env: dict[str, str], home: Path, rounds: int, *, huge: bool
) -> tuple[tuple[Frozen, ...], Timing]:
    """Each site's frozen time, and the time of an empty playbook in the same rounds."""
    sites = (*SITES, "huge") if huge else SITES
    runs: dict[str, list[dict[str, float]]] = {site: [] for site in sites}
    predicted = {site: _predicted_s(site, env) for site in sites}

    def frozen_s(site: str) -> float:
        run = _update(site, env)
        runs[site].append({p["phase"]: p["took_s"] for p in run["phases"]})
        return float(run["frozen_s"])

    empty = (ANSIBLE, "-i", home / "inventory.yml", BASELINES / "empty_playbook.yml")
    timings = by_turns(
        {
            "empty": lambda: wall_s(empty, env=env),
            **{site: partial(frozen_s, site) for site in sites},
        },
        rounds,
    )
    return (
        tuple(Frozen(s, timings[s], predicted[s], _phases(runs[s][1:])) for s in sites),
        timings["empty"],
    )


def rollback_times(env: dict[str, str], home: Path, rounds: int) -> RolledBack:
    """The small site, asked for a version whose wp-admin fails: found out at the post-check."""
    fleet = home / "bad-fleet"
    shutil.copytree(FLEET, fleet)
    file = fleet / "sites" / "small.yml"
    file.write_text(file.read_text().replace("guestbook: approved", f"guestbook: {BAD_VERSION}"))
    env = {**env, "WPSTATE_FLEET": str(fleet)}
    subprocess.run((WPSTATE, "lock"), env=env, capture_output=True, check=True)
    whole: list[float] = []

    def restored_s() -> float:
        phases = _update("small", env, outcome="rolled_back")["phases"]
        begin = next(at for at, one in enumerate(phases) if one["phase"] == "rollback")
        whole.append(sum(one["took_s"] for one in phases[begin:]))
        return float(phases[begin]["took_s"])

    restored = by_turns({"rollback": restored_s}, rounds)["rollback"]
    return RolledBack(restored, Timing(tuple(whole[1:])))


def _update(site: str, env: dict[str, str], outcome: str = "applied") -> dict[str, Any]:
    """Put the old plugin back and let wpstate update it. Raises RuntimeError where that ends in
    another way."""
    subprocess.run((BENCH / "sites.sh", "old-plugin", site), check=True)
    command = (WPSTATE, "apply", site, "--yes", "--quiet", "--allow-dirty", "--format", "json")
    ran = subprocess.run(command, env=env, capture_output=True)
    told = json.loads(ran.stdout or b"{}")
    runs = told.get("runs", []) if isinstance(told, dict) else told
    if not runs or runs[0]["outcome"] != outcome:
        said = f"{ran.stdout.decode()} {ran.stderr.decode()}"
        raise RuntimeError(f"the update of {site} is not {outcome}: {said}")
    return dict(runs[0])


def _predicted_s(site: str, env: dict[str, str]) -> float:
    subprocess.run((BENCH / "sites.sh", "old-plugin", site), check=True)
    command = (WPSTATE, "plan", site, "--format", "json")
    told = json.loads(subprocess.run(command, env=env, capture_output=True, check=True).stdout)
    return float(told["sites"][0]["estimate"]["frozen_s"])


def _phases(runs: list[dict[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple((name, Timing(tuple(r[name] for r in runs)).median_s) for name in runs[0])
