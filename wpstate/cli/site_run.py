"""One site's run in a process of its own, for adapters.site_processes. Not a command of users.

Usage: python -m wpstate.cli.site_run FLEET QUIET ATTENDED, a pickled (plan, fleet) on stdin.
"""

import ctypes
import os
import pickle
import signal
import sys
from pathlib import Path

from wpstate.adapters.interrupts import INTERRUPTS
from wpstate.cli.output import TerminalProgress
from wpstate.model.run import Run
from wpstate.report.record import run_to_text
from wpstate.wiring import Wiring
from wpstate.workflows.apply import apply_site

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Prints the run as the ledger holds it, interrupted or not."""
    INTERRUPTS.install()
    # Its command gone, nobody is behind this run: it stops as if asked to (prctl(2)).
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() == 1:
        return
    folder, quiet, attended = sys.argv[1:]
    plan, fleet = pickle.load(sys.stdin.buffer)  # noqa: S301  from our own command
    progress = TerminalProgress(quiet=quiet == "1")
    with Wiring(Path(folder), progress, fleet=fleet, attended=attended == "1") as wired:
        tools = wired.tools()
        (site_plan,), (desired,) = plan.sites, fleet.sites
        try:
            run: Run | None = apply_site(plan, site_plan, desired, tools)
        except KeyboardInterrupt:
            run = next(
                (each for each in tools.ledger.runs(desired.site.id, 1) if each.plan == plan.id),
                None,
            )
        if run is not None:
            sys.stdout.write(run_to_text(run))


if __name__ == "__main__":
    main()
