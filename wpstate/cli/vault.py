"""`wpstate vault`: file what no public source carries."""

import re
from pathlib import Path

import click

from wpstate.cli.options import examples, fleet_option

_OF_SITE = re.compile(r"([a-z0-9][a-z0-9-]{0,62}):([A-Za-z0-9][A-Za-z0-9._-]{0,127})")


@click.group(
    "vault",
    short_help="File paid plugins outside git.",
    epilog=examples(
        "wpstate vault add ~/Downloads/wp-rocket_3.19.4.zip", "wpstate vault add boutique:wp-rocket"
    ),
)
def command() -> None:
    """Keep zips that no public source carries in a folder of this machine: WPSTATE_VAULT, or vault
    in WPSTATE_HOME. `source: vault` in catalog.yml takes them from there."""


@command.command(
    "add",
    short_help="Check a zip, or what a site has, and file it.",
    epilog=examples(
        "wpstate vault add ~/Downloads/wp-rocket_3.19.4.zip", "wpstate vault add boutique:wp-rocket"
    ),
)
@click.argument("what", metavar="ZIP | SITE:SLUG")
@fleet_option
def add(what: str, fleet_folder: Path | None) -> None:
    """Hold a zip to every rule that wpstate has for zips, file it under its own name and version,
    and print the lines for catalog.yml. Of a site that has the plugin, its folder is packed."""
    from wpstate.cli.output import say
    from wpstate.report.lines import Tone, line
    from wpstate.report.vault_text import filed_lines
    from wpstate.wiring import Wiring
    from wpstate.workflows.vault import vault_from_site

    of_site = None if Path(what).is_file() else _OF_SITE.fullmatch(what)
    with Wiring(fleet_folder) as wired:
        if of_site:
            filed = vault_from_site(
                wired.fleet(),
                of_site[1],
                of_site[2],
                observer=wired.observer(),
                shells=wired.shells(),
                vault=wired.vault(),
            )
        else:
            filed = wired.vault().file_zip(Path(what))
    say(filed_lines(filed.kind, filed.slug, filed.facts, filed.place, is_new=filed.is_new))
    if of_site:
        text = (
            "These are the bytes that the site has: compare them with the author's where you can."
        )
        say([line(text, Tone.WARN)])
