"""Check a whole fleet. Reading its folder is left to adapters.fleet_files."""

from collections.abc import Mapping
from datetime import date

from wpstate.desired.compose import compose
from wpstate.model.desired import Fleet


def validate(texts: Mapping[str, str], *, today: date = date.min) -> Fleet:
    """The fleet that these texts describe, by path relative to the fleet folder.

    Raises InvalidDesiredState with all problems found.
    """
    return compose(texts, today=today)
