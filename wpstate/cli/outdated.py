"""`wpstate outdated`: new versions of what the catalog approves."""

from pathlib import Path

import click

from wpstate.cli.names import components
from wpstate.cli.options import examples, fleet_option, format_option, no_look_option


@click.command(
    "outdated",
    short_help="Show new versions, and why they are proposed or wait.",
    epilog=examples(
        "wpstate outdated",
        "wpstate outdated core woocommerce",
        "wpstate outdated --no-look --format json",
    ),
)
@click.argument("names", nargs=-1, metavar="[core|SLUG]...", shell_complete=components)
@click.option("--all", "every", is_flag=True, help="Also show what is current.")
@no_look_option
@format_option("table", "json")
@fleet_option
def command(
    names: tuple[str, ...],
    every: bool,
    no_look: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> None:
    """Ask where the catalog's components come from for newer versions, and tell by the policy of
    fleet.yml (`bump`) which of them `wpstate bump` would propose. Writes nothing."""
    from wpstate.bumping import found_versions
    from wpstate.cli.output import say, say_json
    from wpstate.report.outdated_text import outdated_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring

    with Wiring(fleet_folder) as wired:
        found = found_versions(wired, wired.texts(), names, look=not no_look)
    if output_format == "json":
        say_json(to_json(found.outdated))
    else:
        say(outdated_lines(found.outdated, every=every or bool(names)))
