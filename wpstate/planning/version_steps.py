"""How far it is from one version to another, and which versions are finished ones."""

import re

from wpstate.model.bump import Step

_BRANCH_NUMBERS = {"core": 2}
"""WordPress 6.8 and 6.9 are as far apart as 8 and 9 of others."""
_NUMBERS = re.compile(r"[0-9]{1,9}")
_UNFINISHED = re.compile(
    r"[0-9._+-](dev|alpha|a|beta|b|rc|pre|nightly|trunk)(?![a-z])", re.IGNORECASE
)


def step_between(kind: str, before: str, after: str) -> Step:
    """By the first number that differs."""
    mine, theirs = _numbers(before), _numbers(after)
    width = max(len(mine), len(theirs), 3)
    mine += (0,) * (width - len(mine))
    theirs += (0,) * (width - len(theirs))
    at = next((i for i in range(width) if mine[i] != theirs[i]), width)
    at += 1 - _BRANCH_NUMBERS.get(kind, 1)
    if at <= 0:
        return Step.MAJOR
    return Step.MINOR if at == 1 and kind not in _BRANCH_NUMBERS else Step.PATCH


def branch_of(version: str) -> str:
    """`6.8` of `6.8.3`: what authors say they tried."""
    return ".".join(map(str, (*_numbers(version), 0)[:2]))


def is_finished(version: str) -> bool:
    return _UNFINISHED.search(version) is None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in _NUMBERS.findall(version))
