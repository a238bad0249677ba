"""Finding whom a proposed change reaches: one profile edited among many sites, in a git repository.

    python -m tests.bench.proposed [SITES]

prints one line of JSON: seconds of a fresh process each, without and with what the first one
remembers of site files. `found` is until the sites are known, `composed` until it is also known,
of both revisions, what is asked of them. Nothing is looked at.
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from tests.bench.decide import make
from wpstate.adapters.git_fleet import GitFleet
from wpstate.adapters.git_objects import GitObjects
from wpstate.adapters.site_index import FileIndex
from wpstate.cli.collector import look_seldom
from wpstate.workflows.propose import compared, reached_sites

PROFILES = 40
"""Of which one is edited: it reaches as much of the fleet."""


@dataclass(frozen=True, slots=True)
class Found:
    sites: int
    reached: int
    found_s: float
    composed_s: float


def proposed(sites: int) -> tuple[Found, Found]:
    """Cold, then warm."""
    with tempfile.TemporaryDirectory(prefix="wpstate-bench-") as folder:
        prepare(Path(folder), sites)
        return _measured(folder, sites), _measured(folder, sites)


def prepare(folder: Path, sites: int) -> None:
    """The fleet of decide.py, each site with one of many profiles, on main; one of them edited on
    `proposal`."""
    make(folder, sites)
    for number in range(PROFILES):
        profile = folder / "profiles" / f"own-{number:02}.yml"
        profile.write_text("extends: more\nplugins:\n  plugin-33: approved\n")
    for number, file in enumerate(sorted((folder / "sites").glob("*.yml"))):
        own = f"[own-{number % PROFILES:02}]"
        file.write_text(file.read_text().replace("[more]", own))
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "config", "gc.auto", "0")
    _commit(folder)
    _git(folder, "repack", "-adq")
    _git(folder, "checkout", "-q", "-b", "proposal")
    edited = folder / "profiles" / "own-07.yml"
    edited.write_text(edited.read_text().replace("approved", "absent"))
    _commit(folder)


def measure(folder: Path, sites: int) -> Found:
    index = FileIndex(folder / ".index.json")
    began_s = time.perf_counter()
    with GitObjects(folder) as objects:
        history = GitFleet(objects, folder)
        base, head = history.tree("main"), history.tree("proposal")
        names, _ = reached_sites(history, index, base, head)
        found_s = time.perf_counter() - began_s
        changed = compared(history, index, "main", "proposal", date.min).changed
    assert set(changed) == names
    return Found(sites, len(names), round(found_s, 3), round(time.perf_counter() - began_s, 3))


def _measured(folder: str, sites: int) -> Found:
    argv = (sys.executable, "-m", "tests.bench.proposed", folder, str(sites))
    ran = subprocess.run(argv, check=True, capture_output=True, text=True)
    return Found(**json.loads(ran.stdout))


def _commit(folder: Path) -> None:
    _git(folder, "add", "fleet.yml", "catalog.yml", "catalog.lock.yml", "hosts.yml", "profiles",
         "sites")  # fmt: skip
    _git(folder, "commit", "-q", "-m", "x")


def _git(folder: Path, *words: str) -> None:
    argv = ("git", "-c", "user.name=A", "-c", "user.email=a@wpstate.invalid", *words)
    subprocess.run(argv, cwd=folder, check=True, capture_output=True)


def main() -> int:
    look_seldom()  # as each command does
    if len(sys.argv) == 3:
        print(json.dumps(asdict(measure(Path(sys.argv[1]), int(sys.argv[2])))))
        return 0
    cold, warm = proposed(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    print(json.dumps({"cold": asdict(cold), "warm": asdict(warm)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
