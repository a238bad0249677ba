"""Colours where somebody wants them, and nothing that a terminal would obey."""

import io

import pytest

from wpstate.cli.output import say, wants_colour
from wpstate.report.lines import Part, Tone


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "terminal", "colour"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colours(environment: dict[str, str], terminal: bool, colour: bool) -> None:
    assert wants_colour(_Terminal() if terminal else io.StringIO(), environment) is colour


def test_escapes_in_a_line_are_shown_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    say([(Part("a plugin\x1b]0;title\x07\u202e", Tone.BAD), Part("  \n"))])
    assert capsys.readouterr().out == "a plugin\\x1b]0;title\\x07\\u202e  \\x0a\n"
