"""Each patch still takes its safeguard away, and the test that it names is there."""

import subprocess

import pytest

from tests.mutants.patches import CHECKOUT, Mutant, mutants

EACH = pytest.mark.parametrize("mutant", [pytest.param(m, id=m.name) for m in mutants()])


@EACH
def test_it_applies(mutant: Mutant) -> None:
    argv = ("git", "apply", "--check", "--unidiff-zero", mutant.patch)
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@EACH
def test_its_test_is_there(mutant: Mutant) -> None:
    assert f"def {mutant.test_name}(" in mutant.test_file.read_text("utf-8")


@EACH
def test_its_promise_is_made(mutant: Mutant) -> None:
    document = (CHECKOUT / "docs" / "guarantees.md").read_text("utf-8")
    assert f'<a id="{mutant.promise}"></a>' in document


def test_there_are_enough() -> None:
    assert len(mutants()) >= 20
