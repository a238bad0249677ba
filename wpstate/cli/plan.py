"""`wpstate plan`: observe, compare, show, and save where asked."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option, only_option

if TYPE_CHECKING:
    from wpstate.model.plan import Plan
    from wpstate.model.telling import Acknowledgement, Lasting


@click.command(
    "plan",
    short_help="Show what would change on which sites.",
    epilog=examples(
        "wpstate plan",
        "wpstate plan boutique --out boutique.plan",
        "wpstate plan boutique --only plugins.woocommerce",
        "wpstate plan --rollout",
        "wpstate plan --base origin/main --head HEAD",
        "wpstate plan --format json | jq '.sites[].changes'",
    ),
)
@click.argument("sites", nargs=-1, metavar="[SITE]...", shell_complete=site_names)
@only_option
@click.option("--heal", is_flag=True, help="Also put back what drifted, not only what is declared.")
@click.option("--rollout", is_flag=True, help="Also show whose turn it is, ring by ring.")
@click.option(
    "--base",
    metavar="REVISION",
    help="Plan what merging --head into this revision would do. Its rules hold.",
)
@click.option("--head", metavar="REVISION", help="The proposed revision (with --base; HEAD).")
@click.option("--out", type=click.Path(path_type=Path), help="Save the plan to this file.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where changes are pending.")
@format_option("table", "json", "markdown")
@fleet_option
def command(
    sites: tuple[str, ...],
    only: tuple[str, ...],
    heal: bool,
    rollout: bool,
    base: str | None,
    head: str | None,
    out: Path | None,
    detailed_exitcode: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    """Observe SITEs (all where none is named) and show what would change. Changes nothing."""
    if base is None:
        if head is not None:
            raise click.UsageError("--head is told what it goes into by --base")
        plan = _plan(sites, only, heal, rollout, out, output_format, fleet_folder)
    else:
        if sites or only or heal or rollout:
            raise click.UsageError("--base chooses the sites itself: those that change")
        plan = _proposal(base, "HEAD" if head is None else head, out, output_format, fleet_folder)
    if any(site.refusals for site in plan.sites):
        return exit_codes.REFUSED
    if detailed_exitcode and any(site.changes for site in plan.sites):
        return exit_codes.CHANGES
    return exit_codes.DONE


def _plan(
    sites: tuple[str, ...],
    only: tuple[str, ...],
    heal: bool,
    rollout: bool,
    out: Path | None,
    output_format: str,
    fleet_folder: Path | None,
) -> "Plan":
    from wpstate.adapters.plans import write_plan
    from wpstate.cli.output import say, say_json, say_markdown
    from wpstate.cli.watching import watching
    from wpstate.model.problem import Failed
    from wpstate.planning.turns import as_planned
    from wpstate.report.markdown import plan_markdown
    from wpstate.report.notice_text import acknowledged_lines
    from wpstate.report.pass_text import pass_lines
    from wpstate.report.personal import masked_plan
    from wpstate.report.plan_text import plan_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.acknowledge import lasting
    from wpstate.workflows.plan import chosen

    with (
        watching(as_json=output_format == "json") as watched,
        Wiring(fleet_folder, watched) as wired,
    ):
        plan = wired.plan(sites, only=only, heal_all=heal)
        fleet, now = wired.fleet(), wired.clock.now()
        told: tuple[tuple[Lasting, ...], tuple[Acknowledgement, ...]] = ((), ())
        with suppress(Failed):  # a plan needs no memory of what people were told
            if fleet.telling.receivers and output_format == "table":
                told = lasting(fleet, wired.notices(), now)
    if out is not None:
        write_plan(plan, out)
    if output_format == "json":
        say_json(to_json(masked_plan(plan)))
    elif output_format == "markdown":
        say_markdown(plan_markdown(masked_plan(plan)).rstrip())
    else:
        say(plan_lines(plan, saved_as=str(out) if out else None))
        say(acknowledged_lines(frozenset(each.site for each in plan.sites), *told, now))
        if rollout:
            say(pass_lines(as_planned(fleet, chosen(fleet, sites), plan, now)))
    return plan


def _proposal(
    base: str, head: str, out: Path | None, output_format: str, fleet_folder: Path | None
) -> "Plan":
    from wpstate.adapters.plans import write_plan
    from wpstate.cli.output import say, say_json, say_markdown
    from wpstate.proposing import propose
    from wpstate.report.personal import masked_proposal
    from wpstate.report.proposal_markdown import proposal_markdown
    from wpstate.report.proposal_text import proposal_lines
    from wpstate.report.record import to_json

    proposal = propose(fleet_folder, base, head)
    if out is not None:
        write_plan(proposal.plan, out)
    if output_format == "json":
        say_json(to_json(masked_proposal(proposal)))
    elif output_format == "markdown":
        say_markdown(proposal_markdown(masked_proposal(proposal)).rstrip())
    else:
        say(proposal_lines(proposal, saved_as=str(out) if out else None))
    return proposal.plan
