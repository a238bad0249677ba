"""No problem repeats a secret that somebody put into a fleet file."""

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.problem import InvalidDesiredState
from wpstate.report.lines import plain
from wpstate.report.problems import problems_json, problems_lines

_HOST = "all:\n  hosts:\n    boutique: {ansible_host: web1, ansible_user: www, %s}\n"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("sites/boutique.yml", "url: https://me:hunter2@boutique.example\n"),
        ("sites/boutique.yml", "url: https://b.example\nclient: {password: hunter2}\n"),
        ("hosts.yml", _HOST % "ansible_password: hunter2"),
        ("hosts.yml", _HOST % "ansible_become_pass: @hunter2"),
        ("hosts.yml", "all: [{api_token: hunter2}]\n"),
    ],
)
def test_problems_hide_secrets(file: str, text: str) -> None:
    with pytest.raises(InvalidDesiredState) as caught:
        compose(sound_fleet() | {file: text})
    problems = caught.value.problems
    told = plain(problems_lines(problems)) + problems_json(problems)
    assert "found" in told
    assert "hunter2" not in told
