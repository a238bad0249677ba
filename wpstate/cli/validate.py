"""`wpstate validate`: are the fleet's files right?"""

from pathlib import Path

import click

from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "validate",
    short_help="Check the fleet's files and list its sites.",
    epilog=examples(
        "wpstate validate",
        "wpstate validate --fleet inventories/example",
        "wpstate validate --format github",
    ),
)
@format_option("table", "json", "github")
@fleet_option
def command(output_format: str, fleet_folder: Path | None) -> None:
    """Read every file of the fleet and tell all that is wrong, each at its file, line and column.

    Reaches no network. `--format github` also shows problems at their lines in GitHub Actions.
    """
    from wpstate.cli.output import annotated, say, say_json
    from wpstate.report.contract import fleet_list
    from wpstate.report.fleet_text import fleet_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.validate import validate

    with Wiring(fleet_folder) as wired, annotated(output_format, lambda: wired.fleet_folder):
        fleet = validate(wired.texts(), today=wired.clock.now().date())
    if output_format == "json":
        say_json(to_json(fleet_list(fleet)))
    else:
        say(fleet_lines(fleet))
