"""`wpstate doctor`: what each site's host is fit for, proved by doing."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "doctor",
    short_help="Prove what each site's host is fit for.",
    epilog=examples("wpstate doctor", "wpstate doctor boutique"),
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@format_option("table", "json")
@fleet_option
def command(sites: tuple[str, ...], output_format: str, fleet_folder: Path | None) -> int:
    """Try on the hosts of SITEs (all where none is named) what a run needs, and tell what lacks.

    Each thing is done once in a folder of its own, which is gone afterwards. Answers full, attended
    only, observe only or none. Exit code 0 where every site is full, else 3.
    """
    from wpstate.cli.output import say, say_json
    from wpstate.model.fitness import Fit
    from wpstate.report.doctor_text import fitness_lines, fleet_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.doctor import doctor

    with Wiring(fleet_folder) as wired:
        found = doctor(wired.fleet(), sites, wired.tools())
    if output_format == "json":
        say_json(to_json(found))
    else:
        for one in found:
            say(fitness_lines(one))
        say(fleet_lines(found))
    every = all(one.fit is Fit.FULL for one in found)
    return exit_codes.DONE if every else exit_codes.REFUSED
