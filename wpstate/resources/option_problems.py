"""What can be wrong with an option, in words. When it is wrong is left to resources.options."""

from wpstate.model.change import Change
from wpstate.model.desired import Managed
from wpstate.model.node import Text
from wpstate.model.problem import Problem
from wpstate.model.state import Address, short

_FOUND = {
    "blocked": "a plain value where the path goes on",
    "damaged": "a serialized value that PHP cannot read",
    "object": "an object of a plugin's own",
}


def inside(one: Managed, outer: Managed) -> Problem:
    return Problem(
        "desired.contradiction",
        "an option is named whole and in part",
        one.span,
        one.address,
        found=f"{outer.address} in {outer.asked_by.file}:{outer.asked_by.line}",
        why="one of the two would overwrite the other",
        mend="keep one of the two",
    )


def typed_plain(address: Address, value: Text, asked: str) -> Problem:
    return Problem(
        "desired.option_type",
        "type stands beside an option that is no array",
        value.span,
        f"{address}.type",
        found=f'"{asked}"',
        why="WordPress keeps plain options as text; only leaves of arrays have a type",
        mend="delete the type, and write 1 or 0 for true or false",
    )


def wrong_form(address: Address, value: Text, asked: str) -> Problem:
    return Problem(
        "desired.option_type",
        "value is not of the type that stands beside it",
        value.span,
        f"{address}.value",
        found=f'"{value.text[:100]}" beside "{asked}"',
        mend="write an integer such as 10, a number such as 1.5, or true or false",
    )


def word_for_boolean(address: Address, value: Text) -> Problem:
    return Problem(
        "desired.option_type",
        "WordPress keeps no true and false in a plain option",
        value.span,
        address,
        found=f'"{value.text}"',
        why="the word would be kept as text, and PHP takes both words for true",
        mend=f"write 1 or 0, or {{value: {value.text}, type: text}} for the very word",
    )


def blocked(change: Change, found: str) -> Problem:
    return Problem(
        "plan.option_shared",
        "the path does not lead to a value that can be set alone",
        change.source,
        change.address,
        found=_FOUND[found],
        why="only the named leaf of a shared option is ever changed",
        mend="name another leaf, or have the plugin itself save its settings once more",
    )


def shared(change: Change) -> Problem:
    return Problem(
        "plan.option_shared",
        "the name leads to a whole array, not to a value in it",
        change.source,
        change.address,
        found=short(change.before),
        why="others keep values in the same array, which would all be overwritten",
        mend=f"name the leaf: `{change.address.partition('.')[2]}.KEY: …`; as a list only a short "
        "list of single values is set",
    )


def missing(change: Change, option: str) -> Problem:
    return Problem(
        "plan.option_missing",
        "the option that holds this leaf is not there",
        change.source,
        change.address,
        found=f"no option {option}",
        why="a plugin takes an option that is there for its whole settings, defaults left out",
        mend="save the plugin's settings once, or write {value: …, create: true}",
    )


def of_another_type(change: Change, found: str) -> Problem:
    return Problem(
        "plan.option_type",
        "the value asked for is not of the type that the leaf has",
        change.source,
        change.address,
        found=f'"{change.after.value}", and the site holds '
        + ("nothing there" if found.startswith("missing") else f"{short(change.before)} ({found})"),
        why="code that reads it expects the type that it wrote",
        mend="write a value of that type, or say which: {value: …, type: text}",
    )
