"""`wpstate release`: let quarantined changes of a site be tried again."""

from pathlib import Path

import click

from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "release",
    short_help="Let quarantined changes be tried again.",
    epilog=examples("wpstate release boutique", "wpstate release boutique plugins.woocommerce"),
)
@click.argument("site", shell_complete=site_names)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@format_option("table", "json")
@fleet_option
def command(
    site: str, keys: tuple[str, ...], output_format: str, fleet_folder: Path | None
) -> None:
    """List what is quarantined on SITE; with KEYs, drop these entries.

    A change that was rolled back is not tried again until git asks for something else, or until
    it is released here.
    """
    from wpstate.cli.output import say, say_json
    from wpstate.model.state import short
    from wpstate.report.contract import Quarantine
    from wpstate.report.lines import Tone, line
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.plan import chosen
    from wpstate.workflows.release import quarantined, release_site

    with Wiring(fleet_folder) as wired:
        (desired,) = chosen(wired.fleet(), [site])
        left = (
            release_site(desired, wired.tools(), keys)
            if keys
            else quarantined(desired, wired.observer())
        )
    if output_format == "json":
        entries = {str(address): state for address, state in left}
        say_json(to_json(Quarantine(desired.site.id, keys, entries)))
        return
    say(line(f"{site}: {key} released", Tone.GOOD) for key in keys)
    say(line(f"{site}: {address} {short(state)} is quarantined") for address, state in left)
    if not left:
        say([line(f"{site}: nothing is quarantined", Tone.FAINT)])
