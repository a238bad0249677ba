"""`wpstate apply`: execute a saved plan, or plan, ask and execute."""

import sys
from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import sites_and_files
from wpstate.cli.options import (
    approved_by_option,
    at_once_option,
    examples,
    fleet_option,
    format_option,
    only_option,
)
from wpstate.model.problem import Problem, Refused

_DECLINED = Problem(
    "plan.declined",
    "nobody agreed to this plan",
    why="a plan is applied once somebody read it",
    mend="wpstate plan",
)


@click.command(
    "apply",
    short_help="Apply a saved plan, or plan and apply sites.",
    epilog=examples(
        "wpstate apply boutique.plan",
        "wpstate apply boutique",
        "wpstate apply boutique --only plugins.woocommerce --yes",
    ),
)
@click.argument("targets", nargs=-1, metavar="[FILE | SITE]...", shell_complete=sites_and_files)
@click.option("--yes", is_flag=True, help="Do not ask before applying a fresh plan.")
@only_option
@click.option("--heal", is_flag=True, help="Also put back what drifted, not only what is declared.")
@click.option("--allow-dirty", is_flag=True, help="Accept a plan made from uncommitted files.")
@click.option("--outside-window", is_flag=True, help="Also where the site's window is closed.")
@approved_by_option
@at_once_option
@click.option("--quiet", is_flag=True, help="No progress lines.")
@format_option("table", "json")
@fleet_option
def command(
    targets: tuple[str, ...],
    yes: bool,
    only: tuple[str, ...],
    heal: bool,
    allow_dirty: bool,
    outside_window: bool,
    approved_by: tuple[str, ...],
    at_once: int,
    quiet: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    """Apply a saved plan FILE exactly as it was approved, or plan SITEs now and apply that.

    Each site is locked, snapshotted, changed, looked at from outside, and put back by itself
    where anything is wrong.
    """
    from wpstate.adapters.plans import read_plan
    from wpstate.cli.output import say, say_json
    from wpstate.cli.watching import watching
    from wpstate.model.run import Run
    from wpstate.report.personal import masked_run
    from wpstate.report.plan_text import plan_lines
    from wpstate.report.record import to_json
    from wpstate.report.run_text import run_lines
    from wpstate.wiring import Wiring
    from wpstate.workflows.apply_plan import apply_plan
    from wpstate.workflows.plan import chosen
    from wpstate.workflows.recover import recover_first

    as_table = output_format == "table"

    def told(run: Run) -> None:
        if as_table:
            watched.say(run_lines(run))

    with (
        watching(quiet=quiet, as_json=output_format == "json") as watched,
        Wiring(fleet_folder, watched) as wired,
    ):
        saved = len(targets) == 1 and Path(targets[0]).is_file()
        if saved:
            if only or heal:
                raise click.UsageError("--only and --heal belong to plan: a saved plan is whole")
            plan = read_plan(Path(targets[0]))
        else:
            recover_first(chosen(wired.fleet(), targets), wired.tools())
            plan = wired.plan(targets, only=only, heal_all=heal)
            asks = not yes and any(site.changes and not site.refusals for site in plan.sites)
            with watched.aside():
                if as_table or asks:
                    say(plan_lines(plan, with_next=False), to_stderr=not as_table)
                if asks and not sys.stdin.isatty():
                    raise click.UsageError("nobody is there to ask: add --yes, or apply a FILE")
                if asks and not click.confirm("Apply this plan?", err=True):
                    raise Refused([_DECLINED])
        runs = apply_plan(
            wired.with_authority(plan, approved_by),
            wired.fleet(),
            wired.tools(),
            allow_dirty=allow_dirty,
            told=told,
            facts=wired.facts() if wired.fleet().facts else None,
            outside_window=outside_window,
            several=wired.several(at_once, here=outside_window or bool(plan.only)),
        )
    if not as_table:
        say_json(to_json(tuple(masked_run(run) for run in runs)))
    return exit_codes.of_outcomes(run.outcome for run in runs)
