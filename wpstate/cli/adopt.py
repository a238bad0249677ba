"""`wpstate adopt`: what was changed on a site becomes what git asks."""

from pathlib import Path

import click

from wpstate.cli.names import site_names
from wpstate.cli.options import base_option, examples, fleet_option, format_option, write_option


@click.command(
    "adopt",
    short_help="Propose that git asks for what was changed on a site.",
    epilog=examples(
        "wpstate adopt boutique",
        "wpstate adopt boutique options.timezone_string --why 'The shop has moved'",
        "wpstate adopt boutique plugins.akismet --write",
    ),
)
@click.argument("site", shell_complete=site_names)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--why", metavar="TEXT", help="Written beside it, as its `why` or as a comment.")
@base_option
@write_option
@format_option("table", "json")
@fleet_option
def command(
    site: str,
    keys: tuple[str, ...],
    why: str | None,
    base: str,
    write: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> None:
    """Write what somebody changed on SITE into sites/SITE.yml: these KEYs (or globs), else all that
    drifted. The file is proven by a plan that has nothing to do for them.

    The change is a branch with one commit that tells who did it and since when, as far as the site
    knows; with --write it is in the fleet folder. The site itself is not changed.
    """
    from wpstate.cli.output import say, say_json
    from wpstate.drifting import rewrite_here, rewrite_on_branch
    from wpstate.report.contract import drift_written
    from wpstate.report.drift_text import drift_lines, written_lines
    from wpstate.report.record import to_json
    from wpstate.workflows.adopt import Drifted, Rewritten

    def rewrite(drifted: Drifted) -> Rewritten:
        return drifted.adopted(keys, why)

    if write:
        done, put = rewrite_here(fleet_folder, site, rewrite), None
    else:
        done, made = rewrite_on_branch(fleet_folder, site, base, "adopt", why or "", rewrite)
        put = made.branch, made.commit
    if output_format == "json":
        written = drift_written(done.site, done.path, put, done.told, done.left, done.unlocked)
        say_json(to_json(written))
        return
    say(drift_lines(done.site, "adopted", done.told, done.left))
    say(written_lines(done.site, done.path, put, done.unlocked))
