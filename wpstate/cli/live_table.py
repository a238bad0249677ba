"""Draws what happens as a table that stays in its place on a terminal, by rich. It is erased before
others write, and at the end: what stays is the results.

Which rows there are is left to report.watched.
"""

from collections.abc import Mapping
from io import StringIO
from time import monotonic

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wpstate.cli.stderr import Stderr
from wpstate.model.progress import ProgressEvent
from wpstate.report.lines import Line, Part, Tone
from wpstate.report.watched import HEAD, MOST_ROWS, Picture, Watched
from wpstate.resources.foreign_text import visible

_STYLES: Mapping[Tone, str] = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.FAINT: "dim",
    Tone.GOOD: "green",
    Tone.CHANGE: "cyan",
    Tone.WARN: "yellow",
    Tone.BAD: "red",
}
_CELL_CHARACTERS = 60
_LEAST_COLUMNS = (0, 0, 56, 44, 32)
"""How wide a terminal must be for each column of HEAD."""
_BESIDE_ROWS = 4
"""The head, up to two lines below, and the cursor's."""


class LiveTable:
    def __init__(self, out: Stderr, *, colour: bool) -> None:
        self._out = out
        self._colour = colour
        self._drawn: list[int] = []
        """The widths of the lines that stand on the terminal, the cursor below them."""
        self._last = ("", 0)

    def show(self, event: ProgressEvent, watched: Watched) -> None:
        """It is in the next picture."""

    def tick(self, watched: Watched) -> None:
        columns, lines = self._out.size()
        picture = watched.picture(monotonic(), min(MOST_ROWS, lines - _BESIDE_ROWS))
        text = self._rendered(picture, columns, lines) if picture.rows or picture.foot else ""
        if (text, columns) == self._last or not (text or self._drawn):
            return
        # One write: no moment at which the table is not there.
        self._out.write(self._erasing(columns) + text)
        self._drawn = [cell_len(line) for line in click.unstyle(text).splitlines()]
        self._last = text, columns

    def step_aside(self) -> None:
        if self._drawn:
            self._out.write(self._erasing(self._out.size()[0]))
            self._drawn, self._last = [], ("", 0)

    def _erasing(self, columns: int) -> str:
        """Back to the first line and clear from there. Lines that a narrower terminal broke count
        as so many as they became."""
        up = sum(max(1, -(-width // max(1, columns))) for width in self._drawn)
        return f"\r\x1b[{up}A\x1b[J" if up else "\r\x1b[J"

    def _rendered(self, picture: Picture, columns: int, lines: int) -> str:
        written = StringIO()
        console = Console(
            file=written,
            # The last column stays free: terminals disagree about what comes after it.
            width=max(1, columns - 1),
            height=lines,
            force_terminal=True,
            color_system="standard" if self._colour else None,
            markup=False,
            highlight=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )
        if picture.rows and lines > _BESIDE_ROWS:
            console.print(_table(picture, columns), crop=True)
        for line in picture.foot[: max(1, lines - 1)]:
            console.print(_styled(line), no_wrap=True, overflow="ellipsis", crop=True)
        return written.getvalue()


def _table(picture: Picture, columns: int) -> Table:
    shown = [at for at, least in enumerate(_LEAST_COLUMNS) if columns >= least]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for at in shown:
        justify = "right" if HEAD[at] in ("SINCE", "FROZEN") else "left"
        table.add_column(HEAD[at], justify=justify, no_wrap=True, overflow="ellipsis")  # type: ignore[arg-type]
    for row in picture.rows:
        table.add_row(*(_styled((row[at],)) for at in shown))
    return table


def _styled(line: Line) -> Text:
    text = Text()
    for part in line:
        text.append(*_piece(part))
    return text


def _piece(part: Part) -> tuple[str, str]:
    return visible(part.text, _CELL_CHARACTERS * 3), _STYLES[part.tone]
