"""What ill hosts cost the others: a pass over 1,000 simulated sites, each in an account of its own,
of which 1 % hang, 2 % refuse, 1 % have another key and 1 % answer garbage, against one over as many
healthy sites.

    script/bench ill-hosts

prints one line of JSON, and ends with 1 where a healthy site was not seen, or where it took longer
than the healthy pass and one timeout.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.bench.places import WPSTATE
from tests.bench.timing import wall_s
from tests.simulated.behaviour import Behaviour, mixed
from tests.simulated.fleet import simulated

SITES = 1_000
TIMEOUT_S = 60
"""What `wpstate reconcile` gives an account (adapters.observer)."""


def measure() -> dict[str, object]:
    healthy_s, all_standings = _pass(mixed(SITES))
    ill = mixed(SITES, hanging=10, refusing=20, wrong_key=10, garbage=10)
    ill_s, standings = _pass(ill)
    seen = standings["in_sync"]
    return {
        "sites": SITES,
        "ill": len(ill) - ill.count(Behaviour.HEALTHY),
        "healthy_s": round(healthy_s, 1),
        "with_ill_s": round(ill_s, 1),
        "timeout_s": TIMEOUT_S,
        "healthy_seen": f"{seen} of {ill.count(Behaviour.HEALTHY)}",
        "kept": all_standings == {"in_sync": SITES}
        and seen == ill.count(Behaviour.HEALTHY)
        and ill_s <= healthy_s + TIMEOUT_S,
    }


def _pass(accounts: Sequence[Behaviour]) -> tuple[float, Counter[str]]:
    """Seconds of one pass, and how its sites stand."""
    with (
        tempfile.TemporaryDirectory(prefix="wpstate-bench-") as folder,
        simulated(Path(folder), accounts, processes=2) as fleet,
    ):
        for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "simulated")):
            git = ("git", "-c", "user.name=Agency", "-c", "user.email=agency@wpstate.invalid")
            subprocess.run((*git, *words), cwd=fleet.folder, check=True)
        told = Path(folder) / "told"
        command = ("sh", "-c", f"{WPSTATE} reconcile --once --format json >{told} || [ $? = 3 ]")
        took_s = wall_s(command, env={**os.environ, **fleet.environment()})
        sites = json.loads(told.read_text())["sites"]
    return took_s, Counter(site["standing"] for site in sites)


def main() -> int:
    told = measure()
    print(json.dumps(told))
    return 0 if told["kept"] else 1


if __name__ == "__main__":
    sys.exit(main())
