"""`wpstate trust`: show a host's key and pin it."""

import sys
from pathlib import Path

import click

from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option


@click.command(
    "trust",
    short_help="Show a host's key and pin it.",
    epilog=examples("wpstate trust boutique", "wpstate trust host.example:2222"),
)
@click.argument("host", metavar="SITE | ADDRESS", shell_complete=site_names)
@click.option("--yes", is_flag=True, help="Pin it without asking: you compared it elsewhere.")
@click.option("--replace", is_flag=True, help="Pin it although another key was trusted.")
@fleet_option
def command(host: str, yes: bool, replace: bool, fleet_folder: Path | None) -> None:
    """Show the key that a host offers, without logging in, and pin it once you have compared its
    fingerprint with what the hoster says."""
    from wpstate.cli.output import say
    from wpstate.report.lines import Tone, line
    from wpstate.wiring import Wiring
    from wpstate.workflows.trust import Offer, Standing, offers, trust

    def confirmed(offer: Offer) -> bool:
        if yes:
            return True
        try:
            return click.confirm("Is this the fingerprint that your hoster shows?")
        except click.Abort as unanswered:
            if sys.stdin.isatty():
                raise  # Ctrl-C
            raise click.UsageError("nobody is there to compare the key: add --yes") from unanswered

    with Wiring(fleet_folder) as wired:
        sites = [desired.site for desired in wired.fleet().sites]
        keys = wired.host_keys()
        for offer in offers(sites, host, keys):
            say([line(f"{offer.key.host}  {offer.key.sort}  {offer.key.fingerprint}")])
            if trust(offer, keys, confirmed, replace=replace):
                say([line("Pinned.", Tone.GOOD)])
            elif offer.standing is Standing.TRUSTED:
                say([line("Trusted already.", Tone.GOOD)])
