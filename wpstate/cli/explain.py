"""`wpstate explain`: where each value of a site comes from."""

from pathlib import Path

import click

from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "explain",
    short_help="Show where each value of a site comes from.",
    epilog=examples("wpstate explain boutique", "wpstate explain boutique plugins.woocommerce"),
)
@click.argument("site", shell_complete=site_names)
@click.argument("key", required=False)
@format_option("table", "json")
@fleet_option
def command(site: str, key: str | None, output_format: str, fleet_folder: Path | None) -> None:
    """Show each value of SITE (or KEY and what is below it), the file and line that set it, and
    what it overrode."""
    from wpstate.cli.output import say, say_json
    from wpstate.report.explain_text import explain_json, explain_lines
    from wpstate.wiring import Wiring
    from wpstate.workflows.explain import explain
    from wpstate.workflows.plan import chosen

    with Wiring(fleet_folder) as wired:
        fleet = wired.fleet()
    (desired,) = chosen(fleet, [site])
    settings = explain(fleet, site, key)
    if output_format == "json":
        say_json(explain_json(desired, settings))
    else:
        say(explain_lines(desired, settings))
