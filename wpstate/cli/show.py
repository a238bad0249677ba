"""`wpstate show`: a saved plan or a past run, whole. Works on stale and expired plans too."""

from pathlib import Path

import click

from wpstate.cli.names import files
from wpstate.cli.options import examples, format_option


@click.command(
    "show",
    short_help="Read a saved plan or a past run.",
    epilog=examples("wpstate show boutique.plan", "wpstate show 20261122T093102Z-3f2a91"),
)
@click.argument("what", metavar="FILE | RUN", shell_complete=files)
@format_option("table", "json", "markdown")
def command(what: str, output_format: str) -> None:
    """Show a saved plan FILE or a RUN of the ledger."""
    from wpstate.adapters.plans import read_plan
    from wpstate.cli.output import say, say_json, say_markdown
    from wpstate.model.problem import Problem, UsageError
    from wpstate.report.lines import Tone, line
    from wpstate.report.markdown import plan_markdown
    from wpstate.report.personal import masked_plan, masked_run
    from wpstate.report.plan_text import plan_lines
    from wpstate.report.record import to_json
    from wpstate.report.run_text import run_lines
    from wpstate.wiring import Wiring

    if Path(what).is_file():
        plan = read_plan(Path(what))
        if output_format == "json":
            say_json(to_json(masked_plan(plan)))
        elif output_format == "markdown":
            say_markdown(plan_markdown(masked_plan(plan)).rstrip())
        else:
            with Wiring(None) as wired:
                expired = wired.clock.now() >= plan.expires_at
            if expired:
                say([line("This plan has expired: apply will refuse it.", Tone.WARN)])
            say(plan_lines(plan, saved_as=what))
        return
    with Wiring(None) as wired:
        run = wired.ledger().run(what)
    if run is None:
        raise UsageError(
            [
                Problem(
                    slug="usage.show",
                    what="neither a plan file nor a run of the ledger",
                    key=what,
                    found=what,
                    why="show reads a file that plan saved, or a run that apply recorded",
                    mend="wpstate runs",
                )
            ]
        )
    if output_format == "markdown":
        raise click.UsageError("markdown is for plans: a run is shown as table or json")
    if output_format == "json":
        say_json(to_json(masked_run(run)))
    else:
        say(run_lines(run))
