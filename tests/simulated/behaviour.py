"""How a simulated account behaves, and how many of a fleet behave badly."""

from collections.abc import Iterator
from enum import StrEnum


class Behaviour(StrEnum):
    """Of one account; the first is as it should be."""

    HEALTHY = "healthy"
    HANGS_AT_CONNECT = "hangs_at_connect"
    """Accepts and says nothing."""
    HANGS_AT_LOGIN = "hangs_at_login"
    HANGS_IN_COMMAND = "hangs_in_command"
    REFUSES = "refuses"
    """Nobody listens there."""
    RESETS = "resets"
    """Accepts, and cuts the line at once."""
    OTHER_KEY = "other_key"
    """Offers another host key than the one that is pinned."""
    NO_SSH = "no_ssh"
    """Answers as something that is no SSH server."""
    GARBAGE = "garbage"
    """Its answer is random bytes."""
    LIES = "lies"
    """Its answer has the probe's frame and tells of sites that nobody asked for."""
    TOO_MUCH = "too_much"
    """Its answer never ends."""

    @property
    def needs_address(self) -> bool:
        """The whole machine behaves so, not one account of it."""
        return self in _OF_MACHINES


_OF_MACHINES = frozenset(
    {
        Behaviour.HANGS_AT_CONNECT,
        Behaviour.REFUSES,
        Behaviour.RESETS,
        Behaviour.OTHER_KEY,
        Behaviour.NO_SSH,
    }
)
_HANGING = (
    Behaviour.HANGS_AT_CONNECT,
    Behaviour.HANGS_IN_COMMAND,
    Behaviour.HANGS_AT_LOGIN,
)
_GARBAGE = (Behaviour.GARBAGE, Behaviour.TOO_MUCH, Behaviour.LIES, Behaviour.NO_SSH)


def mixed(
    accounts: int, *, hanging: int = 0, refusing: int = 0, wrong_key: int = 0, garbage: int = 0
) -> tuple[Behaviour, ...]:
    """So many accounts of which so many behave badly, spread evenly over the healthy ones."""
    bad = tuple(_in_turn(hanging, refusing, wrong_key, garbage))
    every = accounts // len(bad) if bad else accounts + 1
    told = [Behaviour.HEALTHY] * accounts
    for number, behaviour in enumerate(bad):
        told[number * every] = behaviour
    return tuple(told)


def _in_turn(hanging: int, refusing: int, wrong_key: int, garbage: int) -> Iterator[Behaviour]:
    yield from (_HANGING[at % len(_HANGING)] for at in range(hanging))
    yield from (Behaviour.REFUSES for _ in range(refusing))
    yield from (Behaviour.OTHER_KEY for _ in range(wrong_key))
    yield from (_GARBAGE[at % len(_GARBAGE)] for at in range(garbage))
