"""Writes reports to a terminal or a pipe: results on stdout, problems on stderr. What happens
meanwhile is left to cli.watching."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from wpstate.model.problem import WpstateError
from wpstate.report.lines import Line, Tone
from wpstate.resources.foreign_text import visible

_PART_CHARACTERS = 10_000
# C0 but for tab and newline, DEL, C1, soft hyphen, what directs or hides text, lone surrogates.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)

_STYLES: Mapping[Tone, Mapping[str, object]] = {
    Tone.PLAIN: {},
    Tone.STRONG: {"bold": True},
    Tone.FAINT: {"dim": True},
    Tone.GOOD: {"fg": "green"},
    Tone.CHANGE: {"fg": "cyan"},
    Tone.WARN: {"fg": "yellow"},
    Tone.BAD: {"fg": "red"},
}


def wants_colour(stream: IO[str], environment: Mapping[str, str]) -> bool:
    """NO_COLOR wins (no-color.org), then FORCE_COLOR, then whether a person is looking."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def say(lines: Iterable[Line], *, to_stderr: bool = False) -> None:
    """Print toned lines. Text from sites was made visible where it came in; what slipped through,
    such as an escape in somebody's plan file, does not reach the terminal either."""
    stream = sys.stderr if to_stderr else sys.stdout
    colour = wants_colour(stream, os.environ)
    for one in lines:
        text = "".join(
            click.style(visible(part.text, _PART_CHARACTERS), **_STYLES[part.tone])  # type: ignore[arg-type]
            if colour and _STYLES[part.tone]
            else visible(part.text, _PART_CHARACTERS)
            for part in one
        )
        if "".join(part.text for part in one).lstrip().startswith("::"):
            # A line that begins so is a command to the runner of GitHub Actions.
            text = f"\\{text}"
        click.echo(text.rstrip(), file=stream, color=colour)


def say_json(text: str) -> None:
    """Print a JSON document (`harmless_json`)."""
    click.echo(harmless_json(text), file=sys.stdout, color=False)


def harmless_json(text: str) -> str:
    """What a terminal or a CI system would act upon, or what hides what stands there, is written
    `\\u202e`, which JSON reads as the character itself."""
    return _INVISIBLE.sub(_written_out, text.replace("##", "#\\u0023"))


def say_markdown(text: str) -> None:
    """Print a Markdown document, what nobody could see in it written out."""
    click.echo(visible_text(text), file=sys.stdout, color=False)


def visible_text(text: str) -> str:
    """What nobody could see in it is written out."""
    return _INVISIBLE.sub(_written_out, text)


def say_commands(lines: Iterable[str]) -> None:
    """Print commands to a CI system's runner, made by report.annotations."""
    for one in lines:
        click.echo(visible_text(one), file=sys.stdout, color=False)


@contextmanager
def annotated(output_format: str, folder: Callable[[], Path]) -> Iterator[None]:
    """Also shows problems of the fleet's files at their lines, where GitHub Actions looks on."""
    try:
        yield
    except WpstateError as error:
        if output_format == "github":
            from wpstate.report.annotations import annotations
            from wpstate.report.told import told_problem

            told = (told_problem(problem) for problem in error.problems)
            say_commands(annotations(told, prefix=prefix_of(folder)))
        raise


def prefix_of(folder: Callable[[], Path]) -> str:
    """Of the fleet folder in its repository: `clients/`; empty where there is none."""
    from wpstate.adapters.git_objects import prefix_in_repository

    try:
        return prefix_in_repository(folder())
    except WpstateError:
        return ""


def _written_out(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
