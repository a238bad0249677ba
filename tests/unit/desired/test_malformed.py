"""Each malformed fleet gives exactly the expected problems, at their places, in our own words.

A case is a folder laid over `base`; index.tsv says which of its files is taken away, and expects
`slug:file:line:column` of every problem.
"""

import re

import pytest

from tests.unit.desired.folders import MALFORMED, sound_fleet, texts_below
from wpstate.desired.compose import compose
from wpstate.model.problem import InvalidDesiredState
from wpstate.report.lines import plain
from wpstate.report.problems import problems_lines

_INDEX = MALFORMED / "index.tsv"
_ROWS = [row.split("\t") for row in _INDEX.read_text("utf-8").splitlines()[1:]]
# How jsonschema, PyYAML and Python speak.
_RAW = re.compile(
    r"is not of type|does not match|Additional properties|is a required property|is not one of \["
    r"|while parsing|while scanning|did not find|Traceback|Error\(|wpstate\.desired"
)


def _texts(case: str, without: str) -> dict[str, str]:
    texts = sound_fleet() | texts_below(MALFORMED / case)
    for path in filter(None, without.removeprefix("-").split(",")):
        del texts[path]
    return texts


@pytest.mark.parametrize("row", _ROWS, ids=[row[0] for row in _ROWS])
def test_malformed_fleet(row: list[str]) -> None:
    case, without, *expected = row
    with pytest.raises(InvalidDesiredState) as caught:
        compose(_texts(case, without))
    problems = caught.value.problems
    assert sorted(f"{p.slug}:{p.where}" for p in problems) == sorted(expected)
    text = plain(problems_lines(problems))
    assert not _RAW.search(text)
    assert all(problem.mend for problem in problems)


def test_the_base_is_sound() -> None:
    assert compose(sound_fleet()).sites[0].site.id == "boutique"


def test_the_index_names_every_case() -> None:
    folders = {path.name for path in MALFORMED.iterdir() if path.is_dir()} - {"base"}
    without_files = {row[0] for row in _ROWS if row[1] != "-" and row[1]}
    assert folders | without_files == {row[0] for row in _ROWS}
    assert len(_ROWS) >= 100
