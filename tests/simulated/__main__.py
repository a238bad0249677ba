"""A simulated fleet for hand work: prints where it is and waits for the end of its input.

python -m tests.simulated --accounts 100 --sites 10 [--hanging N] [--refusing N]
                          [--wrong-key N] [--garbage N]
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.simulated.behaviour import mixed
from tests.simulated.fleet import simulated


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.simulated")
    asked.add_argument("--accounts", type=int, default=10)
    asked.add_argument("--sites", type=int, default=10, help="of each account")
    for name in ("hanging", "refusing", "wrong-key", "garbage"):
        asked.add_argument(f"--{name}", type=int, default=0, help="accounts")
    asked.add_argument("--processes", type=int, default=1)
    told = asked.parse_args()
    accounts = mixed(
        told.accounts,
        hanging=told.hanging,
        refusing=told.refusing,
        wrong_key=told.wrong_key,
        garbage=told.garbage,
    )
    with (
        tempfile.TemporaryDirectory(prefix="wpstate-simulated-") as folder,
        simulated(
            Path(folder),
            accounts,
            sites_of_account=told.sites,
            processes=told.processes,
            limit_s=3600,
        ) as fleet,
    ):
        for name, value in fleet.environment().items():
            print(f"export {name}={value}")
        sys.stdout.flush()
        os.read(0, 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
