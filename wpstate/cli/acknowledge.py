"""`wpstate acknowledge`: say that somebody knows, and list what people were told of."""

from pathlib import Path

import click

from wpstate.cli.names import causes_and_sites
from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "acknowledge",
    short_help="Hear no more of a trouble for some time.",
    epilog=examples(
        "wpstate acknowledge --list",
        'wpstate acknowledge boutique --until 3d --why "the host moves it on Monday"',
        'wpstate acknowledge drift:content.home --until 2027-01-15 --why "the client decides"',
        "wpstate acknowledge boutique --withdraw",
    ),
)
@click.argument("named", required=False, metavar="[CAUSE|SITE]", shell_complete=causes_and_sites)
@click.option("--until", metavar="DATE|DURATION", help="Such as 2027-01-15, its end, or 3d.")
@click.option("--why", metavar="TEXT", help="What is known or done; shown wherever it is told.")
@click.option("--list", "listed", is_flag=True, help="Show what lasts, and who knows of it.")
@click.option("--withdraw", is_flag=True, help="Let it speak again.")
@format_option("table", "json")
@fleet_option
def command(
    named: str | None,
    until: str | None,
    why: str | None,
    listed: bool,
    withdraw: bool,
    output_format: str,
    fleet_folder: Path | None,
) -> None:
    """Silence a CAUSE, or all that a SITE has now, until then. It is still shown, and speaks again
    when that time ends, when it has spread to twice as many sites, or when it ended and comes back.
    """
    from wpstate.adapters.controller_process import account
    from wpstate.cli.output import say, say_json
    from wpstate.report.contract import acknowledged
    from wpstate.report.notice_text import lasting_lines
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring
    from wpstate.workflows import acknowledge as work

    if listed == bool(named) or (withdraw and (until or why)):
        raise click.UsageError("name a CAUSE or a SITE with --until and --why, or write --list")
    if named and not withdraw and not (until and why):
        raise click.UsageError("--until says when it speaks again, --why what is known of it")
    with Wiring(fleet_folder) as wired:
        fleet, notices, now = wired.fleet(), wired.notices(), wired.clock.now()
        if named and withdraw:
            work.withdraw(fleet, notices, named)
        elif named:
            work.acknowledge(fleet, notices, named, until or "", why or "", by=account(), now=now)
        lasting, known = work.lasting(fleet, notices, now)
    if output_format == "json":
        say_json(to_json(acknowledged(lasting, known)))
    else:
        say(lasting_lines(lasting, known, now))
