"""`wpstate reconcile` without `--once`: joins the schedule, the passes and the metrics."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import click

from wpstate.adapters.interrupts import INTERRUPTS
from wpstate.adapters.metrics_files import write_metrics
from wpstate.adapters.pass_processes import PassProcesses
from wpstate.adapters.service_lock import only_service
from wpstate.cli import exit_codes
from wpstate.cli.failed_passes import keep_failure
from wpstate.cli.output import say
from wpstate.model.problem import Problem, UsageError, WpstateError
from wpstate.model.schedule import Every, Schedule
from wpstate.model.site import SiteId
from wpstate.report.metrics import CONTENT_TYPE
from wpstate.report.problems import problems_lines
from wpstate.wiring import Wiring
from wpstate.workflows.passes import metrics
from wpstate.workflows.serve import Service


def serve(
    fleet_folder: Path | None,
    sites: tuple[str, ...],
    words: tuple[str, ...],
    *,
    every_s: int | None,
    jitter_s: int | None,
    metrics_file: Path | None,
    metrics_listen: tuple[str, int] | None,
) -> int:
    """`words`: options of each pass. Returns the exit code: 0 where it was asked to stop and did.

    Raises Refused (`service.running`), UsageError (`usage.schedule`, `usage.listen`).
    """
    wired = Wiring(fleet_folder)
    folder = wired.fleet_folder.resolve()

    def schedule() -> Schedule:
        if every_s is not None:
            return Schedule(Every(every_s), jitter_s)
        _, said = wired.schedule()
        if said is None:
            raise UsageError([_unscheduled()])
        return said if jitter_s is None else Schedule(said.when, jitter_s)

    def text() -> str:
        return metrics(wired.passes(), wired.ledger())

    def ended(code: int) -> None:
        if code < 0:  # it could not say so itself
            keep_failure(wired, f"ended by signal {-code}")
        if code not in (exit_codes.DONE, exit_codes.INTERRUPTED):
            _say(f"the pass ended with exit code {code}")
        if metrics_file is not None:
            write_metrics(metrics_file, text())

    service = Service(
        schedule=schedule,
        passes=PassProcesses(
            (*words, "--fleet", str(folder), "--", *sites),
            INTERRUPTS,
            withheld=wired.withheld_variables,
        ),
        clock=wired.clock,
        chance=random.random,
        waits=lambda due: _say(f"the next pass begins at {due:%Y-%m-%d %H:%M:%S} UTC"),
        ended=ended,
        failed=_told,
    )
    with only_service(wired.home, folder), _listening(metrics_listen, text):
        schedule()  # what is wrong with it is told once, and not also of the pass before
        is_drained = service.serve(_last_began(wired, sites))
    return exit_codes.DONE if is_drained else exit_codes.INTERRUPTED


@contextmanager
def _listening(address: tuple[str, int] | None, text: Callable[[], str]) -> Iterator[None]:
    if address is None:
        yield
        return
    from wpstate.adapters.metrics_server import serving

    with serving(*address, text, CONTENT_TYPE) as port:
        _say(f"metrics at http://{address[0]}:{port}/metrics")
        yield


def _last_began(wired: Wiring, sites: tuple[str, ...]) -> datetime | None:
    """What nobody can tell now makes no service fail: a pass too many does no harm."""
    try:
        name, _ = wired.schedule()
        return wired.passes().last_began(name, tuple(map(SiteId, sites)))
    except WpstateError as error:
        _told(error)
        return None


def _say(text: str) -> None:
    with suppress(OSError):  # nobody watches any more; the passes matter more than the view
        click.echo(f"wpstate: {text}", err=True)


def _told(error: WpstateError) -> None:
    with suppress(OSError):
        say(problems_lines(error.problems), to_stderr=True)


def _unscheduled() -> Problem:
    return Problem(
        "usage.schedule",
        "nothing says when passes begin",
        key="--every",
        found="neither --every nor `reconcile` in fleet.yml",
        why="without --once one pass follows another",
        mend="add --once for a single pass, --every 15m, or `reconcile: 15m` to fleet.yml",
    )
