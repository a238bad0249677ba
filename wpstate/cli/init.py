"""`wpstate init`: a fleet folder that validates at once."""

import re
from pathlib import Path

import click

from wpstate.cli.options import examples


@click.command(
    "init",
    short_help="Begin a fleet's folder.",
    epilog=examples("wpstate init my-fleet", "wpstate init . --name my-agency --ci github"),
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("--name", metavar="NAME", help="The fleet's name (default: the folder's).")
@click.option(
    "--ci",
    "forge",
    type=click.Choice(("github", "gitlab")),
    help="Also write what plans pull requests there and applies what is merged.",
)
def command(folder: Path, name: str | None, forge: str | None) -> None:
    """Write the files of a new fleet into FOLDER, which validates at once: an example site, code
    owners, hooks, schemas for editors.

    Writes over nothing, and reaches no network.
    """
    from wpstate.adapters.skeleton import write_skeleton
    from wpstate.cli.output import say
    from wpstate.report.lines import Tone, line
    from wpstate.wiring import Wiring
    from wpstate.workflows.validate import validate

    called = name or re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")
    written = write_skeleton(folder, called, forge)
    with Wiring(folder) as wired:
        fleet = validate(wired.texts(), today=wired.clock.now().date())
    shown = [path for path in written if not path.startswith(".wpstate/")]
    say(line(f"+ {path}") for path in (*shown, ".wpstate/schema/"))
    say(
        (
            line(f"Fleet {fleet.name}: {len(fleet.sites)} site, valid.", Tone.GOOD),
            line("Next: your own site in hosts.yml and sites/, then wpstate validate"),
            line("      wpstate trust SITE, wpstate lock, git init, git add ., git commit"),
            line("      @OWNERS in CODEOWNERS is nobody: write a team of yours"),
        )
    )
