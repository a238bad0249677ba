"""`wpstate reconcile`: one pass over the fleet, for a timer or a CI job."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import at_once_option, examples, fleet_option, format_option


@click.command(
    "reconcile",
    short_help="Look at all sites, and change what waits for nobody.",
    epilog=examples(
        "wpstate reconcile --once",
        "wpstate reconcile --once --dry-run --detailed-exitcode",
        "wpstate reconcile --once --format json",
    ),
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@click.option("--once", is_flag=True, required=True, help="One pass, then end.")
@click.option("--dry-run", is_flag=True, help="Tell whose turn it would be, and change nothing.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where changes are pending.")
@at_once_option
@click.option("--quiet", is_flag=True, help="No progress lines.")
@format_option("table", "json")
@fleet_option
def command(
    sites: tuple[str, ...],
    once: bool,
    dry_run: bool,
    detailed_exitcode: bool,
    at_once: int,
    quiet: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    """Look at SITEs (all where none is named). Where `mode: apply` holds, apply what git asks for
    and heal what it names, ring by ring and within windows; tell everything else.
    """
    from wpstate.cli.output import say, say_json
    from wpstate.cli.telling import tell_people
    from wpstate.cli.watching import watching
    from wpstate.model.reconciled import Standing
    from wpstate.model.run import Run
    from wpstate.report.pass_text import pass_lines
    from wpstate.report.record import to_json
    from wpstate.report.run_text import run_lines
    from wpstate.wiring import Wiring
    from wpstate.workflows.reconcile import reconcile
    from wpstate.workflows.tell import Seen

    as_table = output_format == "table"

    def told(run: Run) -> None:
        if as_table:
            watched.say(run_lines(run))

    with (
        watching(quiet=quiet, as_json=output_format == "json") as watched,
        Wiring(fleet_folder, watched) as wired,
    ):
        began_at, seen = wired.clock.now(), Seen(wired.plan)
        done = reconcile(
            wired.fleet(),
            sites,
            seen,
            wired.tools(),
            dry_run=dry_run,
            told=told,
            several=wired.several(at_once),
        )
    if as_table:
        say(pass_lines(done))
    else:
        say_json(to_json(done))
    if not dry_run:  # last: a receiver may take its time
        tell_people(wired, done, seen.latest, began_at=began_at, quiet=quiet)
    code = exit_codes.of_outcomes(each.run.outcome for each in done.sites if each.run)
    standings = {each.standing for each in done.sites}
    if code == exit_codes.DONE and Standing.REFUSED in standings:
        return exit_codes.REFUSED
    pending = standings & {Standing.DUE, Standing.WAITS, Standing.REPORTED, Standing.HALTED}
    if code == exit_codes.DONE and detailed_exitcode and pending:
        return exit_codes.CHANGES
    return code
