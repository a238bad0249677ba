"""One site's run in a process of its own, for adapters.site_processes. Not a command of users.

Usage: python -m wpstate.cli.site_run FLEET ATTENDED PARENT EVENTS, and a pickled (plan, fleet, run
id or None, whether the plan came from another machine) on stdin. EVENTS is the number of the pipe
that takes what happens.
"""

import ctypes
import os
import pickle
import signal
import sys
from contextlib import suppress
from pathlib import Path

from wpstate.adapters.event_pipe import PipedProgress
from wpstate.adapters.interrupts import INTERRUPTS
from wpstate.model.desired import Fleet
from wpstate.model.plan import Plan
from wpstate.model.run import Run
from wpstate.report.record import run_to_text
from wpstate.wiring import Wiring
from wpstate.workflows.apply import apply_site
from wpstate.workflows.tools import Tools

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Prints the run as the ledger holds it, interrupted or not."""
    folder, attended, parent, events = sys.argv[1:]
    with INTERRUPTS.held_back():
        INTERRUPTS.install()
        # Its command gone, nobody is behind this run: it stops as if asked to (prctl(2)).
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != int(parent):
            return
        given = pickle.load(sys.stdin.buffer)  # noqa: S301  from our own command
    plan, fleet, run_id, foreign = given
    progress = PipedProgress(int(events))
    with (
        suppress(KeyboardInterrupt),
        Wiring(Path(folder), progress, fleet=fleet, attended=attended == "1") as wired,
    ):
        run = _run(plan, fleet, wired.tools(), run_id, foreign=foreign)
        with INTERRUPTS.held_back():
            sys.stdout.write(run_to_text(run) if run else "")
            sys.stdout.flush()


def _run(
    plan: Plan, fleet: Fleet, tools: Tools, run_id: str | None, *, foreign: bool
) -> Run | None:
    (site_plan,), (desired,) = plan.sites, fleet.sites
    try:
        return apply_site(plan, site_plan, desired, tools, run_id=run_id, foreign=foreign)
    except KeyboardInterrupt:
        recorded = tools.ledger.runs(desired.site.id, 1)
        return next((run for run in recorded if run.plan == plan.id), None)


if __name__ == "__main__":
    main()
