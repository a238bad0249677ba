"""`wpstate bump`: new versions as branches and pull requests."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import components
from wpstate.cli.options import base_option, examples, fleet_option, format_option, no_look_option


@click.command(
    "bump",
    short_help="Propose new versions as pull requests.",
    epilog=examples(
        "wpstate bump --dry-run",
        "wpstate bump",
        "wpstate bump woocommerce --base origin/main",
        "wpstate bump --no-push",
    ),
)
@click.argument("names", nargs=-1, metavar="[core|SLUG]...", shell_complete=components)
@click.option("--dry-run", is_flag=True, help="Only tell what would be proposed; fetch no zip.")
@base_option
@click.option(
    "--remote",
    default="origin",
    show_default=True,
    help="Where branches are pushed.",
)
@click.option("--no-push", is_flag=True, help="Leave branches in this repository.")
@no_look_option
@format_option("table", "json")
@fleet_option
def command(
    names: tuple[str, ...],
    dry_run: bool,
    base: str,
    remote: str,
    no_push: bool,
    no_look: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    """Write the versions that `wpstate outdated` proposes into catalog.yml, with the lock of their
    bytes: for each component, or what moves together, a branch wpstate/bump/... with one commit.
    Index and working tree stay as they are.

    Where gh or glab is signed in at the remote, the branch is pushed and its pull request opened or
    brought up to date; else the branch stays here. A branch that somebody else pushed to is left
    to them.
    """
    from wpstate.bumping import bumped
    from wpstate.cli.output import say, say_json
    from wpstate.report.bump_text import bump_lines
    from wpstate.report.record import to_json

    several = bumped(
        fleet_folder,
        names,
        base=base,
        remote=remote,
        look=not no_look,
        push=not no_push,
        dry_run=dry_run,
    )
    if output_format == "json":
        say_json(to_json(several))
    else:
        say(bump_lines(several))
    if any(each.is_failure for each in several):
        return exit_codes.FAILED
    if any(each.problems for each in several):
        return exit_codes.REFUSED
    return exit_codes.DONE
