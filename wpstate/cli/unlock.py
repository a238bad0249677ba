"""`wpstate unlock`: free a site from a run that hangs on its host."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "unlock",
    short_help="Free a site from a run that hangs on its host.",
    epilog=examples(
        "wpstate unlock boutique",
        "wpstate unlock boutique --id 0f3a5c7e9b1d2f4a6c8e0b2d4f6a8c0e",
    ),
)
@click.argument("site", shell_complete=site_names)
@click.option("--id", "nonce", metavar="NONCE", help="The lock's id, as this command shows it.")
@click.option("--quiet", is_flag=True, help="No progress lines.")
@format_option("table", "json")
@fleet_option
def command(
    site: str, nonce: str | None, quiet: bool, output_format: str, fleet_folder: Path | None
) -> int:
    """Show who holds SITE; with the lock's id, end that run and free the site.

    Refused while its controller is heard of. What it changed and did not settle is put back first.
    """
    from wpstate.cli.output import say, say_json
    from wpstate.cli.watching import watching
    from wpstate.report.lines import Tone, line
    from wpstate.report.personal import masked_run
    from wpstate.report.record import to_json
    from wpstate.report.run_text import run_lines
    from wpstate.wiring import Wiring
    from wpstate.workflows.plan import chosen
    from wpstate.workflows.unlock import unlock_site

    with (
        watching(quiet=quiet, as_json=output_format == "json") as watched,
        Wiring(fleet_folder, watched) as wired,
    ):
        (desired,) = chosen(wired.fleet(), [site])
        recovery = unlock_site(desired, wired.tools(), nonce)
    if output_format == "json":
        say_json(to_json([masked_run(recovery.run)] if recovery else []))
    elif recovery is None:
        say([line(f"{site}: nobody holds it", Tone.GOOD)])
    else:
        say(run_lines(recovery.run))
    if recovery is None or recovery.settled:
        return exit_codes.DONE
    return exit_codes.of_outcomes([recovery.run.outcome])
