"""`wpstate restore`: bring back what a backup holds."""

from pathlib import Path

import click

from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "restore",
    short_help="Bring back what a backup holds.",
    epilog=examples(
        "wpstate restore boutique --at latest",
        "wpstate restore boutique --at 2026-11-22 --only database",
        'wpstate restore boutique --at "2026-11-22 09:30" --only wp-content/uploads/2026',
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
@format_option("table", "json")
@fleet_option
def command(
    site: str,
    when: str,
    target: Path | None,
    only: tuple[str, ...],
    output_format: str,
    fleet_folder: Path | None,
) -> None:
    """Write what a backup of SITE holds into a folder of this machine. The site is not touched."""
    from wpstate.adapters.scratch_folders import ScratchFolders
    from wpstate.cli.output import say, say_json
    from wpstate.report.backup_text import restored_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.plan import chosen
    from wpstate.workflows.restore_backup import restore_to_folder

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
