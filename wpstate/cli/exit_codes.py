"""Exit codes, the one table (docs/errors.md)."""

from collections.abc import Iterable

from wpstate.model.problem import (
    Failed,
    InvalidDesiredState,
    NeedsAttention,
    Refused,
    RolledBack,
    UsageError,
    WpstateError,
)
from wpstate.model.run import Outcome

DONE = 0
FAILED = 1
CHANGES = 2
REFUSED = 3
ROLLED_BACK = 4
NEEDS_ATTENTION = 5
USAGE = 64
INVALID = 65
INTERRUPTED = 130

_GRAVEST_FIRST = (NEEDS_ATTENTION, ROLLED_BACK, FAILED, REFUSED, CHANGES, DONE)

_OUTCOMES = {
    Outcome.IN_SYNC: DONE,
    Outcome.APPLIED: DONE,
    Outcome.REFUSED: REFUSED,
    Outcome.ROLLED_BACK: ROLLED_BACK,
    Outcome.NEEDS_ATTENTION: NEEDS_ATTENTION,
    Outcome.FAILED: FAILED,
}
_ERRORS: tuple[tuple[type[WpstateError], int], ...] = (
    (UsageError, USAGE),
    (InvalidDesiredState, INVALID),
    (Refused, REFUSED),
    (RolledBack, ROLLED_BACK),
    (NeedsAttention, NEEDS_ATTENTION),
    (Failed, FAILED),
)


def of_error(error: WpstateError) -> int:
    return next((code for kind, code in _ERRORS if isinstance(error, kind)), FAILED)


def of_outcomes(outcomes: Iterable[Outcome]) -> int:
    """Over several sites the gravest counts."""
    codes = {_OUTCOMES[outcome] for outcome in outcomes}
    return next((code for code in _GRAVEST_FIRST if code in codes), DONE)
