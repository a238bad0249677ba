"""What people, logs and programs see of a command under way, on a real terminal and in real pipes,
and that a terminal which is gone or stopped costs nobody anything."""

import io
import json
import os
import termios
from collections.abc import Mapping
from contextlib import suppress

import pytest

from tests.builders import NOW
from tests.terminal import Terminal, open_terminal
from wpstate.cli.live_table import LiveTable
from wpstate.cli.progress_lines import JsonLines, PlainLines
from wpstate.cli.watching import MOST_WAITING, Watching, chosen_view
from wpstate.model.progress import Frozen, Looked, PhaseBegan, ProgressEvent, RunEnded, SetOut
from wpstate.model.run import Outcome, Phase
from wpstate.model.site import SiteId
from wpstate.report.lines import line

_PERSON = {"TERM": "xterm-256color"}


def _watching(
    terminal: Terminal, environment: Mapping[str, str] = _PERSON, *, heard: int = 0
) -> Watching:
    view = chosen_view(terminal.program, environment, as_json=False)
    asked = iter((0,))  # at the start nobody has asked to stop
    return Watching(view, lambda: next(asked, heard))


def _began(site: str, phase: Phase, text: str = "") -> PhaseBegan:
    return PhaseBegan(NOW, SiteId(site), "r", phase, text)


_TWO: tuple[ProgressEvent, ...] = (
    SetOut(NOW, (SiteId("boutique-élégante"), SiteId("mairie"), SiteId("x"))),
    _began("boutique-élégante", Phase.FREEZE),
    Frozen(NOW, SiteId("boutique-élégante"), "r"),
    _began("mairie", Phase.LOCK),
    RunEnded(NOW, SiteId("mairie"), "r", Outcome.ROLLED_BACK, 3.0, 2.0),
)


def _tell(watching: Watching, *events: ProgressEvent) -> None:
    for event in events:
        watching.tell(event)


def test_a_table_that_stays_in_its_place_and_is_gone_at_the_end() -> None:
    with open_terminal() as terminal:
        with _watching(terminal) as watching:
            _tell(watching, *_TWO)
            shown = terminal.until(lambda shown: any("rolled_back" in row for row in shown))
            assert shown[0].split() == ["SITE", "PHASE", "SINCE", "FROZEN", "OUTCOME"]
            assert shown[1].split() == ["boutique-élégante", "freeze", "0", "s", "0", "s"]
            assert shown[2].split()[:2] + shown[2].split()[-1:] == ["mairie", "lock", "rolled_back"]
            assert shown[3:] == ["1 of 3 done, 1 under way, 1 put back"]
            later = terminal.until(lambda shown: "0 s" not in shown[1])
            assert len(later) == 4
            with watching.aside():
                assert terminal.shown() == []
                terminal.program.write("a result\r\n")
                terminal.program.flush()
            shown = terminal.until(lambda shown: len(shown) == 5)
            assert shown[0] == "a result"
            assert shown[1].startswith("SITE")
        assert terminal.shown() == ["a result"]


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [(_PERSON, True), (_PERSON | {"NO_COLOR": "1"}, False), (_PERSON | {"NO_COLOR": ""}, True)],
)
def test_colours_are_as_for_all_output(environment: Mapping[str, str], coloured: bool) -> None:
    with open_terminal() as terminal:
        with _watching(terminal, environment) as watching:
            _tell(watching, *_TWO)
            terminal.until(lambda shown: any("rolled_back" in row for row in shown))
        assert (b"\x1b[33m" in terminal.written) is coloured
        assert (b"\x1b[1m" in terminal.written) is coloured


@pytest.mark.parametrize("columns", [100, 50, 36, 20, 7, 1])
@pytest.mark.parametrize("lines", [24, 6, 4, 2])
def test_a_narrow_or_low_terminal_is_not_overrun(columns: int, lines: int) -> None:
    with open_terminal(columns, lines) as terminal:
        view = chosen_view(terminal.program, _PERSON, as_json=False)
        with Watching(view, lambda: 0) as watching:
            _tell(watching, *_TWO)
            for name in range(40):
                _tell(watching, _began(f"site-{name}", Phase.STAGE))
            terminal.until(lambda shown: any("1 of" in row or columns < 9 for row in shown))
            first = terminal.shown()
            assert len(first) < lines or lines == 2
            if columns >= 36 and lines > 4:
                assert first[0].startswith("SITE")
                assert first[-1].startswith("1 of 43 done"[: columns - 2])
        assert terminal.shown() == []


def test_a_resize_leaves_no_ruins() -> None:
    with open_terminal(100, 24) as terminal, _watching(terminal) as watching:
        _tell(watching, *_TWO)
        terminal.until(lambda shown: any("rolled_back" in row for row in shown))
        for columns in (120, 45, 90):
            terminal.resize(columns, 24)
            terminal.written = b""
            terminal.until(lambda _: b"SITE" in terminal.written)
            assert [row.split()[0] for row in terminal.shown()].count("SITE") == 1


