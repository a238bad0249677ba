"""Forks sites' runs, each into a process of its own, for adapters.site_processes. Not a command of
users.

Usage: python -m wpstate.cli.site_run CONTROL PLAYBOOKS, the numbers of sockets: for
fork_server.serve, and of ansible_server.py. A job's words are {"fleet": folder, "attended": bool},
and the number of the pipe that takes what happens comes beside them; on its stdin comes a pickled
(plan, fleet, run id or None, whether the plan came from another machine).
"""

import ctypes
import gc
import importlib
import os
import pickle
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from wpstate.adapters.event_pipe import PipedProgress
from wpstate.adapters.fork_server import Job, serve
from wpstate.adapters.interrupts import INTERRUPTS
from wpstate.model.desired import Fleet
from wpstate.model.plan import Plan
from wpstate.model.run import Run
from wpstate.report.record import run_to_text
from wpstate.wiring import Wiring
from wpstate.workflows.apply import apply_site
from wpstate.workflows.tools import Tools

_PR_SET_PDEATHSIG = 1
_EVERY_RUN_NEEDS = (
    "anyio._backends._asyncio",
    "fabric",
    "h11",
    "httpcore2._backends.anyio",
    "httpx2",
    "truststore",
    "wpstate.adapters.ansible",
    "wpstate.adapters.artifacts",
    "wpstate.adapters.cache_requests",
    "wpstate.adapters.hideaway",
    "wpstate.adapters.http",
    "wpstate.adapters.kept_files",
    "wpstate.adapters.leftovers",
    "wpstate.adapters.ledger",
    "wpstate.adapters.observer",
    "wpstate.adapters.safety_net",
    "wpstate.adapters.ssh",
    "wpstate.adapters.ssh_login",
    "wpstate.adapters.ssh_session",
    "wpstate.adapters.trial",
    "wpstate.adapters.visiting",
)
"""Imported once for all of them."""


def main() -> None:
    control, playbooks = map(int, sys.argv[1:])
    for number in (control, playbooks):
        os.set_inheritable(number, False)
    server = os.getpid()
    for name in _EVERY_RUN_NEEDS:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what all runs share is never written to by a collection
    job = serve(socket.socket(fileno=control))
    if job is None:
        os._exit(0)  # nothing here is to be cleared away, and its command waits
    _carry_out(job, server, socket.socket(fileno=playbooks))


def _carry_out(job: Job, server: int, playbooks: socket.socket) -> None:
    """Prints the run as the ledger holds it, interrupted or not."""
    # Until there is a run to stop, who wants it stopped is only noted: the run then says so.
    with suppress(KeyboardInterrupt), ExitStack() as noted_only:
        noted_only.enter_context(INTERRUPTS.held_back())
        INTERRUPTS.install()
        # Its command gone, so is the server, and nobody is behind this run: it stops as if asked
        # to (prctl(2)).
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != server:
            return
        plan, fleet, run_id, foreign = pickle.load(sys.stdin.buffer)  # noqa: S301  from our own
        (events,) = job.fds
        folder, attended = Path(job.words["fleet"]), job.words["attended"]
        progress = PipedProgress(events)
        with Wiring(folder, progress, fleet=fleet, attended=attended) as wired:
            wired.playbook_server = playbooks
            tools = wired.tools()
            run = _run(plan, fleet, tools, run_id, foreign=foreign, begins=noted_only.close)
            with INTERRUPTS.held_back():
                sys.stdout.write(run_to_text(run) if run else "")
                sys.stdout.flush()


def _run(
    plan: Plan,
    fleet: Fleet,
    tools: Tools,
    run_id: str | None,
    *,
    foreign: bool,
    begins: Callable[[], None],
) -> Run | None:
    (site_plan,), (desired,) = plan.sites, fleet.sites
    try:
        begins()
        return apply_site(plan, site_plan, desired, tools, run_id=run_id, foreign=foreign)
    except KeyboardInterrupt:
        recorded = tools.ledger.runs(desired.site.id, 1)
        return next((run for run in recorded if run.plan == plan.id), None)


if __name__ == "__main__":
    main()
