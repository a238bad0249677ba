"""`wpstate worker`: carry out the runs that passes on any machine hand over."""

from pathlib import Path

import click

from wpstate.cli import exit_codes
from wpstate.cli.options import at_once_option, examples, fleet_option


@click.command(
    "worker",
    short_help="Carry out the runs that other machines hand over.",
    epilog=examples(
        "WPSTATE_DATABASE=postgresql://wpstate:PASSWORD@db.example/wpstate wpstate worker",
        "wpstate worker --at-once 8",
        "wpstate worker --migrate   # once, after an upgrade that asks for it",
    ),
)
@at_once_option
@click.option(
    "--migrate",
    is_flag=True,
    help="Bring the queue's tables to the version that is installed, then end.",
)
@click.option("--quiet", is_flag=True, help="No progress lines.")
@fleet_option
def command(at_once: int, migrate: bool, quiet: bool, fleet_folder: Path | None) -> int:
    """Take runs from the PostgreSQL of WPSTATE_DATABASE until asked to stop (SIGTERM, Ctrl-C), then
    end what is under way; asked twice, the runs are stopped as Ctrl-C stops one. What is changed is
    what this machine's fleet folder asks for too.
    """
    from wpstate.cli import failures
    from wpstate.cli.watching import watching
    from wpstate.machines import worker
    from wpstate.model.run import Run
    from wpstate.report.run_text import run_lines
    from wpstate.wiring import Wiring

    def told(run: Run) -> None:
        watched.say(run_lines(run))

    def failed(error: Exception) -> None:
        with watched.aside():
            failures.tell(error, as_json=False)

    with (
        watching(quiet=quiet) as watched,
        Wiring(fleet_folder, watched, attended=False) as wired,
    ):
        if migrate:
            for name in wired.queue().migrate():
                click.echo(f"applied {name}")
            return exit_codes.DONE
        worker(wired, at_once, told=told, failed=failed).work()
    return exit_codes.DONE
