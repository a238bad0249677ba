"""Keeps that a pass over the fleet did not come to its end, for metrics."""

from contextlib import suppress
from typing import TYPE_CHECKING

from wpstate.model.problem import UsageError, WpstateError

if TYPE_CHECKING:
    from wpstate.wiring import Wiring


def keep_failure(wired: "Wiring", why: str | Exception) -> None:
    """What nobody can keep, or name the fleet of, is told by the pass itself all the same."""
    from wpstate.workflows import passes

    if isinstance(why, UsageError):
        return
    with suppress(WpstateError, OSError):
        name, _ = wired.schedule()
        passes.keep_failure(wired.passes(), wired.clock, fleet=name, found=_in_words(why))


def _in_words(why: str | Exception) -> str:
    """No text of the error: that may quote anybody."""
    match why:
        case str():
            return why
        case WpstateError():
            return ", ".join(dict.fromkeys(problem.slug for problem in why.problems))
        case _:
            return type(why).__name__