def test_text_of_a_site_is_shown_not_obeyed() -> None:
    evil = "run \x1b[2J\x1b]0;owned\x07\u202e [bold]x[/bold] :smile:"
    with open_terminal(120) as terminal:
        with _watching(terminal) as watching:
            _tell(watching, _began("shop", Phase.ROLLBACK, evil))
            shown = terminal.until(lambda shown: any("shop" in row for row in shown))
            assert "run \\x1b[2J\\x1b]0;owned\\x07\\u202e [bold]x[/bold] :smile:" in shown[1]
        assert b"\x1b[2J" not in terminal.written
        assert b"\x1b]0" not in terminal.written


def test_who_asks_to_stop_is_told_what_that_means() -> None:
    with open_terminal(100) as terminal, _watching(terminal, heard=1) as watching:
        _tell(watching, _began("a", Phase.APPLY), _began("b", Phase.LOCK))
        told = "stopping: 2 runs finish or undo their step; once more leaves them to their hosts"
        assert len(terminal.until(lambda shown: told in shown)) == 5


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": "dumb"},
        {},
        _PERSON | {"CI": "true"},
        {"TERM": "dumb", "FORCE_COLOR": "1"},
    ],
)
def test_lines_where_no_person_watches(environment: Mapping[str, str]) -> None:
    with open_terminal() as terminal:
        with _watching(terminal, environment) as watching:
            _tell(watching, *_TWO, _began("shop", Phase.ROLLBACK, "recover run \x1b[2J"))
            terminal.until(lambda shown: len(shown) == 3)
        assert terminal.shown() == [
            "boutique-élégante: freeze …",
            "mairie: lock …",
            "shop: rollback recover run \\x1b[2J …",
        ]


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_ci_may_be_denied(value: str) -> None:
    with open_terminal() as terminal:
        view = chosen_view(terminal.program, _PERSON | {"CI": value}, as_json=False)
        assert isinstance(view, LiveTable)


def test_no_table_in_a_pipe_and_events_for_programs() -> None:
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        forced = _PERSON | {"FORCE_COLOR": "1"}
        assert isinstance(chosen_view(stream, forced, as_json=False), PlainLines)
        view = chosen_view(stream, forced, as_json=True)
        assert isinstance(view, JsonLines)
        with Watching(view, lambda: 0) as watching:
            _tell(watching, *_TWO, _began("shop", Phase.ROLLBACK, "\x1b[2J ##vso[x]\u202e"))
    with os.fdopen(ours, "rb") as read:
        lines = read.read().splitlines()
    events = [json.loads(one) for one in lines]
    assert [event["event"] for event in events] == [
        "set_out", "phase_began", "frozen", "phase_began", "run_ended", "phase_began"
    ]  # fmt: skip
    assert events[-1]["text"] == "\x1b[2J ##vso[x]\u202e"
    assert not any(bad in lines[-1] for bad in (b"\x1b", b"##", "\u202e".encode()))


def test_nothing_where_stderr_leads_nowhere() -> None:
    assert chosen_view(io.StringIO(), _PERSON, as_json=False) is None
    with Watching(None, lambda: 0) as watching, watching.aside():
        _tell(watching, *_TWO)


def test_only_long_looks_are_told_in_a_log() -> None:
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        view = chosen_view(stream, {}, as_json=False)
        with Watching(view, lambda: 0) as watching:
            _tell(watching, *(Looked(NOW, 200, 20, n) for n in range(0, 210, 10)))
    assert os.read(ours, 100) == b""
    os.close(ours)


def test_a_terminal_that_is_gone_is_forgotten(capfd: pytest.CaptureFixture[str]) -> None:
    with open_terminal() as terminal, _watching(terminal) as watching:
        _tell(watching, *_TWO)
        terminal.until(lambda shown: any("rolled_back" in row for row in shown))
        os.close(terminal.person)
        _tell(watching, *_TWO)
        with watching.aside():
            pass
    assert capfd.readouterr() == ("", "")


def test_results_that_nobody_reads_stop_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "w", buffering=1) as closed, open_terminal() as terminal:
        monkeypatch.setattr("sys.stdout", closed)
        went_on = []

        def command() -> None:
            with _watching(terminal) as watching:
                watching.say([line("shop: applied")])
                went_on.append("blog")

        with pytest.raises(BrokenPipeError):
            command()
        assert went_on == ["blog"]
        with suppress(OSError):
            closed.close()


def test_a_stopped_terminal_keeps_no_run_waiting() -> None:
    """As after Ctrl-S: what is written to it stands still."""
    with open_terminal() as terminal:
        number = terminal.program.fileno()
        with _watching(terminal) as watching:
            termios.tcflow(number, termios.TCOOFF)
            for _ in range(MOST_WAITING * 2):
                watching.tell(_TWO[1])
            with watching.aside():
                pass
        assert terminal.shown() == []
        termios.tcflow(number, termios.TCOON)
