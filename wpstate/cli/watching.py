"""Shows what happens while a command is under way, on stderr: to a person at a terminal a live
table, to a log one line per phase, to a program one event per line.

All of it is shown by a thread of its own: a terminal that is gone, stopped or slow keeps no run and
no site waiting. What the table says is left to report.watched, drawing it to cli.live_table.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from types import TracebackType
from typing import TextIO

from wpstate.adapters.interrupts import ASKING_TO_STOP, INTERRUPTS
from wpstate.cli.output import say, wants_colour
from wpstate.cli.progress_lines import JsonLines, PlainLines, View
from wpstate.cli.stderr import Stderr
from wpstate.model.progress import ProgressEvent, Stopping
from wpstate.report.lines import Line
from wpstate.report.watched import Watched

TICK_S = 0.2
MOST_WAITING = 10_000
"""Events that nobody takes; more are lost."""
_PATIENCE_S = 2.0


class Watching:
    """Progress, for as long as the block lasts. `heard`: how often somebody asked to stop."""

    def __init__(self, view: View | None, heard: Callable[[], int]) -> None:
        self._view = view
        self._heard = heard
        self._told_of = heard()
        self._unread: OSError | None = None
        self._events: SimpleQueue[ProgressEvent | _Aside | None] = SimpleQueue()
        self._thread = Thread(target=self._show_all, name="watching", daemon=True)

    def __enter__(self) -> "Watching":
        if self._view is not None:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._view is not None:
            self._events.put(None)
            self._thread.join(_PATIENCE_S)
        if self._unread is not None and error is None:
            raise self._unread

    def tell(self, event: ProgressEvent) -> None:
        if self._view is not None and self._events.qsize() < MOST_WAITING:
            self._events.put(event)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Others may write to the terminal inside; what happens meanwhile is shown afterwards."""
        if self._view is None or not self._thread.is_alive():
            yield
            return
        aside = _Aside()
        try:
            self._events.put(aside)
            aside.reached.wait(_PATIENCE_S)
            yield
        finally:
            aside.over.set()

    def say(self, lines: Iterable[Line]) -> None:
        """Print a result in between. Where nobody reads any more, the runs go on all the same, and
        the command ends as one that could not tell."""
        with self.aside():
            try:
                say(lines)
            except OSError as gone:
                self._unread = gone

    def _show_all(self) -> None:
        assert self._view is not None
        # Signals are for the main thread, which waits for them.
        signal.pthread_sigmask(signal.SIG_BLOCK, ASKING_TO_STOP)
        watched, ticked_s = Watched(), 0.0
        while True:
            try:
                event = self._events.get(timeout=TICK_S)
            except Empty:
                pass
            else:
                match event:
                    case None:
                        self._view.step_aside()
                        return
                    case _Aside():
                        self._view.step_aside()
                        event.reached.set()
                        event.over.wait()
                    case _:
                        self._take(event, watched)
            self._ask_whether_stopping(watched)
            if monotonic() - ticked_s >= TICK_S:
                ticked_s = monotonic()
                self._view.tick(watched)

    def _take(self, event: ProgressEvent, watched: Watched) -> None:
        assert self._view is not None
        watched.take(event, monotonic())
        self._view.show(event, watched)

    def _ask_whether_stopping(self, watched: Watched) -> None:
        heard = self._heard()
        if heard != self._told_of and watched.under_way:
            self._told_of = heard
            stopping = Stopping(datetime.now(UTC), watched.under_way, again=heard > 1)
            self._take(stopping, watched)


class _Aside:
    def __init__(self) -> None:
        self.reached, self.over = Event(), Event()


def watching(*, quiet: bool = False, as_json: bool = False) -> Watching:
    """How this command's progress is shown, by what stands behind stderr and the environment."""
    return Watching(
        None if quiet else chosen_view(sys.stderr, os.environ, as_json=as_json),
        lambda: INTERRUPTS.heard,
    )


def chosen_view(stream: TextIO, environment: Mapping[str, str], *, as_json: bool) -> View | None:
    """None where the stream leads nowhere."""
    try:
        out = Stderr(stream)
    except (OSError, ValueError):
        return None
    if as_json:
        return JsonLines(out)
    if not is_watched(stream, environment):
        return PlainLines(out)
    from wpstate.cli.live_table import LiveTable

    return LiveTable(out, colour=wants_colour(stream, environment))


def is_watched(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether a person sits before it, at a terminal that can move its cursor."""
    in_ci = environment.get("CI", "").lower() not in ("", "0", "false")
    able = environment.get("TERM", "") not in ("", "dumb", "unknown")
    return stream.isatty() and able and not in_ci
