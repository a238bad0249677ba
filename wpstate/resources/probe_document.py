"""A document of the probe before it means anything: bounded, of the shape that its schemas give it,
and every text in it harmless to look at.

What it means is left to resources.observation; the schemas are schemas/observation.schema.json and
schemas/kinds/*.observed.schema.json.
"""

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from wpstate.resources.foreign_text import visible
from wpstate.shipped import shipped

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

_MOST_CHARACTERS = 1 << 16
_KEY_CHARACTERS = 40
_MOST_VALUES = 300_000
"""Before it is read: `[],` takes three bytes of the text and sixty of memory."""


class UntrustedDocument(ValueError):
    """The text is not a document of the probe."""


def probe_document(text: str) -> dict[str, Any]:
    """The whole document; its sites have an id, the rest of them nobody has looked at yet. Raises
    UntrustedDocument."""
    if sum(map(text.count, ",[{")) > _MOST_VALUES:
        raise UntrustedDocument(f"it holds more than {_MOST_VALUES} values")
    try:
        # What has no place in UTF-8 must be gone before the validator sees it.
        document = _clean(json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError) as error:
        raise UntrustedDocument("it is not JSON") from error
    if not _validator("observation").is_valid(document):
        raise UntrustedDocument("it does not have the shape of schemas/observation.schema.json")
    assert isinstance(document, dict)
    return document


def breach_of_site(entry: object) -> str | None:
    """What of the document's part about one site breaks its schema; None where nothing does."""
    return _breach("observation#/$defs/site", entry)


def breach_of_kind(name: str, answer: object) -> str | None:
    """What of a kind's answer breaks its schema; None where nothing does."""
    return _breach(f"kinds/{name}.observed", answer)


def make_ready() -> None:
    """Load and compile the schema now, so that the first document need not wait for it."""
    _validator("observation")
    _validator("observation#/$defs/site")


def _breach(schema: str, value: object) -> str | None:
    problem = next(_validator(schema).iter_errors(value), None)
    return None if problem is None else f"{_path(problem)} breaks the schema"


def _is_value(text: str) -> bool:
    """The format `value` of our schemas: JSON of one value, or of a list of values."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    several = value if isinstance(value, list) else () if value is None else (value,)
    return all(isinstance(each, str | int | float) for each in several)


def _clean(value: Any) -> Any:
    """Every text in the document made visible, keys too."""
    match value:
        case str():
            return visible(value, _MOST_CHARACTERS)
        case list():
            return [_clean(entry) for entry in value]
        case dict():
            return {_key(key): _clean(each) for key, each in value.items()}
        case _:
            return value


def _key(key: str) -> str:
    """Few are ever seen, each of them very often."""
    return _short_key(key) if len(key) <= _KEY_CHARACTERS else visible(key, _MOST_CHARACTERS)


@lru_cache(maxsize=2048)
def _short_key(key: str) -> str:
    return visible(key)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


@cache
def _validator(name: str) -> "Draft202012Validator":
    """For a schema below schemas/, or `NAME#/$defs/PART` of it. Closed: no reference is fetched."""
    from jsonschema_rs import Draft202012Validator

    file, _, part = name.partition("#")
    schema = json.loads((shipped("schemas") / f"{file}.schema.json").read_text("utf-8"))
    if part:
        schema = {"$defs": schema["$defs"], "$ref": f"#{part}"}
    formats = {"value": _is_value}
    return Draft202012Validator(schema, offline=True, validate_formats=True, formats=formats)


def _path(problem: "ValidationError") -> str:
    """Where it is, from the answer's own keys: `$.plugins[0].file`."""
    steps = (f"[{s}]" if isinstance(s, int) else f".{s}" for s in problem.instance_path)
    return visible("$" + "".join(steps), 200)
