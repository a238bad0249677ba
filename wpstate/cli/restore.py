"""`wpstate restore`: bring back what a backup holds."""

import sys
import tempfile
from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "restore",
    short_help="Bring back what a backup holds.",
    epilog=examples(
        "wpstate restore boutique --at latest",
        "wpstate restore boutique --at 2026-11-22 --only database",
        'wpstate restore boutique --at "2026-11-22 09:30" --only wp-content/uploads/2026',
        "wpstate restore boutique --at latest --only wp-content/plugins/akismet --onto-site",
    ),
)
@click.argument("site", metavar="SITE", shell_complete=site_names)
@click.option(
    "--at", "when", metavar="TIME", required=True,
    help="The newest backup by then: a day, a time (UTC), a backup's name, or latest.",
)  # fmt: skip
@click.option(
    "--to", "target", metavar="PATH", type=click.Path(path_type=Path),
    help="An empty folder (default: one in WPSTATE_HOME).",
)  # fmt: skip
@click.option(
    "--only", multiple=True, metavar="PART",
    help="database, files, uploads, or a path below the WordPress folder.",
)  # fmt: skip
@click.option(
    "--onto-site", is_flag=True,
    help="Put the one path of --only, code, onto the live site by a run.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="With --onto-site: do not ask.")
@click.option("--quiet", is_flag=True, help="No progress lines.")
@format_option("table", "json")
@fleet_option
def command(
    site: str,
    when: str,
    target: Path | None,
    only: tuple[str, ...],
    onto_site: bool,
    yes: bool,
    quiet: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    """Write what a backup of SITE holds into a folder of this machine. The site is not touched.

    With --onto-site one folder or file of its code goes onto the site instead: locked, frozen, with
    a snapshot, checked, and put back where a check fails, as an apply does.
    """
    from wpstate.adapters.scratch_folders import ScratchFolders
    from wpstate.cli.output import say, say_json
    from wpstate.report.backup_text import restored_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.plan import chosen
    from wpstate.workflows.restore_backup import restore_to_folder

    if onto_site:
        if target is not None:
            raise click.UsageError("--to names a folder, --onto-site the site: one of them")
        return _onto_site(site, when, only, yes, quiet, output_format, fleet_folder)
    with Wiring(fleet_folder) as wired:
        (desired,) = chosen(wired.fleet(), [site])
        done = restore_to_folder(
            desired,
            wired.keeping(),
            ScratchFolders(),
            when=when,
            target=target.resolve() if target else None,
            only=only,
        )
    if output_format == "json":
        say_json(to_json(done))
    else:
        say(restored_lines(done.backup, done.target, done.dump_bytes, done.files, done.files_bytes))
    return exit_codes.DONE


def _onto_site(
    site: str,
    when: str,
    only: tuple[str, ...],
    yes: bool,
    quiet: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    from wpstate.adapters.scratch_folders import ScratchFolders
    from wpstate.cli.output import say, say_json
    from wpstate.cli.watching import watching
    from wpstate.model.run import Outcome
    from wpstate.report.backup_text import offered_lines, undoing_lines
    from wpstate.report.personal import masked_run
    from wpstate.report.record import to_json
    from wpstate.report.run_text import run_lines
    from wpstate.wiring import Wiring
    from wpstate.workflows.plan import chosen
    from wpstate.workflows.restore_backup import part_of_backup
    from wpstate.workflows.restore_onto_site import PartOffer, restore_onto_site

    if not yes and not sys.stdin.isatty():
        raise click.UsageError("nobody is there to ask: add --yes")

    def agreed(offer: PartOffer) -> bool:
        with watched.aside():
            say(offered_lines(offer.backup, offer.path, offer.files), to_stderr=True)
            return yes or click.prompt(f"Type {site} to restore", err=True) == site

    with (
        watching(quiet=quiet, as_json=output_format == "json") as watched,
        Wiring(fleet_folder, watched) as wired,
        tempfile.TemporaryDirectory() as scratch,
    ):
        (desired,) = chosen(wired.fleet(), [site])
        offer = part_of_backup(
            desired,
            wired.keeping(),
            ScratchFolders(),
            when=when,
            only=only,
            scratch=Path(scratch) / "restored",
        )
        run = restore_onto_site(desired, wired.tools(), offer, agreed)
    if output_format == "json":
        say_json(to_json(masked_run(run)))
    else:
        say(run_lines(run))
        if run.outcome is Outcome.APPLIED:
            say(undoing_lines(site, run.id))
    return exit_codes.of_outcomes([run.outcome])
