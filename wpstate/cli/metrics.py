"""`wpstate metrics`: the figures of the last passes and of all runs, as OpenMetrics text."""

from pathlib import Path

import click

from wpstate.cli.options import DURATION, examples


@click.command(
    "metrics",
    short_help="Print figures of passes and runs for a monitoring system.",
    epilog=examples(
        "wpstate metrics",
        "wpstate metrics --write /var/lib/node_exporter/wpstate.prom",
        "wpstate metrics --max-age 1h >/dev/null   # exit 1 where no pass ended since then",
    ),
)
@click.option(
    "--write",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Replace this file in one step, as node_exporter's textfile collector wants it.",
)
@click.option(
    "--max-age",
    "max_age_s",
    type=DURATION,
    metavar="DURATION",
    help="Fail where a fleet's last pass ended longer ago.",
)
@click.option(
    "--forget", metavar="FLEET", help="Forget the passes of a fleet that is no more, by its name."
)
def command(file: Path | None, max_age_s: int | None, forget: str | None) -> None:
    """Print what the last passes of `wpstate reconcile` found and how runs ended, as OpenMetrics
    text. Nothing is looked at for it; what is not known is left out.
    """
    from wpstate.wiring import Wiring
    from wpstate.workflows import passes as kept

    with Wiring(None) as wired:
        passes = wired.passes()
        if forget is not None:
            kept.forget(passes, forget)
        text = kept.metrics(passes, wired.ledger())
        if file is None:
            click.echo(text, nl=False)
        else:
            from wpstate.adapters.metrics_files import write_metrics

            write_metrics(file, text)
        if max_age_s is not None:
            kept.require_fresh(passes, wired.clock, max_age_s)
