"""`wpstate rollback`: return a site to an earlier snapshot, by hand."""

import sys
from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "rollback",
    short_help="Return a site to an earlier snapshot.",
    epilog=examples(
        "wpstate rollback boutique",
        "wpstate rollback boutique plugins.woocommerce",
        "wpstate rollback boutique --to 20261122T093102Z-3f2a91",
    ),
)
@click.argument("site", shell_complete=site_names)
@click.argument("key", required=False)
@click.option("--to", metavar="RUN", help="The site as before this run (default: the newest).")
@click.option("--accept-loss", is_flag=True, help="Rewind the database too, losing what is newer.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--quiet", is_flag=True, help="No progress lines.")
@format_option("table", "json")
@fleet_option
def command(
    site: str,
    key: str | None,
    to: str | None,
    accept_loss: bool,
    yes: bool,
    quiet: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    """Put SITE back as it was before a run: its code, and of its tables what loses no row.

    With KEY, such as plugins.woocommerce, this alone, to before the run that changed it: a plugin
    with its own tables, a theme, a must-use plugin or a drop-in.
    --accept-loss rewinds all tables, with what visitors have written since.

    What is undone is quarantined: it is not applied again until git asks for something else.
    """
    from wpstate.cli.output import say, say_json
    from wpstate.cli.watching import watching
    from wpstate.model.run import Outcome
    from wpstate.model.state import Address, kind_of
    from wpstate.report.personal import masked_run
    from wpstate.report.record import to_json
    from wpstate.report.rollback_text import offer_lines
    from wpstate.report.run_text import run_lines
    from wpstate.resources.registry import KIND
    from wpstate.wiring import Wiring
    from wpstate.workflows.plan import chosen
    from wpstate.workflows.rollback import RollbackOffer, rollback_site

    if key is not None and ("." not in key or kind_of(Address(key)) not in KIND):
        raise click.UsageError(f"KEY names one of {', '.join(KIND)}, such as plugins.woocommerce")
    if key is not None and accept_loss:
        raise click.UsageError("--accept-loss rewinds the whole database, not one plugin's tables")
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("nobody is there to ask: add --yes")

    def agreed(offer: RollbackOffer) -> bool:
        told = offer_lines(
            offer.site,
            offer.to,
            offer.others,
            offer.tables,
            offer.accept_loss,
            offer.only,
            offer.part,
        )
        with watched.aside():
            say(told, to_stderr=True)
            return yes or click.confirm("Roll back?", err=True)

    with (
        watching(quiet=quiet, as_json=output_format == "json") as watched,
        Wiring(fleet_folder, watched) as wired,
    ):
        (desired,) = chosen(wired.fleet(), [site])
        run = rollback_site(
            desired,
            wired.tools(),
            to=to,
            accept_loss=accept_loss,
            agreed=agreed,
            only=Address(key) if key else None,
        )
    if output_format == "json":
        say_json(to_json(masked_run(run)))
    else:
        say(run_lines(run))
    if run.outcome is Outcome.ROLLED_BACK:
        return exit_codes.DONE  # asked for, and done
    return exit_codes.of_outcomes([run.outcome])
