"""Errors and outcomes to exit codes; over several sites the gravest counts."""

import pytest

from wpstate.cli.exit_codes import of_error, of_outcomes
from wpstate.model.problem import (
    Failed,
    InvalidDesiredState,
    NeedsAttention,
    Problem,
    Refused,
    RolledBack,
    UsageError,
    WpstateError,
)
from wpstate.model.run import Outcome


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UsageError, 64),
        (InvalidDesiredState, 65),
        (Refused, 3),
        (RolledBack, 4),
        (NeedsAttention, 5),
        (Failed, 1),
        (WpstateError, 1),
    ],
)
def test_errors(kind: type[WpstateError], code: int) -> None:
    assert of_error(kind([Problem("x.y", "it is so")])) == code


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [of_error(kind([])) for kind in WpstateError.__subclasses__()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], 0),
        (["in_sync", "applied"], 0),
        (["applied", "refused"], 3),
        (["refused", "failed", "applied"], 1),
        (["failed", "rolled_back", "refused"], 4),
        (["rolled_back", "needs_attention"], 5),
    ],
)
def test_the_gravest_counts(outcomes: list[str], code: int) -> None:
    assert of_outcomes(map(Outcome, outcomes)) == code


def test_every_outcome_has_a_code() -> None:
    assert all(isinstance(of_outcomes([outcome]), int) for outcome in Outcome)
