"""`wpstate exempt`: what was changed on a site may stay until a day."""

from datetime import UTC, datetime
from pathlib import Path

import click

from wpstate.cli.names import site_names
from wpstate.cli.options import base_option, examples, fleet_option, format_option, write_option


@click.command(
    "exempt",
    short_help="Propose that drift may stay until a day.",
    epilog=examples(
        "wpstate exempt boutique options.blogdescription --until 2027-01-15 --owner Ana",
        "wpstate exempt boutique plugins.akismet --until 2027-01-15 --owner Ana --why 'The fair'",
    ),
)
@click.argument("site", shell_complete=site_names)
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="The last day on which it may stay, as 2027-01-15.")  # fmt: skip
@click.option("--owner", required=True, metavar="NAME", help="Who answers for it; no address.")
@click.option("--why", metavar="TEXT", help="Why it may stay.")
@base_option
@write_option
@format_option("table", "json")
@fleet_option
def command(
    site: str,
    keys: tuple[str, ...],
    until: datetime,
    owner: str,
    why: str | None,
    base: str,
    write: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> None:
    """Write into sites/SITE.yml that these KEYs (or globs), which somebody changed on SITE, may
    stay as they are. Plans tell them as exempt, with their owner; nobody puts them back, and they
    are drift again after that day.

    The change is a branch with one commit that tells who did it and since when, as far as the site
    knows; with --write it is in the fleet folder. The site itself is not changed.
    """
    from wpstate.cli.output import say, say_json
    from wpstate.drifting import rewrite_here, rewrite_on_branch
    from wpstate.report.contract import drift_written
    from wpstate.report.drift_text import drift_lines, written_lines
    from wpstate.report.record import to_json
    from wpstate.workflows.adopt import Drifted, Rewritten

    if until.date() < datetime.now(UTC).date():
        raise click.UsageError(f"--until {until:%Y-%m-%d} is over")
    day = f"{until:%Y-%m-%d}"

    def rewrite(drifted: Drifted) -> Rewritten:
        return drifted.exempt(keys, day, owner, why)

    said = f"Until {day}, by {owner}{f': {why}' if why else ''}"
    if write:
        done, put = rewrite_here(fleet_folder, site, rewrite), None
    else:
        done, made = rewrite_on_branch(fleet_folder, site, base, "exempt", said, rewrite)
        put = made.branch, made.commit
    if output_format == "json":
        written = drift_written(done.site, done.path, put, done.told, done.left, done.unlocked)
        say_json(to_json(written))
        return
    say(drift_lines(done.site, f"exempt until {day} by {owner}", done.told, done.left))
    say(written_lines(done.site, done.path, put, done.unlocked))
