"""`wpstate recover`: finish or undo what a controller left that did not come back."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "recover",
    short_help="Finish or undo what an abandoned run left.",
    epilog=examples("wpstate recover", "wpstate recover boutique"),
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@click.option("--quiet", is_flag=True, help="No progress lines.")
@format_option("table", "json")
@fleet_option
def command(
    sites: tuple[str, ...], quiet: bool, output_format: str, fleet_folder: Path | None
) -> int:
    """End the runs that were left on SITEs (all of the fleet where none is named).

    A confirmed run is finished, any other is undone. A run that somebody is behind is left alone.
    """
    from wpstate.cli.output import say_json
    from wpstate.cli.watching import watching
    from wpstate.report.lines import Tone, line
    from wpstate.report.personal import masked_run
    from wpstate.report.record import to_json
    from wpstate.report.run_text import run_lines
    from wpstate.wiring import Wiring
    from wpstate.workflows.plan import chosen
    from wpstate.workflows.recover import recover_site

    found = []
    as_table = output_format == "table"
    with (
        watching(quiet=quiet, as_json=output_format == "json") as watched,
        Wiring(fleet_folder, watched) as wired,
    ):
        tools = wired.tools()
        for desired in chosen(wired.fleet(), sites):
            recovery = recover_site(desired, tools)
            if recovery is not None:
                found.append(recovery)
            if as_table:
                nothing = [line(f"{desired.site.id}: nothing to recover", Tone.FAINT)]
                watched.say(run_lines(recovery.run) if recovery else nothing)
    if not as_table:
        say_json(to_json([masked_run(recovery.run) for recovery in found]))
    return exit_codes.of_outcomes(r.run.outcome for r in found if not r.settled)
