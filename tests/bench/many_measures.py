"""What is measured on the fleet of 200 sites: looks and their baselines, passes in which nothing is
to do, one plugin's update of 20 sites against an expert's playbook, and its way back.

The figures' meaning is left to many_report.
"""

import json
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.many_places import (
    ACCOUNTS,
    BAD,
    NEW,
    ManySite,
    Place,
    many_sites,
    prepare_many,
    sites,
    write_fleet,
)
from tests.bench.places import ANSIBLE, BASELINES, LAB_ROOT, WP_CLI, WPSTATE
from tests.bench.process_tree import watched
from tests.bench.timing import Timing, by_turns, wall_s

SAMPLE = 10
"""Sites, each of another account, on which the slow baselines are measured; all others cost as
much, so the figure is theirs times 20."""
LOOKS_AT_ONCE = 16
RUNS_AT_ONCE = 4
GROWTH = (1, 5, 20)
"""Accounts, with ten sites each."""
SIMULATED = ((100, 10), (1_000, 10))
"""Accounts and the sites of each."""
PAGE_SAYS = "Bench fleet"


@dataclass(frozen=True, slots=True)
class Looks:
    """Seconds for all 200 sites."""

    observe: Timing
    floor: Timing
    nine_calls: Timing
    eval_file: Timing


@dataclass(frozen=True, slots=True)
class InSync:
    """One pass in which nothing is to do."""

    sites: int
    took: Timing
    memory_bytes: int
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """One plugin, one version up, on 20 sites, one of them slow."""

    apply: Timing
    expert: Timing
    frozen_s: Timing
    """Of the 19 others, the median in each round."""
    frozen_most_s: Timing
    """Of the 19 others, the most in each round."""
    slow_frozen_s: Timing
    memory_bytes: int
    phases_s: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class WayBack:
    """Of eight of the 20 sites after an update that is found to be bad on each of them."""

    whole: Timing
    open_again_s: float
    """Median of the sites: from the verdict on until visitors have theirs as before."""


@dataclass(frozen=True, slots=True)
class Many:
    looks: Looks
    in_sync: tuple[InSync, ...]
    update: Update
    way_back: WayBack


