"""`wpstate pin`: git asks for what sites have where an update was rolled back."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import base_option, examples, fleet_option


@click.command(
    "pin",
    short_help="Propose that sites keep what a rolled back update left them.",
    epilog=examples("wpstate pin", "wpstate pin boutique bistro --base origin/main"),
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@base_option
@fleet_option
def command(sites: tuple[str, ...], base: str, fleet_folder: Path | None) -> int:
    """Look at SITEs (all where none is named) for versions that git asks for and a run rolled back,
    and propose that git asks for what is there: of each site that has such a version not, be it
    its turn or not.

    Each component is a branch with one commit, such as wpstate/pin/plugins.akismet. Nothing that is
    checked out changes, and no site does.
    """
    from wpstate.cli.output import say
    from wpstate.pinning import pin_on_branches
    from wpstate.report.lines import line
    from wpstate.report.pin_text import NOTHING, pin_lines
    from wpstate.report.problems import problems_lines

    done, written = pin_on_branches(fleet_folder, sites, base)
    for each, put in zip(done.done, written, strict=True):
        say(pin_lines(each.pins, put.branch, put.commit))
    if done.left:
        say(problems_lines(done.left, label="left"))
    elif not done.done:
        say([line(NOTHING)])
    return exit_codes.REFUSED if done.left else exit_codes.DONE
