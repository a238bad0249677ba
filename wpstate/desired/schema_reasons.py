"""Why a tree does not fit its schema, as errors of jsonschema.

It takes a tenth of a second to load and much longer than jsonschema_rs to check, so it is asked
only about trees that desired.schemas does not accept. Telling the errors in our words is left to
schema_errors.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, TypeChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from wpstate.desired.schemas import schema
from wpstate.desired.text_rules import RULES, TEXT_TYPES, Rule

_Keyword = Callable[[Validator, Any, Any, Any], Iterator[ValidationError]]


def reasons(name: str, data: Any) -> Iterator[ValidationError]:
    """All that is wrong with a tree as one sort of file; none where it is valid."""
    return _validator(name).iter_errors(data)


@cache
def _validator(name: str) -> Validator:
    return _TextValidator(schema(name))


def _keyword(name: str, rule: Rule) -> _Keyword:
    def check(_: Validator, value: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not rule(value, instance):
            yield ValidationError(name)

    return check


def _required(_: Validator, keys: list[str], value: Any, __: Any) -> Iterator[ValidationError]:
    """One error for all missing keys."""
    if isinstance(value, dict) and any(key not in value for key in keys):
        yield ValidationError("required")


def _is(fits: Callable[[str], bool]) -> Callable[[TypeChecker, Any], bool]:
    return lambda _, value: isinstance(value, str) and fits(value)


_TYPES: dict[str, Any] = {
    **{name: _is(fits) for name, fits in TEXT_TYPES.items()},
    "object": lambda _, value: isinstance(value, dict),
    "array": lambda _, value: isinstance(value, list),
    "null": lambda _, value: False,
}
_OURS = {name: _keyword(name, rule) for name, rule in RULES.items() if name != "type"}
_TextValidator: type[Validator] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {**_OURS, "required": _required},
    type_checker=TypeChecker(_TYPES),
)
