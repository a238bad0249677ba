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

base_option: Decorator = click.option(
    "--base",
    default="HEAD",
    show_default=True,
    metavar="REVISION",
    help="What the branch is built on; its files count, not those of the working tree.",
)

no_look_option: Decorator = click.option(
    "--no-look",
    is_flag=True,
    help="Look at no site: their PHP and what was rolled back there is then not known.",
)

write_option: Decorator = click.option(
    "--write", is_flag=True, help="Write the file in the fleet folder, and no branch."
)

approved_by_option: Decorator = click.option(
    "--approved-by",
    multiple=True,
    metavar="NAME",
    help="Who agreed to it, for the record, beside whom the commit names.",
)

at_once_option: Decorator = click.option(
    "--at-once",
    type=click.IntRange(1, 32),
    default=4,
    show_default=True,
    metavar="N",
    help="Sites changed at the same time, few of them on one host (runs_at_once).",
)


deep_option: Decorator = click.option(
    "--deep",
    is_flag=True,
    help="Also hold every file against what was shipped, and look for PHP among uploads.",
)


class _Duration(click.ParamType[int]):
    """Seconds, of text as in the fleet's files: `30s`, `15m`, `24h`."""

    name = "duration"

    def __init__(self, *, or_none: bool = False) -> None:
        """`or_none`: `0s` too."""
        self._or_none = or_none

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from wpstate.desired.quantities import duration_s

        seconds = duration_s(str(value))
        if self._or_none and str(value) in ("0", "0s", "0m"):
            return 0
        if seconds is None:
            self.fail(f"{value!r} is no duration such as 30s, 15m or 24h", param, ctx)
        return seconds


DURATION = _Duration()
DURATION_OR_NONE = _Duration(or_none=True)


class _Address(click.ParamType[tuple[str, int]]):
    """`127.0.0.1:9898`, `[::1]:9898`."""

    name = "address"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        host, _, port = str(value).rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
            self.fail(f"{value!r} is no ADDRESS:PORT such as 127.0.0.1:9898", param, ctx)
        return host.removeprefix("[").removesuffix("]"), int(port)


ADDRESS = _Address()


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
