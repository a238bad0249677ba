"""Each event is one line that its schema allows, and comes back as what it was."""

import json
from math import isfinite
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import DecodeError

from wpstate.cli.output import harmless_json
from wpstate.model.progress import OfRun, ProgressEvent
from wpstate.report.progress_record import event_from_text, event_to_text

_SCHEMA = json.loads(
    (Path(__file__).parents[3] / "schemas" / "event.schema.json").read_text("utf-8")
)
_TYPES = get_args(ProgressEvent)


def _finite(event: ProgressEvent) -> bool:
    """No clock measures anything else, and JSON knows nothing else."""
    numbers = (getattr(event, name, None) for name in ("took_s", "frozen_s"))
    return all(isfinite(number) for number in numbers if number is not None)


_any_event = st.one_of(
    *(st.from_type(shape) for shape in _TYPES),
).filter(lambda event: event.at.year > 1000 and _finite(event))


def _closed(schema: Any) -> Any:
    """With nothing beside the named properties."""
    parts = {
        name: part | ({"additionalProperties": False} if "properties" in part else {})
        for name, part in schema["$defs"].items()
    }
    return schema | {"$defs": parts}


def test_every_event_has_a_name() -> None:
    assert set(get_args(OfRun)) < set(_TYPES)
    told = {ref["$ref"].rpartition("/")[2] for ref in _SCHEMA["oneOf"]}
    assert told == {shape.__name__ for shape in _TYPES}


@given(_any_event)
def test_any_event_is_a_line_of_its_schema(event: ProgressEvent) -> None:
    text = event_to_text(event)
    assert "\n" not in text
    document = json.loads(harmless_json(text))
    problems = Draft202012Validator(_closed(_SCHEMA)).iter_errors(document)
    assert [f"{p.json_path}: {p.message}" for p in problems] == []
    assert event_from_text(text) == event


@pytest.mark.parametrize(
    "text", ["", "null", "{}", '{"format":"wpstate-event/1","event":"nothing"}', "[1]"]
)
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        event_from_text(text)
