"""`wpstate backup`: make backups, list them, prove them. Removing is left to backup_removal."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.backup_removal import forget_client, prune
from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.group(
    "backup",
    short_help="Make, list, prove and remove backups.",
    epilog=examples("wpstate backup run boutique", "wpstate backup list boutique"),
)
def command() -> None:
    """Backups of sites whose files say `backup:`. This machine pulls them: no site holds a key."""


command.add_command(prune)
command.add_command(forget_client)


@command.command(
    "run",
    short_help="Make a backup now.",
    epilog=examples("wpstate backup run boutique", "wpstate backup run --due --quiet"),
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@click.option("--due", is_flag=True, help="Only those that are due by `every`; of all sites, too.")
@click.option("--quiet", is_flag=True, help="No progress lines.")
@format_option("table", "json")
@fleet_option
def run(
    sites: tuple[str, ...], due: bool, quiet: bool, output_format: str, fleet_folder: Path | None
) -> int:
    """Copy database and files of each SITE into its client's repository, one after another. Its
    visitors notice nothing; no run can change it meanwhile.

    With --due, for a timer: what was missed is made up for by one backup, and a site whose backup
    failed is left alone for an hour.
    """
    if not (sites or due):
        raise click.UsageError("name sites, or add --due")
    from wpstate.cli.output import say, say_json
    from wpstate.cli.watching import watching
    from wpstate.model.problem import WpstateError
    from wpstate.report.backup_text import made_lines
    from wpstate.report.problems import problems_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.back_up import back_up
    from wpstate.workflows.backups import next_is_due
    from wpstate.workflows.plan import chosen

    made, code = [], exit_codes.DONE
    with (
        watching(quiet=quiet, as_json=output_format == "json") as watched,
        Wiring(fleet_folder, watched) as wired,
    ):
        several = chosen(wired.fleet(), sites)
        for desired in several:
            if due and not next_is_due(desired, wired.backup_history(), wired.clock.now()):
                continue
            try:
                made.append(back_up(desired, wired.tools(), wired.keeping()))
            except WpstateError as error:
                if len(several) == 1:
                    raise
                with watched.aside():
                    say(problems_lines(error.problems), to_stderr=True)
                code = max(code, exit_codes.of_error(error))
    if output_format == "json":
        say_json(to_json(made))
    else:
        for backup in made:
            say(made_lines(backup))
    return code


@command.command(
    "list", short_help="List backups.", epilog=examples("wpstate backup list boutique")
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@format_option("table", "json")
@fleet_option
def list_(sites: tuple[str, ...], output_format: str, fleet_folder: Path | None) -> None:
    """The backups that count of each SITE (all where none is named), newest first."""
    from wpstate.cli.output import say, say_json
    from wpstate.report.backup_text import listed_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.plan import chosen

    with Wiring(fleet_folder) as wired:
        history = wired.backup_history()
        asked = [one.site.id for one in chosen(wired.fleet(), sites)]
        found = {site: history.of(site) for site in asked}
    if output_format == "json":
        say_json(to_json([backup for some in found.values() for backup in some]))
    else:
        for site, backups in found.items():
            say(listed_lines(site, backups))


@command.command(
    "verify",
    short_help="Prove that backups are as they were written.",
    epilog=examples("wpstate backup verify boutique", "wpstate backup verify boutique --read-data"),
)
@click.argument("site", metavar="SITE", shell_complete=site_names)
@click.option("--read-data", is_flag=True, help="Read all that the repository holds.")
@click.option("--part", metavar="N/M", help="Read the Nth of M parts of it.")
@format_option("table", "json")
@fleet_option
def verify(
    site: str, read_data: bool, part: str | None, output_format: str, fleet_folder: Path | None
) -> int:
    """Check the repository of SITE's client, and that the newest backup's dump is, byte for byte,
    what came from the site. A damage is told, and which backup before it is whole."""
    import re

    from wpstate.cli.output import say, say_json
    from wpstate.report.backup_text import verified_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.plan import chosen
    from wpstate.workflows.verify_backup import verify_backups

    if part is not None and not re.fullmatch(r"[1-9][0-9]{0,2}/[1-9][0-9]{0,2}", part):
        raise click.UsageError("--part is such as 3/30: the third of thirty parts")
    with Wiring(fleet_folder) as wired:
        (desired,) = chosen(wired.fleet(), [site])
        found = verify_backups(desired, wired.keeping(), "100%" if read_data else part)
    if output_format == "json":
        say_json(to_json(found))
    else:
        say(
            verified_lines(
                found.site,
                found.repository,
                found.errors,
                found.last_good,
                read_all=found.read_all,
            )
        )
    return exit_codes.FAILED if found.errors else exit_codes.DONE
