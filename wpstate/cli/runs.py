"""`wpstate runs`: the ledger as a table."""

import click

from wpstate.cli.names import site_names
from wpstate.cli.options import examples, format_option


@click.command(
    "runs",
    short_help="List past runs.",
    epilog=examples(
        "wpstate runs", "wpstate runs boutique --limit 5", "wpstate runs --format json"
    ),
)
@click.argument("site", required=False, shell_complete=site_names)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="How many at most.",
)
@format_option("table", "json")
def command(site: str | None, limit: int, output_format: str) -> None:
    """List past runs, newest first. `wpstate show RUN` tells all about one."""
    from wpstate.cli.output import say, say_json
    from wpstate.model.site import SiteId
    from wpstate.report.personal import masked_run
    from wpstate.report.record import to_json
    from wpstate.report.run_text import runs_lines
    from wpstate.wiring import Wiring

    with Wiring(None) as wired:
        runs = wired.ledger().runs(SiteId(site) if site else None, limit)
    if output_format == "json":
        say_json(to_json(tuple(masked_run(run) for run in runs)))
    else:
        say(runs_lines(runs))
