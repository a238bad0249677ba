"""Events to and from JSON, one on a line (schemas/event.schema.json)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from wpstate.model.progress import (
    Frozen,
    Looked,
    PhaseBegan,
    PhaseEnded,
    ProgressEvent,
    RunEnded,
    SetOut,
    Stopping,
    Thawed,
)

EVENT_FORMAT = "wpstate-event/1"

_TYPES: Mapping[str, type[ProgressEvent]] = {
    "looked": Looked,
    "set_out": SetOut,
    "phase_began": PhaseBegan,
    "phase_ended": PhaseEnded,
    "frozen": Frozen,
    "thawed": Thawed,
    "run_ended": RunEnded,
    "stopping": Stopping,
}
_NAMES = {shape: name for name, shape in _TYPES.items()}


class _Named(msgspec.Struct):
    format: str
    event: str


def event_to_text(event: ProgressEvent) -> str:
    """One line, without its end."""
    named = {"format": EVENT_FORMAT, "event": _NAMES[type(event)]}
    return msgspec.json.encode(named | msgspec.to_builtins(event)).decode()


def event_from_text(text: str | bytes) -> ProgressEvent:
    """Raises msgspec.DecodeError (ValidationError where a field is off)."""
    named = msgspec.json.decode(text, type=_Named)
    if named.format != EVENT_FORMAT or named.event not in _TYPES:
        raise msgspec.ValidationError(f"no event of {EVENT_FORMAT}")
    event: ProgressEvent = msgspec.json.decode(text, type=_TYPES[named.event])
    return event


def event_schema() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The schema of one event, and its parts."""
    _, parts = msgspec.json.schema_components(_TYPES.values(), ref_template="#/$defs/{name}")
    for name, shape in _TYPES.items():
        part = parts[shape.__name__]
        part["properties"] = {
            "format": {"const": EVENT_FORMAT},
            "event": {"const": name},
            **part["properties"],
        }
        part["required"] = ["format", "event", *part["required"]]
    return {"oneOf": [{"$ref": f"#/$defs/{s.__name__}"} for s in _TYPES.values()]}, parts
