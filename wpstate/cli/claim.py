"""`wpstate claim`: make a copied or moved site one of its own."""

from pathlib import Path

import click

from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option


@click.command(
    "claim",
    short_help="Make a copied or moved site one of its own.",
    epilog=examples("wpstate claim boutique-staging"),
)
@click.argument("site", shell_complete=site_names)
@fleet_option
def command(site: str, fleet_folder: Path | None) -> None:
    """Say that SITE is meant to be where it is, although its state folder or its database came
    from another place.

    What was applied there, and what is quarantined, is forgotten: the next plan shows all that
    differs from git as asked for the first time. The site itself is not changed.
    """
    from wpstate.cli.output import say
    from wpstate.report.lines import Tone, line
    from wpstate.wiring import Wiring
    from wpstate.workflows.claim import claim_site
    from wpstate.workflows.plan import chosen

    with Wiring(fleet_folder) as wired:
        (desired,) = chosen(wired.fleet(), [site])
        told = claim_site(desired, wired.tools())
    if told is None:
        say([line(f"{site}: is where it belongs; nothing to claim", Tone.FAINT)])
        return
    say([line(f"{site}: claimed ({told.found})", Tone.GOOD)])
    say([line(f"Next: wpstate plan {site}")])
