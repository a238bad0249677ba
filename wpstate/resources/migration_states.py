"""What the probe found of a plugin's data, as a state: done, pending, or going on by itself."""

from collections.abc import Mapping
from typing import Any, Final

from wpstate.model.state import State
from wpstate.resources import versions
from wpstate.resources.foreign_text import visible

NONE: Final = State(value="none")
"""Nothing is left to be migrated."""
IN_BACKGROUND: Final = State(value="in background")
UNKNOWN: Final = State(value="unknown")
_STUCK_S: Final = 3600
"""Work that was due so long ago is not coming by itself."""


def state_of(found: Mapping[str, Any]) -> State:
    """`asks` is None where nobody can tell, `left` where nothing is put off."""
    has, asks = found["has"], found["asks"]
    if not has:
        return NONE
    if not asks:
        return UNKNOWN
    if versions.compare(has, asks) >= 0:
        return NONE
    if found["left"] and (found["due_s"] or 0) < _STUCK_S:
        return IN_BACKGROUND
    return State(value=f"pending: has {visible(has, 100)}, its code asks for {visible(asks, 100)}")
