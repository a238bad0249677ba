"""Progress in lines: of text for a log, of JSON for a program. The table of a terminal is left to
cli.live_table, the thread that calls all three to cli.watching."""

from time import monotonic
from typing import Protocol

from wpstate.cli.output import harmless_json
from wpstate.cli.stderr import Stderr
from wpstate.model.progress import Looked, PhaseBegan, ProgressEvent, Stopping
from wpstate.report.lines import Line
from wpstate.report.watched import Watched, looked_line, stopping_line
from wpstate.resources.foreign_text import visible

_LOOK_LINE_EACH_S = 10.0


class View(Protocol):
    """Used by one thread alone."""

    def show(self, event: ProgressEvent, watched: Watched) -> None:
        """What just happened; `watched` has it already."""

    def tick(self, watched: Watched) -> None:
        """A moment has passed."""

    def step_aside(self) -> None:
        """Leave nothing on the terminal that others would write into."""


class PlainLines:
    """For logs: each phase as it begins."""

    def __init__(self, out: Stderr) -> None:
        self._out = out
        self._looked_s: float | None = None

    def show(self, event: ProgressEvent, watched: Watched) -> None:
        match event:
            case PhaseBegan():
                text = f" {visible(event.text)}" if event.text else ""
                self._out.write(f"{event.site}: {event.phase.value}{text} …\n")
            case Stopping():
                self._out.write(f"{_text(stopping_line(event))}\n")
            case Looked():
                self._look(event)
            case _:
                pass

    def _look(self, event: Looked) -> None:
        """Only of looks that take long."""
        if event.answered in (0, event.sites) or self._looked_s is None:
            self._looked_s = monotonic()
        elif monotonic() - self._looked_s >= _LOOK_LINE_EACH_S:
            self._looked_s = monotonic()
            self._out.write(f"{_text(looked_line(event))}\n")

    def tick(self, watched: Watched) -> None:
        """A log has no now."""

    def step_aside(self) -> None:
        """What is written stays."""


class JsonLines:
    """For programs: each event as it happens, as schemas/event.schema.json says."""

    def __init__(self, out: Stderr) -> None:
        self._out = out

    def show(self, event: ProgressEvent, watched: Watched) -> None:
        from wpstate.report.progress_record import event_to_text

        self._out.write(f"{harmless_json(event_to_text(event))}\n")

    def tick(self, watched: Watched) -> None:
        """Programs have clocks."""

    def step_aside(self) -> None:
        """What is written stays."""


def _text(line: Line) -> str:
    return "".join(part.text for part in line)
