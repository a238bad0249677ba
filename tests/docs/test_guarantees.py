"""docs/guarantees.md: each promise names tests that are there, and each safeguard has a promise."""

import re

import pytest

from tests.docs.pages import REPOSITORY
from tests.mutants.patches import mutants

TEXT = (REPOSITORY / "docs" / "guarantees.md").read_text("utf-8")
PROMISES = dict(re.findall(r'^## <a id="([a-z-]+)"></a>.+\n((?:(?!## ).*\n)*)', TEXT, re.MULTILINE))


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_held_by_tests(promise: str) -> None:
    files = re.findall(r"`(tests/[\w/]+\.py)`", PROMISES[promise])
    assert files
    assert [file for file in files if not (REPOSITORY / file).is_file()] == []


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_has_a_safeguard_that_was_taken_away(promise: str) -> None:
    assert promise in {mutant.promise for mutant in mutants()}
