"""Colours where somebody wants them, and nothing that a terminal would obey."""

import io
import json

import pytest

from wpstate.cli.output import say, say_json, say_markdown, wants_colour
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


@pytest.mark.parametrize(
    "text",
    ["::set-env name=A::B", "  ::error::x", "##vso[task.setvariable x]y", "a ##[add-path]/x"],
)
def test_no_line_is_a_command_to_a_ci_system(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    say([(Part(text),)])
    say_json(json.dumps({"name": text}))
    printed = capsys.readouterr().out
    assert not any(line.lstrip().startswith("::") for line in printed.splitlines())
    assert "##" not in printed
    assert json.loads(printed.splitlines()[1])["name"] == text


def test_a_document_shows_what_would_hide(capsys: pytest.CaptureFixture[str]) -> None:
    hidden = "\u202e\u2028\x9b31m\u200b\U000e0041\ud800"
    say_json(json.dumps({"name": hidden}, ensure_ascii=False))
    say_markdown(f"### {hidden}")
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert json.loads(printed.splitlines()[0])["name"] == hidden
    assert printed.splitlines()[1] == ("### \\u202e\\u2028\\u009b31m\\u200b\\udb40\\udc41\\ud800")
