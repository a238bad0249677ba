"""`wpstate at`: what was asked of a site once, and confirmed by then."""

from pathlib import Path

import click

from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "at",
    short_help="Show what was asked of a site once, and confirmed by then.",
    epilog=examples("wpstate at 2026-11-22 boutique", "wpstate at HEAD~10 boutique"),
)
@click.argument("when", metavar="REVISION|DATE")
@click.argument("site", metavar="SITE")
@format_option("table", "json")
@fleet_option
def command(when: str, site: str, output_format: str, fleet_folder: Path | None) -> None:
    """Compose SITE as git had it at a REVISION or by a DATE, and show which of its values runs had
    confirmed by then. Reaches no network."""
    from wpstate.cli.output import say, say_json
    from wpstate.proposing import looking_back
    from wpstate.report.personal import masked_then
    from wpstate.report.record import to_json
    from wpstate.report.then_text import then_lines

    told = looking_back(fleet_folder, when, site)
    if output_format == "json":
        say_json(to_json(masked_then(told)))
    else:
        say(then_lines(told))
