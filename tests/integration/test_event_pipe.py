"""What a run's process writes harms nobody, and nobody who reads it holds up the run."""

import os
import subprocess
import sys

from tests.builders import NOW
from wpstate.adapters.event_pipe import MOST_EVENTS, Heard, PipedProgress
from wpstate.model.progress import PhaseBegan, ProgressEvent, SetOut
from wpstate.model.run import Phase
from wpstate.model.site import SiteId
from wpstate.report.progress_record import event_to_text

_SHOP = SiteId("shop")
_BEGAN = PhaseBegan(NOW, _SHOP, "r-1", Phase.FREEZE, "")


class _Told:
    def __init__(self) -> None:
        self.events: list[ProgressEvent] = []

    def tell(self, event: ProgressEvent) -> None:
        self.events.append(event)


def _heard_of(program: str, *words: str) -> tuple[list[ProgressEvent], str]:
    """What a program's events and last words became; EVENTS is the number of its pipe."""
    told = _Told()
    heard = Heard(_SHOP, told)
    with heard.pipes() as (events, stderr):
        argv = (sys.executable, "-c", f"import os, sys; EVENTS = {events}\n{program}", *words)
        child = subprocess.Popen(argv, stderr=stderr, pass_fds=(events,))
    child.wait(timeout=60)
    return told.events, heard.wait()


def test_events_come_through_and_nothing_else_does() -> None:
    fine = event_to_text(_BEGAN)
    lines = [
        "not json",
        "[]",
        '{"format":"wpstate-event/1","event":"phase_began"}',
        fine.replace("wpstate-event/1", "wpstate-event/2"),
        fine.replace('"shop"', '"blog"'),
        event_to_text(SetOut(NOW, (SiteId("blog"),))),
        fine,
        "\x1b]0;title\x07",
        fine.replace('"text":""', f'"text":"{"x" * 5000}"'),
    ]
    program = "os.write(EVENTS, b'\\xff\\n'); os.write(EVENTS, sys.argv[1].encode())"
    events, words = _heard_of(program, "\n".join(lines))
    assert events == [_BEGAN]
    assert words == ""


def test_a_flood_is_cut_off_and_its_writer_goes_on() -> None:
    program = """
line = sys.argv[1].encode() + b"\\n"
for _ in range(300): os.write(EVENTS, line * 100)
os.write(EVENTS, b"x" * 5_000_000)
os.write(2, b"y" * 5_000_000 + b"\\nlast \\x1b[31mwords\\n")
"""
    events, words = _heard_of(program, event_to_text(_BEGAN))
    assert events == [_BEGAN] * MOST_EVENTS
    assert words == "last \\x1b[31mwords"


def test_a_run_waits_for_no_reader() -> None:
    ours, theirs = os.pipe()
    progress = PipedProgress(theirs)
    for _ in range(5000):
        progress.tell(_BEGAN)  # far more than a pipe holds
    whole = os.read(ours, 1 << 20).splitlines()
    assert set(whole) == {event_to_text(_BEGAN).encode()}
    os.close(ours)
    progress.tell(_BEGAN)
    os.close(theirs)
    progress.tell(_BEGAN)
