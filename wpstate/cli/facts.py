"""`wpstate facts`: how the feeds stand, and fetching them anew."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "facts",
    short_help="Fetch and show what is known of versions.",
    epilog=examples("wpstate facts", "wpstate facts update", "wpstate facts --format json"),
)
@click.argument("action", type=click.Choice(("status", "update")), default="status")
@click.option(
    "--even-if-smaller", is_flag=True, help="Take a feed that lost more than half of its records."
)
@format_option("table", "json")
@fleet_option
def command(
    action: str, even_if_smaller: bool, output_format: str, fleet_folder: Path | None
) -> int:
    """Show the feeds that fleet.yml names, which tell what is vulnerable, closed or abandoned, and
    the age of what is kept of each. `update` fetches them first; where one fails, its last good
    copy stays in use."""
    from wpstate.cli.output import say, say_json
    from wpstate.report.facts_text import NO_FEED, feed_lines
    from wpstate.report.lines import Tone, line
    from wpstate.report.problems import problems_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.facts import Updated, update_facts

    with Wiring(fleet_folder) as wired:
        fleet, store, now = wired.fleet(), wired.facts(), wired.clock.now()
        if action == "update":
            updated = update_facts(
                fleet, store, wired.fact_documents(), wired.clock, even_if_smaller=even_if_smaller
            )
        else:
            updated = Updated(store.states(now), (), ())
    if output_format == "json":
        say_json(to_json(updated.feeds))
    elif fleet.facts:
        say(feed_lines(updated.feeds, now))
    else:
        say([line(NO_FEED, Tone.WARN)])
    for feed in updated.waited:
        say([line(f"{feed} may not be asked again yet", Tone.FAINT)], to_stderr=True)
    if updated.problems:
        say(problems_lines(updated.problems), to_stderr=True)
        return exit_codes.FAILED
    return exit_codes.DONE
