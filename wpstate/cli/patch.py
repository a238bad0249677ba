"""`wpstate patch`: one plugin's fix on every site that has it, within minutes."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpstate.cli import exit_codes
from wpstate.cli.options import (
    DURATION,
    approved_by_option,
    at_once_option,
    examples,
    fleet_option,
    format_option,
)

if TYPE_CHECKING:
    from wpstate.model.patch import Patching
    from wpstate.report.lines import Part

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z]*([.+_-][0-9A-Za-z]+)*")


@click.command(
    "patch",
    short_help="Bring one plugin's fix to every site at once.",
    epilog=examples(
        "wpstate patch woocommerce 9.1.3",
        "wpstate patch woocommerce 9.1.3 --now --yes --reason CVE-2026-21001",
        "wpstate patch old-slider --deactivate --yes --reason 'no fix yet'",
    ),
)
@click.argument("slug", metavar="SLUG")
@click.argument("version", metavar="[VERSION]", required=False)
@click.option("--deactivate", is_flag=True, help="Switch it off, where no fix exists.")
@click.option("--yes", is_flag=True, help="Do it. Without this it is only told what would be done.")
@click.option("--now", is_flag=True, help="Also where the site's window is closed.")
@click.option(
    "--soak",
    "soak_s",
    type=DURATION,
    default="2m",
    show_default=True,
    metavar="DURATION",
    help="The longest that a ring waits for those before it.",
)
@click.option("--reason", metavar="TEXT", help="Why, for the record of each run.")
@approved_by_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where sites are to be changed.")
@at_once_option
@click.option("--quiet", is_flag=True, help="No progress lines.")
@format_option("table", "json")
@fleet_option
def command(
    slug: str,
    version: str | None,
    deactivate: bool,
    yes: bool,
    now: bool,
    soak_s: int,
    reason: str | None,
    approved_by: tuple[str, ...],
    detailed_exitcode: bool,
    at_once: int,
    quiet: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    """Make the plugin SLUG exactly VERSION on every site of the fleet that has it, also where its
    files leave it to the client or say nothing of it. Nothing else is changed there.

    It goes ring by ring, with short waits, and stops as a pass does. Sites that have this version
    or a newer one are left alone.
    """
    _require_fitting(slug, version, reason, deactivate=deactivate, yes=yes)
    from wpstate.adapters.controller_process import account
    from wpstate.cli.output import say, say_json
    from wpstate.cli.watching import watching
    from wpstate.model.mandate import Mandate
    from wpstate.model.run import Run
    from wpstate.patching import PatchWiring
    from wpstate.planning.authority import approvers_of
    from wpstate.report.patch_text import patching_lines
    from wpstate.report.record import to_json
    from wpstate.report.run_text import run_lines
    from wpstate.workflows.patch import Hurry

    as_table = output_format == "table"

    def told(run: Run) -> None:
        if as_table:
            watched.say(run_lines(run))

    approvers = approvers_of("", approved_by or (account(),))
    mandate = Mandate(approvers, reason or "") if yes else None
    with (
        watching(quiet=quiet, as_json=not as_table) as watched,
        PatchWiring(fleet_folder, watched) as wired,
    ):
        done = wired.patch(slug, version, Hurry(soak_s, now), mandate, told=told, at_once=at_once)
    if as_table:
        say(patching_lines(done))
        if not yes:
            say(_next(done))
    else:
        say_json(to_json(done))
    return _code(done, detailed=detailed_exitcode)


def _require_fitting(
    slug: str,
    version: str | None,
    reason: str | None,
    *,
    deactivate: bool,
    yes: bool,
) -> None:
    """Raises click.UsageError."""
    if deactivate == (version is not None):
        raise click.UsageError("write a VERSION, or --deactivate where no fix exists")
    if _SLUG.fullmatch(slug) is None:
        raise click.UsageError(f"{slug!r} is no name of a plugin's folder")
    if version is not None and _VERSION.fullmatch(version) is None:
        raise click.UsageError(f"{version!r} is no exact version such as 9.1.2")
    if yes and not (reason and reason.strip()):
        raise click.UsageError("say why with --reason: each run's record keeps it")


def _next(done: "Patching") -> tuple[tuple["Part", ...], ...]:
    from wpstate.report.lines import Tone, line

    due = any(each.standing.value in ("due", "waits") for each in done.sites)
    return (line("Nothing was changed: add --yes --reason TEXT", Tone.STRONG),) if due else ()


def _code(done: "Patching", *, detailed: bool) -> int:
    from wpstate.model.reconciled import Standing

    code = exit_codes.of_outcomes(each.run.outcome for each in done.sites if each.run)
    standings = {each.standing for each in done.sites}
    ran = any(each.run for each in done.sites)
    unfinished = {Standing.REFUSED} | ({Standing.WAITS, Standing.HALTED} if ran else set())
    if code == exit_codes.DONE and standings & unfinished:
        return exit_codes.REFUSED
    due = standings & {Standing.DUE, Standing.WAITS}
    return exit_codes.CHANGES if code == exit_codes.DONE and detailed and due else code
