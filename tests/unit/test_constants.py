"""Constants: what is asked, what was seen, and which changes are refused, as tables."""

from typing import Any

import pytest

from tests.builders import observed, replace
from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, Json, State
from wpstate.planning.compare import compare
from wpstate.resources.constants import ConstantsKind
from wpstate.resources.notation import quoted

KIND = ConstantsKind()


def asked(line: str) -> DesiredState:
    text = f"url: https://b.example\nconstants: {{{line}}}\n"
    return compose(sound_fleet(sites__boutique=text)).sites[0]


def seen(found: Json, *, obstacle: str | None = None, has_place: bool = True) -> ObservedState:
    """An observation of the constant X."""
    answer: Json = {"constants": {"X": found}, "obstacle": obstacle, "has_place": has_place}
    states = dict(KIND.parse_observed({"kinds": {"constants": answer}}))
    plain = observed({str(address): state for address, state in states.items()})
    return replace(plain, answers=(("constants", answer),))


def plain(value: str | int | bool) -> Json:
    kinds = {str: "text", int: "integer", bool: "boolean"}
    text = quoted(value) if isinstance(value, str) else str(value).lower()
    return {"form": "plain", "type": kinds[type(value)], "json": text}


def changes(desired: DesiredState, found: ObservedState) -> tuple[Change, ...]:
    return tuple(c for c in compare(desired, found).changes if c.address == "constants.X")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("X: true", True),
        ("X: 10", 10),
        ("X: -1", -1),
        ("X: 256M", "256M"),
        ("X: 010", "010"),
        ("X: {value: 10, type: text}", "10"),
        ("X: {value: off, type: text}", "off"),
        ('X: "two\\nlines"', "two\nlines"),
        ('X: ""', ""),
    ],
)
def test_a_value_has_the_type_that_it_looks_like(line: str, value: Any) -> None:
    desired = asked(line)
    other = seen(plain("something else"))
    told = KIND.role_vars(changes(desired, other), other)
    assert told == {
        "config": "/home/client/www/wp-config.php",
        "constants": [{"name": "X", "value": value}],
    }
    constants = told["constants"]
    assert isinstance(constants, list)
    assert type(constants[0]["value"]) is type(value)
    assert not changes(desired, seen(plain(value)))


@pytest.mark.parametrize(
    ("line", "value"), [("X: 1", "1"), ("X: 1", True), ("X: true", 1), ("X: true", "true")]
)
def test_another_type_is_another_value(line: str, value: str | int | bool) -> None:
    assert changes(asked(line), seen(plain(value)))


def test_a_constant_is_taken_out() -> None:
    found = seen(plain(5))
    (change,) = planned = changes(asked("X: absent"), found)
    assert not change.after.present
    assert KIND.role_vars(planned, found)["constants"] == [{"name": "X", "value": None}]
    assert not changes(asked("X: absent"), seen({"form": "missing"}))


@pytest.mark.parametrize(
    "form", ["conditional", "computed", "elsewhere", "overridden", "late", "twice"]
)
def test_what_something_else_decides_is_refused_by_name(form: str) -> None:
    desired, found = asked("X: 1"), seen({**plain(5), "form": form})
    (problem,) = KIND.refusals(desired, found, changes(desired, found))
    assert problem.slug == "plan.constant_place"
    assert problem.found is not None
    assert problem.found.startswith("X is defined")


@pytest.mark.parametrize("obstacle", ["tokenizer", "link", "unreadable", "owner", "folder"])
def test_a_file_that_cannot_be_edited_is_refused(obstacle: str) -> None:
    desired, found = asked("X: 1"), seen(plain(5), obstacle=obstacle)
    (problem,) = KIND.refusals(desired, found, changes(desired, found))
    assert problem.slug == "plan.config_file"


def test_a_new_constant_needs_a_place() -> None:
    desired = asked("X: 1")
    (problem,) = _refusals(desired, seen({"form": "missing"}, has_place=False))
    assert problem.slug == "plan.config_file"
    assert not _refusals(desired, seen({"form": "missing"}))
    assert not _refusals(desired, seen(plain(5), has_place=False))


def _refusals(desired: DesiredState, found: ObservedState) -> list[Any]:
    return list(KIND.refusals(desired, found, changes(desired, found)))


def test_what_the_client_owns_is_looked_at_and_left_alone() -> None:
    desired = asked("X: client")
    assert desired.questions["constants"] == {"constants": ["X"]}
    (noted,) = compare(desired, seen({"form": "computed", "type": "integer", "json": "5"})).noted
    assert (noted.state, noted.sort) == (State(value="5"), "client")


def test_only_the_file_itself_may_change() -> None:
    found = seen(plain(5))
    planned = changes(asked("X: 1"), found)
    assert KIND.planned_paths(planned, found) == ("wp-config.php",)
    assert found.paths is not None
    above = replace(found, paths=replace(found.paths, config="/home/client/wp-config.php"))
    assert KIND.planned_paths(planned, above) == ("/home/client/wp-config.php",)
    assert planned[0].address == Address("constants.X")
