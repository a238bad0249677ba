"""What a host answers is untrusted: anything but a whole, known answer is an error."""

import pytest

from wpstate.adapters.safety_net_answers import read_answer
from wpstate.model.problem import Failed, NeedsAttention, Refused, WpstateError
from wpstate.ports import CommandResult


def answered(stdout: bytes, exit_code: int = 0) -> CommandResult:
    return CommandResult(exit_code, stdout, b"")


def test_a_whole_answer_keeps_the_order_of_its_lines() -> None:
    answer = read_answer(answered(b"table=b\ntable=a=c\nfiles=12\nend=ok\n"), "restore", "s")
    assert answer.texts("table") == ("b", "a=c")
    assert answer.number("files") == 12


@pytest.mark.parametrize(
    "stdout",
    [
        b"",
        b"files=1\n",
        b"end=ok\nfiles=1\n",
        b"end=ok\nend=ok\n",
        b"Welcome to this host!\nend=ok\n",
        b"end=error\nerror=a\nerror=b\ntext=\n",
        b"error=never.heard.of\ntext=x\nend=error\n",
        b"\xff\xfe\n",
    ],
)
def test_anything_else_is_not_believed(stdout: bytes) -> None:
    with pytest.raises(Failed) as caught:
        read_answer(answered(stdout), "restore", "s")
    assert caught.value.problems[0].slug == "net.untrusted"


@pytest.mark.parametrize("exit_code", [-1, 137, 143])
@pytest.mark.parametrize("stdout", [b"", b"files=1\n", b"files=1\nta"])
def test_an_answer_that_a_signal_cut_off_is_told_as_such(stdout: bytes, exit_code: int) -> None:
    with pytest.raises(Failed) as caught:
        read_answer(answered(stdout, exit_code), "restore", "s")
    assert caught.value.problems[0].slug == "net.died"


@pytest.mark.parametrize("value", ["-1", "1e9", "٣", "", "9" * 16])
def test_a_number_is_plain_digits(value: str) -> None:
    answer = read_answer(answered(f"files={value}\nend=ok\n".encode()), "restore", "s")
    with pytest.raises(Failed):
        answer.number("files")


@pytest.mark.parametrize(
    ("slug", "outcome"),
    [
        ("run.locked", Refused),
        ("freeze.foreign", Refused),
        ("snapshot.damaged", NeedsAttention),
        ("rollback.failed", NeedsAttention),
        ("snapshot.dump", Failed),
    ],
)
def test_each_error_has_its_outcome(slug: str, outcome: type[WpstateError]) -> None:
    stdout = f"error={slug}\ntext=because\nend=error\n".encode()
    with pytest.raises(outcome) as caught:
        read_answer(answered(stdout, 1), "verb", "site")
    assert caught.value.problems[0].slug == slug


def test_terminal_escapes_are_made_visible() -> None:
    answer = read_answer(answered("moved=a\x1b]0;x\u202eb\nend=ok\n".encode()), "restore", "s")
    assert answer.text("moved") == "a\\x1b]0;x\\u202eb"
