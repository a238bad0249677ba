"""What a pass came to for a commit, ring by ring. Pure; telling a forge is left to adapters."""

from collections import Counter
from collections.abc import Iterable

from wpstate.model.reconciled import Pass, Reconciled
from wpstate.model.run import Outcome
from wpstate.model.status import Status, StatusState

_FAILURES = frozenset({"rolled_back", "needs_attention", "failed", "refused", "halted"})
_WAITING = frozenset({"waits", "due", "reported"})
_MOST_CHARACTERS = 140
"""Of a description on GitHub; GitLab takes more."""


def statuses(fleet: str, done: Pass) -> tuple[Status, ...]:
    """In the order of the rings."""
    rings = dict.fromkeys(each.ring for each in done.sites)
    return tuple(
        _status(fleet, ring, [each for each in done.sites if each.ring == ring]) for ring in rings
    )


def _status(fleet: str, ring: str | None, sites: Iterable[Reconciled]) -> Status:
    several = tuple(sites)
    words = Counter(_word(each) for each in several)
    environment = f"{fleet}/{ring}" if ring else fleet
    told = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in _worst_first(words))
    return Status(
        name=f"wpstate/{environment}",
        environment=environment,
        state=_state(words),
        text=told[:_MOST_CHARACTERS],
        deployed=any(each.run and each.run.outcome is not Outcome.IN_SYNC for each in several),
    )


def _word(each: Reconciled) -> str:
    return each.run.outcome.value if each.run else each.standing.value


def _state(words: Iterable[str]) -> StatusState:
    found = set(words)
    if found & _FAILURES:
        return StatusState.FAILURE
    return StatusState.PENDING if found & _WAITING else StatusState.SUCCESS


def _worst_first(words: Counter[str]) -> list[tuple[str, int]]:
    known = [*sorted(_FAILURES), "applied", *sorted(_WAITING), "run", "in_sync"]
    return sorted(words.items(), key=lambda each: (known.index(each[0]), each[0]))
