"""`wpstate validate`: are the fleet's files right?"""

from pathlib import Path

import click

from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "validate",
    short_help="Check the fleet's files and list its sites.",
    epilog=examples("wpstate validate", "wpstate validate --fleet inventories/example"),
)
@format_option("table", "json")
@fleet_option
def command(output_format: str, fleet_folder: Path | None) -> int:
    """Read every file of the fleet and tell all that is wrong, each at its file, line and column.

    Reaches no network.
    """
    from wpstate.cli import exit_codes
    from wpstate.cli.output import say, say_json
    from wpstate.model.problem import InvalidDesiredState
    from wpstate.report.fleet_text import fleet_json, fleet_lines
    from wpstate.report.problems import problems_json, problems_lines
    from wpstate.wiring import Wiring
    from wpstate.workflows.validate import validate

    with Wiring(fleet_folder) as wired:
        try:
            fleet = validate(wired.texts())
        except InvalidDesiredState as error:
            if output_format == "json":
                say_json(problems_json(error.problems))
            else:
                say(problems_lines(error.problems), to_stderr=True)
            return exit_codes.INVALID
    if output_format == "json":
        say_json(fleet_json(fleet))
    else:
        say(fleet_lines(fleet))
    return exit_codes.DONE
