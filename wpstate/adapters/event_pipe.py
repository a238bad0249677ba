"""What a run in a process of its own tells its command while it is under way: events through one
pipe, last words through another. What is shown of it is left to whoever hears the events.

Neither end can harm the other: the run never waits for its command, and what the command reads is
limited and may be anything.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from select import PIPE_BUF
from threading import Thread

import msgspec

from wpstate.model.progress import Looked, OfRun, ProgressEvent, SetOut, Stopping
from wpstate.model.site import SiteId
from wpstate.ports import Progress
from wpstate.report.progress_record import event_from_text, event_to_text
from wpstate.resources.foreign_text import visible

MOST_EVENTS = 1000
"""Of one run, which has about thirty."""
_WORDS_BYTES = 2000
_READ_BYTES = 1 << 16
_PATIENCE_S = 2.0
"""For what has been written already. A grandchild may hold the pipe for longer."""


class PipedProgress:
    """Of the run's process. What a full pipe does not take is lost, not waited for."""

    def __init__(self, number: int) -> None:
        os.set_inheritable(number, False)
        os.set_blocking(number, False)
        self._number = number

    def tell(self, event: ProgressEvent) -> None:
        line = event_to_text(event).encode() + b"\n"
        # Up to so many bytes come whole or not at all (pipe(7)).
        if len(line) <= PIPE_BUF:
            with suppress(OSError):
                os.write(self._number, line)


class Heard:
    """The command's ends of both pipes, each read in a thread."""

    def __init__(self, site: SiteId, progress: Progress) -> None:
        self._site = site
        self._progress = progress
        self._words = b""
        self._threads: list[Thread] = []

    @contextmanager
    def pipes(self) -> Iterator[tuple[int, int]]:
        """The ends that the process gets: for events, and for its stderr. Closed here at the end of
        the block, when the process has its own."""
        ours, theirs = zip(os.pipe(), os.pipe(), strict=True)
        try:
            yield theirs[0], theirs[1]
        finally:
            for number in theirs:
                os.close(number)
            for number, take in zip(ours, (self._events(), self._last_words()), strict=True):
                thread = Thread(target=_read, args=(number, take), daemon=True)
                thread.start()
                self._threads.append(thread)

    def wait(self) -> str:
        """After the process ended: all that it told has been passed on. Its last words."""
        for thread in self._threads:
            thread.join(_PATIENCE_S)
        said = self._words.decode("utf-8", "replace").strip()
        return visible(said.rpartition("\n")[2].strip(), 300)

    def _last_words(self) -> Callable[[bytes], None]:
        def take(read: bytes) -> None:
            self._words = (self._words + read)[-_WORDS_BYTES:]

        return take

    def _events(self) -> Callable[[bytes], None]:
        begun, told = b"", 0

        def take(read: bytes) -> None:
            nonlocal begun, told
            *lines, begun = (begun + read).split(b"\n")
            begun = begun[: PIPE_BUF + 1]  # already too long to be one of ours
            for line in lines:
                event = event_of_run(line, self._site) if told < MOST_EVENTS else None
                if event is not None:
                    self._progress.tell(event)
                    told += 1

        return take


def event_of_run(line: bytes, site: SiteId) -> OfRun | None:
    """What a run of this site may tell; None for all else that may stand there."""
    if len(line) >= PIPE_BUF:
        return None
    try:
        event = event_from_text(line)
    except (msgspec.DecodeError, UnicodeError):
        return None
    if isinstance(event, Looked | SetOut | Stopping) or event.site != site:
        return None
    return event


def _read(number: int, take: Callable[[bytes], None]) -> None:
    with os.fdopen(number, "rb", buffering=0) as pipe:
        while read := pipe.read(_READ_BYTES):
            take(read)
