"""Writes reports to a terminal or a pipe: results on stdout, progress and problems on stderr."""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import IO

import click

from wpstate.model.run import Phase
from wpstate.model.site import SiteId
from wpstate.report.lines import Line, Tone
from wpstate.resources.foreign_text import visible

_PART_CHARACTERS = 10_000

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
        click.echo(text.rstrip(), file=stream, color=colour)


def say_json(text: str) -> None:
    click.echo(text, file=sys.stdout, color=False)


class TerminalProgress:
    """One line per phase on stderr, as it begins."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def phase(self, site: SiteId, phase: Phase, text: str) -> None:
        if self._quiet:
            return
        try:
            click.echo(f"{site}: {phase.value}{f' {text}' if text else ''} …", err=True)
        except (OSError, ValueError):
            # Nobody watches any more; the site matters more than the view.
            self._quiet = True
