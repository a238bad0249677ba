"""`wpstate reconcile`: one pass over the fleet, for a timer or a CI job, or one after another."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpstate.cli import exit_codes
from wpstate.cli.approvals import approval_options, approved_words, comment_file
from wpstate.cli.names import site_names
from wpstate.cli.options import (
    ADDRESS,
    DURATION,
    DURATION_OR_NONE,
    at_once_option,
    examples,
    fleet_option,
    format_option,
)
from wpstate.cli.statuses import status_options, status_words, tell_forge

if TYPE_CHECKING:
    from wpstate.model.reconciled import Pass
    from wpstate.wiring import Wiring


@click.command(
    "reconcile",
    short_help="Look at all sites, and change what waits for nobody.",
    epilog=examples(
        "wpstate reconcile --once",
        "wpstate reconcile --every 15m --metrics /var/lib/node_exporter/wpstate.prom",
        "wpstate reconcile --once --dry-run --detailed-exitcode",
        "wpstate reconcile --once --approved change.plan --report markdown=comment.md",
        "wpstate reconcile --once --format json",
    ),
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@click.option("--once", is_flag=True, help="One pass, then end.")
@click.option(
    "--every",
    "every_s",
    type=DURATION,
    metavar="DURATION",
    help="One pass after another, instead of when the fleet's `reconcile` says.",
)
@click.option(
    "--jitter",
    "jitter_s",
    type=DURATION_OR_NONE,
    metavar="DURATION",
    help="Begin up to so much later, by chance.",
)
@click.option(
    "--metrics",
    "metrics_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what `wpstate metrics` prints into this file after each pass.",
)
@click.option(
    "--metrics-listen",
    type=ADDRESS,
    metavar="ADDRESS:PORT",
    help="Serve it at http://ADDRESS:PORT/metrics between passes too.",
)
@approval_options
@status_options
@click.option("--dry-run", is_flag=True, help="Tell whose turn it would be, and change nothing.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where changes are pending.")
@at_once_option
@click.option("--quiet", is_flag=True, help="No progress lines.")
@format_option("table", "json")
@fleet_option
def command(
    sites: tuple[str, ...],
    once: bool,
    every_s: int | None,
    jitter_s: int | None,
    metrics_file: Path | None,
    metrics_listen: tuple[str, int] | None,
    approved: str | None,
    approved_by: tuple[str, ...],
    reports: tuple[str, ...],
    forge: str | None,
    status_link: str | None,
    dry_run: bool,
    detailed_exitcode: bool,
    at_once: int,
    quiet: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    """Look at SITEs (all where none is named). Where `mode: apply` holds, apply what git asks for
    and heal what it names, ring by ring and within windows; tell everything else.

    With --approved, what git asks for is applied where it is still what that plan showed, in any
    mode, and refused with what moved where it is not.

    Without --once it goes on: a pass each time that the fleet's `reconcile` or --every says. Asked
    to stop, it brings the pass under way to its end.
    """
    _require_fitting(once, dry_run or detailed_exitcode, every_s, metrics_listen)
    comment = comment_file(reports, approved, once=once)
    if not once:
        from wpstate.cli.service import serve

        given_on = (*approved_words(approved), *status_words(forge, status_link))
        words = ("--at-once", str(at_once), "--format", output_format)
        return serve(
            fleet_folder,
            sites,
            (*words, *(("--quiet",) if quiet else ()), *given_on),
            every_s=every_s,
            jitter_s=jitter_s,
            metrics_file=metrics_file,
            metrics_listen=metrics_listen,
        )
    if jitter_s is not None:
        import random
        import time

        time.sleep(random.uniform(0, jitter_s))  # noqa: S311  nobody's secret
    from wpstate.cli.approvals import agreed, fresh_of, tell_fresh
    from wpstate.cli.failed_passes import keep_failure
    from wpstate.cli.output import say, say_json
    from wpstate.cli.telling import tell_people
    from wpstate.cli.watching import watching
    from wpstate.model.reconciled import Standing
    from wpstate.model.run import Run
    from wpstate.report.pass_text import pass_lines
    from wpstate.report.personal import masked_pass
    from wpstate.report.record import to_json
    from wpstate.report.run_text import run_lines
    from wpstate.wiring import Wiring
    from wpstate.workflows.approvals import Fresh, named_sites
    from wpstate.workflows.reconcile import reconcile
    from wpstate.workflows.tell import Seen

    as_table = output_format == "table"

    def told(run: Run) -> None:
        if as_table:
            watched.say(run_lines(run))

    made: Pass | None = None
    fresh: Fresh | None = None
    unread: OSError | None = None
    try:
        with (
            watching(quiet=quiet, as_json=output_format == "json") as watched,
            Wiring(fleet_folder, watched, by_itself=True) as wired,
        ):
            began_at, seen = wired.clock.now(), Seen(wired.plan if dry_run else wired.plan_of_pass)
            began_s = wired.clock.monotonic_s()
            given = agreed(wired, approved) if approved is not None else None
            sites = named_sites(given, sites) if given else sites
            made = done = reconcile(
                wired.fleet(),
                sites,
                seen,
                wired.tools(),
                dry_run=dry_run,
                told=told,
                several=wired.several(at_once),
                approvals=given,
                on_whose_word=lambda plan: wired.with_authority(plan, approved_by),
            )
            with _only_told():
                fresh = fresh_of(wired, seen.latest, given) if given else None
        if as_table:
            say(pass_lines(done))
        else:
            say_json(to_json(masked_pass(done)))
        if fresh is not None:
            tell_fresh(fresh, comment, in_words=as_table)
    except Exception as error:
        if made is None and not dry_run:
            keep_failure(Wiring(fleet_folder), error)
        if made is None or not isinstance(error, OSError):
            raise
        unread = error  # nobody reads, or a log has no room: who is to be told is told all the same
    if not dry_run:
        _keep(wired, done, sites, began_at, began_s)
        with _only_told():
            tell_forge(wired, done, forge, status_link)
        if metrics_file is not None:
            _write_metrics(wired, metrics_file)
        # last: a receiver may take its time
        tell_people(wired, done, seen.latest, began_at=began_at, quiet=quiet)
    if unread is not None:
        raise unread
    code = exit_codes.of_outcomes(each.run.outcome for each in done.sites if each.run)
    standings = {each.standing for each in done.sites}
    if code == exit_codes.DONE and Standing.REFUSED in standings:
        return exit_codes.REFUSED
    pending = standings & {Standing.DUE, Standing.WAITS, Standing.REPORTED, Standing.HALTED}
    if code == exit_codes.DONE and detailed_exitcode and pending:
        return exit_codes.CHANGES
    return code


def _keep(
    wired: "Wiring", done: "Pass", asked: tuple[str, ...], began: datetime, began_s: float
) -> None:
    """A pass whose record cannot be written is one more thing to tell: what was done is done."""
    from wpstate.workflows.passes import keep_pass

    name, passes = wired.fleet().name, wired.passes()
    with _only_told():
        keep_pass(done, passes, wired.clock, fleet=name, asked=asked, began=began, began_s=began_s)


def _write_metrics(wired: "Wiring", file: Path) -> None:
    from wpstate.adapters.metrics_files import write_metrics
    from wpstate.workflows.passes import metrics

    with _only_told():
        write_metrics(file, metrics(wired.passes(), wired.ledger()))


@contextmanager
def _only_told() -> Iterator[None]:
    from wpstate.cli.output import say
    from wpstate.model.problem import WpstateError
    from wpstate.report.problems import problems_lines

    try:
        yield
    except WpstateError as error:
        with suppress(OSError):
            say(problems_lines(error.problems), to_stderr=True)


def _require_fitting(
    once: bool, looks: bool, every_s: int | None, metrics_listen: tuple[str, int] | None
) -> None:
    """Raises click.UsageError for options that belong to the other way of running."""
    if once and (every_s is not None or metrics_listen is not None):
        raise click.UsageError("--every and --metrics-listen are for a service; leave out --once")
    if looks and not once:
        raise click.UsageError("--dry-run and --detailed-exitcode are for one pass: add --once")
