"""Why a command failed, as text on stderr or as JSON on stdout."""

import json

import click
import pytest

from wpstate.cli.failures import tell, wants_json
from wpstate.cli.main import run
from wpstate.model.problem import Problem, Refused

_REFUSED = Refused(
    [
        Problem("plan.used", "used already", key="shop", mend="wpstate plan"),
        Problem("plan.stale", "the\x1b[31m site moved", key="shop"),
    ]
)


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["plan", "--format", "json"], True),
        (["plan", "--format=json", "shop"], True),
        (["--nonsense", "--format", "json"], True),
        (["plan", "--format", "table"], False),
        (["plan", "json"], False),
        (["show", "--", "--format", "json"], False),
        (["plan", "--format"], False),
    ],
)
def test_json_is_noticed_even_where_the_line_is_off(arguments: list[str], asked: bool) -> None:
    assert wants_json(arguments) is asked


def test_text_goes_to_stderr_and_escapes_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(_REFUSED, as_json=False) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "error[plan.used]: used already" in printed.err
    assert "\x1b" not in printed.err
    assert printed.err.endswith("2 problems.\n")


def test_json_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(_REFUSED, as_json=True) == 3
    printed = capsys.readouterr()
    assert [p["slug"] for p in json.loads(printed.out)["problems"]] == ["plan.stale", "plan.used"]
    assert printed.err == ""


def test_a_users_mistake_shows_no_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--nonsense"]) == 64
    printed = capsys.readouterr()
    assert "No such option" in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.exceptions.Abort()])
def test_an_interrupt(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(error, as_json=False) == 130
    assert "error[run.interrupted]" in capsys.readouterr().err


def test_a_bug_says_so_and_shows_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        raise ZeroDivisionError("nobody foresaw it")
    assert tell(caught.value, as_json=True) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["problems"][0]["slug"] == "wpstate.bug"
    assert printed.err.startswith("This is a bug in wpstate.")
    assert "test_failures.py" in printed.err


def test_what_a_site_wrote_into_a_bug_is_shown_not_obeyed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell(RuntimeError("\x1b[2J\n::set-env name=A::B\n##vso[x]\u202e"), as_json=False)
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "##" not in told
    assert not any(line.lstrip().startswith("::") for line in told.splitlines())
