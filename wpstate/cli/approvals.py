"""`reconcile --approved`: which plan people agreed to, and what they are shown anew."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpstate.cli.options import Decorator, approved_by_option

if TYPE_CHECKING:
    from wpstate.model.plan import SitePlan
    from wpstate.model.site import SiteId
    from wpstate.planning.approved import Approvals
    from wpstate.wiring import Wiring
    from wpstate.workflows.approvals import Fresh


def approval_options(command: Callable[..., Any]) -> Callable[..., Any]:
    approved: Decorator = click.option(
        "--approved",
        metavar="PLAN",
        help="Do what git asks only as this plan showed it: a file, a digest, or `kept`: any plan "
        "kept here of a proposal that was merged.",
    )
    report: Decorator = click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="markdown=FILE",
        help="With --approved: where something moved, write what, and a fresh plan, to this file.",
    )
    return approved(approved_by_option(report(command)))


def comment_file(reports: tuple[str, ...], approved: str | None, *, once: bool) -> Path | None:
    """Raises click.UsageError."""
    if not reports:
        return None
    form, _, path = reports[-1].partition("=")
    if len(reports) > 1 or form != "markdown" or not path or approved is None or not once:
        raise click.UsageError("write --report markdown=FILE once, with --once and --approved")
    return Path(path)


def approved_words(approved: str | None) -> tuple[str, ...]:
    """As a service hands them to each of its passes."""
    return () if approved is None else ("--approved", approved)


def agreed(wired: "Wiring", approved: str) -> "Approvals":
    from wpstate.adapters.plans import read_plan
    from wpstate.workflows.approvals import approvals

    return approvals(approved, wired.fleet().name, wired.shown_plans(), read_plan)


def fresh_of(
    wired: "Wiring", latest: "Mapping[SiteId, SitePlan]", given: "Approvals"
) -> "Fresh | None":
    from wpstate.workflows.approvals import fresh_plan

    return fresh_plan(latest, given, wired.plan_regardless, wired.shown_plans(), wired.clock)


def tell_fresh(fresh: "Fresh", comment: Path | None, *, in_words: bool) -> None:
    from wpstate.adapters.plans import write_text
    from wpstate.cli.output import say, visible_text
    from wpstate.report.lines import line
    from wpstate.report.personal import masked_plan
    from wpstate.report.plan_text import plan_lines
    from wpstate.report.problems import problems_lines
    from wpstate.report.proposal_markdown import moved_comment

    if in_words:
        say(problems_lines(fresh.refused.values(), label="refusal"))
        say(plan_lines(fresh.plan, with_next=False))
        say([line(f"To agree to it: wpstate reconcile --once --approved {fresh.digest}")])
    if comment is not None:
        text = moved_comment(masked_plan(fresh.plan), fresh.refused, fresh.digest)
        write_text(comment, visible_text(text))
