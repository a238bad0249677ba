"""`wpstate observe`: what a site is now."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import deep_option, examples, fleet_option, format_option


@click.command(
    "observe",
    short_help="Show what a site is now.",
    epilog=examples(
        "wpstate observe boutique",
        "wpstate observe boutique --deep",
        "wpstate observe --format json",
    ),
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@deep_option
@format_option("table", "json")
@fleet_option
def command(
    sites: tuple[str, ...], deep: bool, output_format: str, fleet_folder: Path | None
) -> int:
    """Look at SITEs (all where none is named) without booting WordPress. Changes nothing."""
    from wpstate.cli.output import say, say_json
    from wpstate.cli.watching import watching
    from wpstate.report.contract import observed
    from wpstate.report.observed_text import all_observed_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.observe import observe

    with (
        watching(as_json=output_format == "json") as watched,
        Wiring(fleet_folder, watched) as wired,
    ):
        seen = observe(
            wired.fleet(), sites, wired.visiting_observer(), wired.deep_look(all_sites=deep)
        )
    if output_format == "json":
        say_json(to_json([observed(one) for one in seen]))
    else:
        say(all_observed_lines(seen))
    return exit_codes.FAILED if any(one.faults for one in seen) else exit_codes.DONE
