"""Lists in options: asked for, compared and set whole, and only where nothing else than a list of
single values stands.

What single values become is left to resources.options, setting them to its role.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from wpstate.model.state import Json

LIST: Final = "list"
"""As the probe calls one, and a plan how it was asked for."""
Scalar = str | int | float | bool
_NAMES: Final = {str: "text", int: "integer", float: "number", bool: "boolean"}


def plainly(items: Sequence[str]) -> str:
    """A list whose items may be of any type, in one line: `["editor", "10"]`."""
    return _shown(items)


def exactly(items: Sequence[Scalar]) -> str:
    """With the types: `["editor", 10]`."""
    return _shown(items)


def seen(leaf: Json, *, exact: bool) -> str:
    """What the probe saw, the same way."""
    items = _items(leaf)
    return exactly(items) if exact else plainly([_plain(item) for item in items])


def texts(shown: str) -> tuple[str, ...]:
    """The items of what `seen` tells, as files write them; none where it was too long for that."""
    if not shown.startswith("["):
        return ()
    items = json.loads(shown)
    return tuple(_plain(item) for item in items)


def type_of(leaf: Json, value: str, forms: Mapping[str, re.Pattern[str]]) -> str | None:
    """Of which type the items of a value that was asked for without one are to be: of that which is
    there, or text. None where they cannot be, or where nothing says what they should be."""
    wanted = [str(item) for item in json.loads(value)]
    if not wanted:
        return "text"
    there = {_NAMES[type(item)] for item in _items(leaf)}
    if len(there) == 1:
        (name,) = there
        return name if all(forms[name].match(item) for item in wanted) else None
    unclear = any(
        form.match(item) for item in wanted for name, form in forms.items() if name != "text"
    )
    return None if there or unclear else "text"


def told(value: str, leaf: Json, typed: Callable[[str], Scalar]) -> Json:
    """What its role is told: the list, and what must still stand there."""
    asked = [str(item) if isinstance(item, str) else _plain(item) for item in json.loads(value)]
    was = _items(leaf) if leaf.get("type") == LIST else None
    return {"value": [typed(item) for item in asked], "seen": was}


def _items(leaf: Json) -> list[Scalar]:
    items = json.loads(str(leaf["json"])) if leaf.get("type") == LIST else []
    assert isinstance(items, list)
    return items


def _plain(item: Scalar) -> str:
    return item if isinstance(item, str) else json.dumps(item)


def _shown(items: Sequence[Scalar]) -> str:
    """No `##`, which CI systems take for commands."""
    return json.dumps(list(items)).replace("##", "#\\u0023")
