"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from wpstate.cli.names import keys

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

fleet_option: Decorator = click.option(
    "--fleet",
    "fleet_folder",
    type=click.Path(path_type=Path),
    envvar="WPSTATE_FLEET",
    help="The fleet folder (default: the nearest folder with a fleet.yml).",
)

only_option: Decorator = click.option(
    "--only",
    multiple=True,
    metavar="KEY",
    shell_complete=keys,
    help="Only this key, for example core.*",
)

at_once_option: Decorator = click.option(
    "--at-once",
    type=click.IntRange(1, 32),
    default=4,
    show_default=True,
    metavar="N",
    help="Sites changed at the same time, two of them on one host.",
)


def format_option(*formats: str) -> Decorator:
    """`--format`, the first format being the default."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to print the result.",
    )


def examples(*lines: str) -> str:
    """An epilog with one example per line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
