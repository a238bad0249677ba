"""`wpstate revert`: plan that what was changed on a site is put back."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.names import site_names
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "revert",
    short_help="Plan that what was changed on a site is put back.",
    epilog=examples(
        "wpstate revert boutique options.timezone_string",
        "wpstate revert boutique 'options.*' --out boutique.plan",
    ),
)
@click.argument("site", shell_complete=site_names)
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--out", type=click.Path(path_type=Path), help="Save the plan to this file.")
@format_option("table", "json")
@fleet_option
def command(
    site: str,
    keys: tuple[str, ...],
    out: Path | None,
    output_format: str,
    fleet_folder: Path | None,
) -> int:
    """Plan that these KEYs (or globs), which somebody changed on SITE, are again as git asks: what
    drifted, is in conflict or exempt, and nothing that is merely pending. Changes nothing: apply
    the plan as any other.
    """
    from wpstate.adapters.plans import write_plan
    from wpstate.cli.output import say, say_json
    from wpstate.report.lines import line
    from wpstate.report.personal import masked_plan
    from wpstate.report.plan_text import plan_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows.revert import revert

    with Wiring(fleet_folder) as wired:
        plan = revert(site, keys, wired.plan)
    if out is not None:
        write_plan(plan, out)
    saved_as = str(out) if out else None
    if output_format == "json":
        say_json(to_json(masked_plan(plan)))
    else:
        say(plan_lines(plan, saved_as=saved_as, with_next=False))
    if any(one.refusals for one in plan.sites):
        return exit_codes.REFUSED
    if output_format == "json":
        return exit_codes.DONE
    only = " ".join(f"--only {key}" for key in plan.only)
    say([line(f"Next: wpstate apply {saved_as or f'{site} {only}'}")])
    return exit_codes.DONE
