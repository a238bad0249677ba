"""What can be wrong with an option and with a constant alike, in words. When it is wrong is left to
their kinds; `one` is `an option` or `a constant`."""

from wpstate.model.node import Items, Text, written
from wpstate.model.problem import Problem
from wpstate.model.state import Address, kind_of, name_of
from wpstate.resources.said import Said


def protected(
    slug: str,
    one: str,
    address: Address,
    said: Said,
    whose: str | None,
    *,
    mend: str = "delete the line; set it on the site itself",
) -> Problem:
    """`mend`: where it is nobody else's, but called like a secret."""
    return Problem(
        slug,
        f"this {_noun(one)} is not set under {kind_of(address)}",
        said.value.span,
        address,
        overrides=said.overrides[0] if said.overrides else None,
        found=f'"{name_of(address)}"',
        why=f"it belongs to {whose}" if whose else "it is called like a secret, and git keeps all",
        mend="delete the line" if whose else mend,
    )


def both(one: str, address: Address, value: Text | Items, state: Text) -> Problem:
    return Problem(
        "desired.contradiction",
        f"{_noun(one)} has a value and a state that needs none",
        value.span,
        f"{address}.value",
        found=f'"{written(value)[:100]}" beside "{state.text}"',
        why=f"{one} that is absent, or somebody else's, has no value to set",
        mend="delete the value or the state",
    )


def too_long(slug: str, one: str, address: Address, value: Text | Items) -> Problem:
    return Problem(
        slug,
        f"value of {one} is too long",
        value.span,
        address,
        found=f"{len(written(value))} characters",
        why="a plan shows every value, and has room for 4096 characters with line breaks as \\n",
        mend="leave texts of that length to the site",
    )


def _noun(one: str) -> str:
    return one.partition(" ")[2]