def measure_many(home: Path, env: Mapping[str, str], rounds: int) -> Many:
    """Everything, in a folder that is given."""
    every = tuple(sites())
    place = prepare_many(home / "many", env, every)
    twenty = tuple(sites(1))
    many_sites("old-plugin", *(site.name for site in twenty))  # as a run that broke off left them
    changed = prepare_many(home / "twenty", env, twenty)
    in_sync = [_in_sync(home / f"grown-{n}", env, n, rounds) for n in GROWTH]
    in_sync += [_simulated(env, accounts, each) for accounts, each in SIMULATED]
    return Many(
        looks=_looks(place, every, rounds),
        in_sync=tuple(in_sync),
        # Minutes each: half as many, by turns like all others.
        update=_update(changed, twenty, (rounds + 1) // 2),
        way_back=_way_back(changed, twenty),
    )


def _looks(place: Place, every: Sequence[ManySite], rounds: int) -> Looks:
    sample = [site for site in every if site.last == 0][::2][:SAMPLE]
    control = place.home / "cp"
    control.mkdir(mode=0o700, exist_ok=True)
    words = (place.ssh_config, control, WP_CLI, str(LOOKS_AT_ONCE))
    lists = {
        "all": _accounts(place.home / "all", every),
        "some": _accounts(place.home / "s", sample),
    }

    def usual(verb: str, whose: str) -> float:
        command = (BASELINES / "of_accounts.sh", verb, *words)
        return wall_s(command, env=place.env, stdin=lists[whose])

    usual("open", "some")
    try:
        timings = by_turns(
            {
                "observe": lambda: wall_s((WPSTATE, "observe", "--format", "json"), env=place.env),
                "floor": lambda: usual("floor", "all"),
                "eval_file": lambda: usual("eval", "some"),
            },
            rounds,
        )
        # Its warm-up would be a third of the bench's time, and those above warmed the same files.
        nine = Timing(tuple(usual("nine", "some") for _ in range(rounds)))
    finally:
        usual("close", "some")
    share = len(every) / len(sample)
    return Looks(
        timings["observe"],
        timings["floor"],
        _times(nine, share),
        _times(timings["eval_file"], share),
    )


def _in_sync(home: Path, env: Mapping[str, str], accounts: int, rounds: int) -> InSync:
    several = [site for site in sites() if site.account in ACCOUNTS[:accounts]]
    place = prepare_many(home, env, several)
    command = (WPSTATE, "reconcile", "--once", "--format", "json")
    ran = [watched(command, place.env) for _ in range(rounds + 1)]
    found = {each["standing"] for each in json.loads(ran[0].output)["sites"]}
    assert found == {"in_sync"}, found
    took = Timing(tuple(one.took_s for one in ran[1:]))
    return InSync(len(several), took, max(one.memory_bytes for one in ran))


def _simulated(env: Mapping[str, str], accounts: int, each: int) -> InSync:
    """Real SSH servers that answer the probe as one real site did (tests/simulated)."""
    from tests.simulated.behaviour import Behaviour
    from tests.simulated.fleet import simulated

    with (
        tempfile.TemporaryDirectory(prefix="wpstate-bench-") as folder,
        simulated(
            Path(folder), [Behaviour.HEALTHY] * accounts, sites_of_account=each, processes=2
        ) as fleet,
    ):
        own = {**env, "HOME": folder, **fleet.environment()}
        ran = watched((WPSTATE, "reconcile", "--once", "--format", "json"), own)
    return InSync(accounts * each, Timing((ran.took_s,)), ran.memory_bytes, simulated=True)


def _update(place: Place, twenty: Sequence[ManySite], rounds: int) -> Update:
    write_fleet(place, twenty, {site.name: NEW for site in twenty})
    names, slow = [site.name for site in twenty], twenty[-1].name
    told: list[list[dict[str, object]]] = []
    memory = [0]

    def apply() -> float:
        many_sites("old-plugin", *names)
        ran = _applied(place, "applied")
        memory[0] = max(memory[0], ran[2])
        told.append(ran[1])
        return ran[0]

    def expert() -> float:
        many_sites("old-plugin", *names)
        new = LAB_ROOT / "wporg" / "plugins" / f"lab-guestbook.{NEW}.zip"
        given = json.dumps({"wp_cli": str(WP_CLI), "zip": str(new), "says": PAGE_SAYS})
        command = (ANSIBLE, "-i", place.inventory, "-f", str(RUNS_AT_ONCE), "-e", given)
        return wall_s((*command, BASELINES / "expert.yml"), env=place.env)

    many_sites("slow", slow)
    try:
        took: dict[str, list[float]] = {"apply": [], "expert": []}
        for _ in range(rounds):
            took["apply"].append(apply())
            took["expert"].append(expert())
    finally:
        many_sites("fast", slow)
    frozen = [
        {str(run["site"]): float(str(run["frozen_s"])) for run in one_round} for one_round in told
    ]
    others = [[s for name, s in each.items() if name != slow] for each in frozen]
    return Update(
        apply=Timing(tuple(took["apply"])),
        expert=Timing(tuple(took["expert"])),
        frozen_s=Timing(tuple(map(statistics.median, others))),
        frozen_most_s=Timing(tuple(map(max, others))),
        slow_frozen_s=Timing(tuple(each[slow] for each in frozen)),
        memory_bytes=memory[0],
        phases_s=_phases([run for one_round in told for run in one_round]),
    )


def _way_back(place: Place, twenty: Sequence[ManySite]) -> WayBack:
    names = [site.name for site in twenty[:8]]
    many_sites("old-plugin", *names)
    write_fleet(place, twenty, dict.fromkeys(names, BAD))
    took_s, runs, _ = _applied(place, "rolled_back", *names)
    many_sites("old-plugin", *names)
    open_again = []
    for run in runs:
        phases = _of(run)
        begin = next(at for at, (name, _) in enumerate(phases) if name == "rollback")
        open_again.append(sum(seconds for _, seconds in phases[begin:]))
    return WayBack(Timing((took_s,)), statistics.median(open_again))


def _applied(place: Place, outcome: str, *names: str) -> tuple[float, list[dict[str, object]], int]:
    """Seconds, runs, memory. Raises RuntimeError where a run ended otherwise."""
    words = ("--yes", "--quiet", "--at-once", str(RUNS_AT_ONCE), "--format", "json")
    ran = watched((WPSTATE, "apply", *names, *words), place.env, good=(0, 4))
    told = json.loads(ran.output)
    runs = told["runs"] if isinstance(told, dict) else told
    wrong = [run for run in runs if run["outcome"] != outcome]
    if wrong or not runs:
        raise RuntimeError(f"not {outcome}: {json.dumps(wrong[:1])[:4000]}")
    return ran.took_s, runs, ran.memory_bytes


def _phases(runs: Sequence[dict[str, object]]) -> tuple[tuple[str, float], ...]:
    names = [name for name, _ in _of(runs[0])]
    return tuple((n, statistics.median(dict(_of(run)).get(n, 0.0) for run in runs)) for n in names)


def _of(run: dict[str, object]) -> list[tuple[str, float]]:
    phases = run["phases"]
    assert isinstance(phases, list)
    return [(str(phase["phase"]), float(phase["took_s"])) for phase in phases]


def _accounts(file: Path, several: Sequence[ManySite]) -> Path:
    """For of_accounts.sh."""
    found: dict[str, list[str]] = {}
    for site in several:
        found.setdefault(site.user, []).append(str(site.wp_path))
    file.write_text("".join(f"{user} {' '.join(paths)}\n" for user, paths in found.items()))
    return file


def _times(timing: Timing, factor: float) -> Timing:
    return Timing(tuple(seconds * factor for seconds in timing.rounds_s))
