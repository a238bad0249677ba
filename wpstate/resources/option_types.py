"""Of which type the value of an option is, and of which it becomes. What is asked is read by
option_asked, lists by option_lists.
"""

import re
from typing import Final

from wpstate.model.change import Change
from wpstate.model.state import Json
from wpstate.resources import option_lists
from wpstate.resources.option_lists import LIST
from wpstate.resources.option_names import OptionName

_TYPES: Final = ("text", "integer", "number", "boolean")
FORMS: Final = {
    "integer": re.compile(r"-?(0|[1-9][0-9]{0,17})\Z"),
    "number": re.compile(r"-?(0|[1-9][0-9]{0,8})\.([0-9]|[0-9]{1,5}[1-9])\Z"),
    "boolean": re.compile(r"(true|false)\Z"),
    "null": re.compile(r"null\Z"),
    "text": re.compile(r"(?s).*\Z"),
}


def becomes(name: OptionName, change: Change, leaf: Json) -> str | None:
    """The type that a leaf, or the items of a list, get: the asked one, else the one that is there.
    None where the value asked for is not of that type, or where nothing says which it should have.
    """
    value, found = str(change.after.value), str(leaf["type"])
    asked = type_of(change.label)
    if is_list(change.label):
        if found not in (LIST, "missing_leaf", "missing_option", "null"):
            return None
        return asked or option_lists.type_of(leaf, value, FORMS)
    if asked is not None or not name.path:
        return asked or "text"
    if found == "text":
        before = str(change.before.value)
        like_before = value in ("true", "false") and before not in ("true", "false")
        return None if like_before else "text"
    if found in ("missing_leaf", "missing_option", "null"):
        unclear = any(FORMS[form].match(value) for form in ("integer", "number", "boolean", "null"))
        return None if unclear else "text"
    fits = found in FORMS and FORMS[found].match(value)
    return found if fits else None


def is_list(label: str) -> bool:
    return LIST in label.split()


def type_of(label: str) -> str | None:
    return next((word for word in label.split() if word in _TYPES), None)


def typed(value: str, type_: str) -> str | int | float | bool:
    match type_:
        case "integer":
            return int(value)
        case "number":
            return float(value)
        case "boolean":
            return value == "true"
        case _:
            return value
