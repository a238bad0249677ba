"""`wpstate plan`: observe, compare, show, and save where asked."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import (
    deep_option,
    examples,
    fleet_option,
    format_option,
    only_option,
)
from wpstate.cli.reports import FORMS, report_options, wanted_reports

if TYPE_CHECKING:
    from wpstate.cli.watching import Watching
    from wpstate.model.telling import Acknowledgement, Lasting
    from wpstate.report.lines import Line
    from wpstate.report.rendered import Shown
    from wpstate.wiring import Wiring


@click.command(
    "plan",
    short_help="Show what would change on which sites.",
    epilog=examples(
        "wpstate plan",
        "wpstate plan boutique --out boutique.plan",
        "wpstate plan boutique --only plugins.woocommerce",
        "wpstate plan --rollout",
        "wpstate plan --base origin/main --head HEAD",
        "wpstate plan --base origin/main --format github --report markdown=comment.md",
        "wpstate plan --format json | jq '.sites[].changes'",
    ),
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@only_option
@click.option("--heal", is_flag=True, help="Also put back what drifted, not only what is declared.")
@deep_option
@click.option("--rollout", is_flag=True, help="Also show whose turn it is, ring by ring.")
@click.option(
    "--base",
    metavar="REVISION",
    help="Plan what merging --head into this revision would do. Its rules hold.",
)
@click.option("--head", metavar="REVISION", help="The proposed revision (with --base; HEAD).")
@click.option("--out", type=click.Path(path_type=Path), help="Save the plan to this file.")
@report_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where changes are pending.")
@format_option("table", *FORMS)
@fleet_option
def command(
    sites: tuple[str, ...],
    only: tuple[str, ...],
    heal: bool,
    deep: bool,
    rollout: bool,
    base: str | None,
    head: str | None,
    out: Path | None,
    reports: tuple[str, ...],
    artifact: str | None,
    detailed_exitcode: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    """Observe SITEs (all where none is named) and show what would change. Changes nothing.

    `--format github` prints annotations, and adds the plan to the job's summary.
    """
    from wpstate.adapters.plans import write_plan
    from wpstate.cli.output import annotated, say
    from wpstate.cli.reports import print_report, write_report
    from wpstate.cli.watching import watching
    from wpstate.report.plan_text import plan_lines
    from wpstate.report.proposal_text import proposal_lines
    from wpstate.wiring import Wiring

    if base is None and head is not None:
        raise click.UsageError("--head is told what it goes into by --base")
    if base is not None and (sites or only or heal or deep or rollout):
        raise click.UsageError("--base chooses the sites itself: those that change")
    wanted = wanted_reports(reports)
    watched = watching(as_json=output_format == "json")
    here = Wiring(fleet_folder, watched)
    below: tuple[Line, ...] = ()
    with annotated(output_format, lambda: here.fleet_folder), watched, here:
        if base is None:
            shown, below = _plan(here, sites, only, heal, deep, rollout, artifact, output_format)
        else:
            proposed = "HEAD" if head is None else head
            shown = _proposal(here.fleet_folder, base, proposed, artifact, watched)
    if out is not None:
        write_plan(shown.plan, out)
    saved_as = str(out) if out else None
    if output_format != "table":
        print_report(shown, output_format, here.step_summary)
    elif shown.proposal:
        say(proposal_lines(shown.proposal, saved_as=saved_as))
    else:
        say((*plan_lines(shown.plan, saved_as=saved_as), *below))
    for form, path in wanted:
        write_report(shown, form, path)
    if any(site.refusals for site in shown.plan.sites):
        return exit_codes.REFUSED
    if detailed_exitcode and any(site.changes for site in shown.plan.sites):
        return exit_codes.CHANGES
    return exit_codes.DONE


def _plan(
    wired: "Wiring",
    sites: tuple[str, ...],
    only: tuple[str, ...],
    heal: bool,
    deep: bool,
    rollout: bool,
    artifact: str | None,
    output_format: str,
) -> "tuple[Shown, tuple[Line, ...]]":
    """The plan, and what a table shows below it."""
    from wpstate.cli.output import prefix_of
    from wpstate.model.problem import Failed
    from wpstate.planning.turns import as_planned
    from wpstate.report.notice_text import acknowledged_lines
    from wpstate.report.pass_text import pass_lines
    from wpstate.report.rendered import Shown
    from wpstate.report.told import lines_of
    from wpstate.workflows.acknowledge import lasting
    from wpstate.workflows.plan import chosen

    plan = wired.plan(sites, only=only, heal_all=heal, deep=deep)
    fleet, now = wired.fleet(), wired.clock.now()
    told: tuple[tuple[Lasting, ...], tuple[Acknowledgement, ...]] = ((), ())
    with suppress(Failed):  # a plan needs no memory of what people were told
        if fleet.telling.receivers and output_format == "table":
            told = lasting(fleet, wired.notices(), now)
    prefix = prefix_of(lambda: wired.fleet_folder)
    below = tuple(acknowledged_lines(frozenset(each.site for each in plan.sites), *told, now))
    if rollout:
        below += tuple(pass_lines(as_planned(fleet, chosen(fleet, sites), plan, now)))
    return Shown(plan, None, lines_of(fleet), prefix, artifact), below


def _proposal(
    folder: Path, base: str, head: str, artifact: str | None, watched: "Watching"
) -> "Shown":
    from wpstate.cli.output import prefix_of
    from wpstate.proposing import propose
    from wpstate.report.rendered import Shown
    from wpstate.report.told import lines_of

    proposal, fleet = propose(folder, base, head, watched)
    prefix = prefix_of(lambda: folder)
    return Shown(proposal.plan, proposal, lines_of(fleet), prefix, artifact)
