"""`wpstate backup prune` and `forget-client`: remove backups, by rule or all of one client's."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "prune",
    short_help="Remove the backups that nothing keeps.",
    epilog=examples("wpstate backup prune --dry-run", "wpstate backup prune boutique"),
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@click.option("--dry-run", is_flag=True, help="Show what stays and what would go, and why.")
@format_option("table", "json")
@fleet_option
def prune(
    sites: tuple[str, ...], dry_run: bool, output_format: str, fleet_folder: Path | None
) -> int:
    """Of each SITE (all whose backups wpstate makes, where none is named) keep what `keep` asks
    for, and remove the rest. The last good backup always stays; it is read before anything goes."""
    from wpstate.cli.output import say, say_json
    from wpstate.model.problem import WpstateError
    from wpstate.report.backup_text import pruned_lines
    from wpstate.report.problems import problems_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.plan import chosen
    from wpstate.workflows.prune_backups import prune_backups

    code = exit_codes.DONE

    def failed(error: WpstateError) -> None:
        nonlocal code
        say(problems_lines(error.problems), to_stderr=True)
        code = max(code, exit_codes.of_error(error))

    with Wiring(fleet_folder) as wired:
        asked = [
            one
            for one in chosen(wired.fleet(), sites)
            if sites or (one.policy.backup and one.policy.backup.managed_by is None)
        ]
        done = prune_backups(asked, wired.keeping(), dry_run=dry_run, failed=failed)
    if output_format == "json":
        say_json(to_json(done))
    else:
        for each in done:
            say(pruned_lines(each, dry_run=dry_run))
    return code


@click.command(
    "forget-client",
    short_help="Erase all backups of one client.",
    epilog=examples("wpstate backup forget-client example-bakery"),
)
@click.argument("client", metavar="CLIENT")
@click.option("--yes", is_flag=True, help="Do not ask for the name once more.")
@format_option("table", "json")
@fleet_option
def forget_client(client: str, yes: bool, output_format: str, fleet_folder: Path | None) -> int:
    """Erase the repositories of CLIENT, the copies of its sites' files on this machine, and what
    is known of its backups. Nothing brings them back."""
    import sys

    from wpstate.adapters.scratch_folders import ScratchFolders
    from wpstate.cli.output import say, say_json
    from wpstate.report.backup_text import forgotten_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.forget_client import forget_client as forget

    with Wiring(fleet_folder) as wired:
        fleet = wired.fleet()
        if not yes:
            if not sys.stdin.isatty():
                raise click.UsageError("nobody is there to ask: add --yes")
            said = click.prompt(f"Type {client} to erase all its backups", err=True)
            if said != client:
                raise click.UsageError("that is another name: nothing was erased")
        done = forget(client, fleet, wired.keeping(), wired.site_copies(), ScratchFolders())
    if output_format == "json":
        say_json(to_json(done))
    else:
        say(forgotten_lines(done))
    return exit_codes.REFUSED if done.left else exit_codes.DONE
