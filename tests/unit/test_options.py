"""Options: what is asked, what was seen, and which changes are refused, as tables."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import observed, replace
from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.problem import InvalidDesiredState
from wpstate.model.state import ABSENT, Address, Json, State, short
from wpstate.planning.compare import compare
from wpstate.planning.simulate import simulate, undo
from wpstate.resources import notation
from wpstate.resources.option_names import OptionName, option_name
from wpstate.resources.options import OptionsKind

KIND = OptionsKind()


def asked(line: str) -> DesiredState:
    text = f"url: https://b.example\noptions: {{{line}}}\n"
    return compose(sound_fleet(sites__boutique=text)).sites[0]


def seen(**leaves: Json) -> ObservedState:
    """An observation whose probe answered this; `__` stands for a dot."""
    options = {name.replace("__", "."): {"exact": False, **leaf} for name, leaf in leaves.items()}
    answer: Json = {"options": options}
    states = dict(KIND.parse_observed({"kinds": {"options": answer}}))
    plain = observed({str(address): state for address, state in states.items()})
    return replace(plain, answers=(("options", answer),))


def text(value: str) -> Json:
    return {"type": "text", "json": notation.quoted(value)}


def changes(desired: DesiredState, found: ObservedState) -> tuple[Change, ...]:
    return tuple(c for c in compare(desired, found).changes if c.address.startswith("options."))


def told(line: str, **leaves: Json) -> Any:
    """The values that WordPress is given."""
    desired, found = asked(line), seen(**leaves)
    planned = changes(desired, found)
    assert not list(KIND.refusals(desired, found, planned))
    return KIND.role_vars(planned, found)["options"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("blogname", OptionName("blogname")),
        ("a.b.c", OptionName("a", ("b", "c"))),
        (r"a.shop\.example.c", OptionName("a", ("shop.example", "c"))),
    ],
)
def test_dots_lead_into_an_array(written: str, name: OptionName) -> None:
    assert option_name(written) == name


@pytest.mark.parametrize("value", ["", "a", '"quoted"', "two\nlines", "\x1b[31m", "a##b", "é✓"])
def test_a_value_is_shown_harmless_and_read_back(value: str) -> None:
    for shown in (notation.plain(value), notation.quoted(value)):
        assert shown.isprintable()
        assert "##" not in shown
        assert notation.read(shown) == value


def test_no_two_values_look_alike() -> None:
    values = ("two\nlines", r"two\nlines", '"two\\nlines"', "10", '"10"')
    assert len({notation.plain(value) for value in values}) == len(values)


@pytest.mark.parametrize(
    ("line", "leaf", "value"),
    [
        ("a.b: 10", {"type": "integer", "json": "5"}, 10),
        ("a.b: 10", text("5"), "10"),
        ("a.b: true", {"type": "boolean", "json": "false"}, True),
        ("a.b: 1.5", {"type": "number", "json": "1.0"}, 1.5),
        ("a.b: EUR", {"type": "missing_leaf"}, "EUR"),
        ("a.b: EUR", {"type": "null", "json": "null"}, "EUR"),
        ("a.b: {value: 10, type: text}", {"type": "integer", "json": "10", "exact": True}, "10"),
        ("a.b: {value: 10, type: integer}", text("10") | {"exact": True}, 10),
        ("a.b: {value: true, type: boolean}", {"type": "missing_leaf", "exact": True}, True),
        ("a.b: {value: x, create: true}", {"type": "missing_option"}, "x"),
        ('a.b: "one\\ntwo"', text("one"), "one\ntwo"),
    ],
)
def test_a_leaf_keeps_its_type_or_gets_the_named_one(line: str, leaf: Json, value: Any) -> None:
    (one,) = told(line, a__b=leaf)
    assert one["value"] == value
    assert type(one["value"]) is type(value)
    assert (one["option"], one["path"]) == ("a", ["b"])


@pytest.mark.parametrize(
    ("line", "leaf"),
    [
        ("a.b: 10", {"type": "integer", "json": "10"}),
        ("a.b: true", {"type": "boolean", "json": "true"}),
        ("a.b: {value: 10, type: text}", text("10") | {"exact": True}),
        ('a.b: "one\\ntwo"', text("one\ntwo")),
        ("a.b: absent", {"type": "missing_leaf"}),
        ("a.b: absent", {"type": "missing_option"}),
    ],
)
def test_what_is_so_already_is_no_change(line: str, leaf: Json) -> None:
    assert not changes(asked(line), seen(a__b=leaf))


@pytest.mark.parametrize(
    ("line", "leaf", "slug"),
    [
        ("a.b: x", {"type": "array", "size": 9, "sha256": "0" * 64}, "plan.option_shared"),
        ("a.b: x", {"type": "object", "size": 9, "sha256": "0" * 64}, "plan.option_shared"),
        ("a.b: x", {"type": "blocked"}, "plan.option_shared"),
        ("a.b: x", {"type": "damaged"}, "plan.option_shared"),
        ("a.b: x", {"type": "missing_option"}, "plan.option_missing"),
        ("a.b: x", {"type": "integer", "json": "5"}, "plan.option_type"),
        ("a.b: 010", {"type": "integer", "json": "5"}, "plan.option_type"),
        ("a.b: 1.50", {"type": "number", "json": "1.0"}, "plan.option_type"),
        ("a.b: true", text("yes"), "plan.option_type"),
        ("a.b: 10", {"type": "missing_leaf"}, "plan.option_type"),
        ("a.b: true", {"type": "missing_leaf"}, "plan.option_type"),
    ],
)
def test_what_is_refused(line: str, leaf: Json, slug: str) -> None:
    desired, found = asked(line), seen(a__b=leaf)
    (problem,) = KIND.refusals(desired, found, changes(desired, found))
    assert problem.slug == slug


def listed(value: list[Any], *, exact: bool = False) -> Json:
    return {"type": "list", "json": json.dumps(value), "list": True, "exact": exact}


@pytest.mark.parametrize(
    ("line", "leaf", "value"),
    [
        ("a.b: [x, y]", listed(["x"]), ["x", "y"]),
        ("a.b: [1, 2]", listed([3]), [1, 2]),
        ("a.b: [1, 2]", listed(["3"]), ["1", "2"]),
        ("a.b: [true]", listed([False]), [True]),
        ("a.b: []", listed([3, "x"]), []),
        ("a.b: [x]", {"type": "missing_leaf"}, ["x"]),
        ("a.b: [x]", {"type": "null", "json": "null"}, ["x"]),
        ("a.b: {value: [1, 2], type: integer}", listed(["1", "2"], exact=True), [1, 2]),
        ("a.b: {value: [1, 2], type: text}", listed([1, 2], exact=True), ["1", "2"]),
        ("a.b: {value: [1.5], type: number}", {"type": "missing_leaf", "exact": True}, [1.5]),
        ("a.b: {value: [x], create: true}", {"type": "missing_option"}, ["x"]),
        ('a.b: ["one\\ntwo", "##[x]"]', listed([]), ["one\ntwo", "##[x]"]),
    ],
)
def test_a_list_keeps_the_type_of_its_items_or_gets_the_named_one(
    line: str, leaf: Json, value: list[Any]
) -> None:
    (one,) = told(line, a__b=leaf)
    assert one["value"] == value
    assert [type(item) for item in one["value"]] == [type(item) for item in value]
    # Its role overwrites nothing else than was seen.
    assert one["seen"] == (json.loads(str(leaf["json"])) if leaf["type"] == "list" else None)


@pytest.mark.parametrize(
    ("line", "leaf"),
    [
        ("a.b: [1, x]", listed([1, "x"])),
        ("a.b: [true, 1.5]", listed([True, 1.5])),
        ("a.b: []", listed([])),
        ("a.b: {value: [1], type: integer}", listed([1], exact=True)),
        ('a.b: ["one\\ntwo"]', listed(["one\ntwo"])),
    ],
)
def test_a_list_that_is_so_already_is_no_change(line: str, leaf: Json) -> None:
    assert not changes(asked(line), seen(a__b=leaf))


@pytest.mark.parametrize(
    ("line", "leaf"),
    [
        ("a.b: [x, y]", listed(["y", "x"])),  # in this order
        ("a.b: {value: [1], type: integer}", listed(["1"], exact=True)),
        ("a.b: [x]", text('["x"]') | {"list": True}),  # a text that looks like one
    ],
)
def test_another_list_or_none_is_a_difference(line: str, leaf: Json) -> None:
    assert changes(asked(line), seen(a__b=leaf))


@pytest.mark.parametrize(
    ("line", "leaf", "slug"),
    [
        ("a.b: [x]", {"type": "array", "size": 9, "sha256": "0" * 64}, "plan.option_shared"),
        ("a: [x]", {"type": "array", "size": 9, "sha256": "0" * 64}, "plan.option_shared"),
        ("a.b: [x]", {"type": "blocked"}, "plan.option_shared"),
        ("a.b: [x]", {"type": "missing_option"}, "plan.option_missing"),
        ("a.b: [x]", text("x") | {"list": True}, "plan.option_type"),
        ("a: [x]", text("x") | {"list": True}, "plan.option_type"),
        ("a.b: [x]", {"type": "integer", "json": "5"}, "plan.option_type"),
        ("a.b: [x]", listed([1, 2]), "plan.option_type"),
        ("a.b: [x]", listed([1, "y"]), "plan.option_type"),  # of which type, nobody can tell
        ("a.b: [1]", {"type": "missing_leaf"}, "plan.option_type"),
    ],
)
def test_which_lists_are_refused(line: str, leaf: Json, slug: str) -> None:
    name = line.partition(":")[0].replace(".", "__")
    desired, found = asked(line), seen(**{name: leaf})
    (problem,) = KIND.refusals(desired, found, changes(desired, found))
    assert problem.slug == slug


def test_only_where_a_list_is_asked_for_the_probe_tells_what_is_in_one() -> None:
    questions = asked("a: [x], b: y").questions["options"]["options"]  # type: ignore[index]
    assert [(one["name"], one.get("list")) for one in questions] == [("a", True), ("b", None)]


def test_simulating_a_list_gives_nothing_to_do_and_undoing_what_was() -> None:
    desired = asked("a.b: [1, 2], c: [x]")
    found = seen(a__b=listed([3]), c={"type": "missing_option"})
    planned = changes(desired, found)
    done = simulate(found, planned)
    assert not changes(desired, done)
    assert undo(done, planned).resources == found.resources


def test_a_list_that_is_too_long_to_be_shown_is_told() -> None:
    with pytest.raises(InvalidDesiredState) as caught:
        asked(f"a: [{', '.join(['x' * 1000] * 5)}]")
    assert [problem.slug for problem in caught.value.problems] == ["desired.option"]


def test_a_whole_array_is_never_overwritten() -> None:
    desired = asked("a: x")
    found = seen(a={"type": "array", "size": 9, "sha256": "0" * 64})
    (problem,) = KIND.refusals(desired, found, changes(desired, found))
    assert problem.slug == "plan.option_shared"


def test_the_name_of_the_site_is_kept_as_html() -> None:
    assert not changes(asked("blogname: A & B"), seen(blogname=text("A &amp; B")))
    (one,) = told("blogname: A & B", blogname=text("C"))
    assert (one["value"], one["escaped"]) == ("A & B", True)


def test_what_the_client_owns_is_looked_at_and_left_alone() -> None:
    desired = asked("blogdescription: client")
    assert desired.managed == ()
    assert desired.questions["options"] == {
        "options": [
            {"name": "blogdescription", "option": "blogdescription", "path": [], "exact": False}
        ]
    }
    (noted,) = compare(desired, seen(blogdescription=text("mine"))).noted
    assert (noted.address, noted.sort) == ("options.blogdescription", "client")


def test_long_values_and_secrets_are_not_told() -> None:
    long = text("x" * 5000)
    found = seen(a=long, b__password=text("hunter2"), c__password=text("yes"))
    assert len(str(found.state(Address("options.a")).value)) < 100
    assert found.state(Address("options.b.password")) == State(value="***")
    assert found.state(Address("options.c.password")) == State(value="yes")


def test_an_empty_text_is_shown() -> None:
    assert short(State(value="")) == '""'


def test_simulating_gives_nothing_to_do_and_undoing_what_was() -> None:
    desired = asked("a.b: 10, c: x, d: absent")
    found = seen(a__b={"type": "integer", "json": "5"}, c={"type": "missing_option"}, d=text("x"))
    planned = changes(desired, found)
    assert len(planned) == 3
    done = simulate(found, planned)
    assert not changes(desired, done)
    assert done.state(Address("options.d")) == ABSENT
    assert undo(done, planned).resources == found.resources


_TEXTS = st.sampled_from(
    ("EUR", "10", "true", "false", "1.5", "null", "", '"q"', "two\nlines", "a##b")
)
_LEAVES = st.one_of(
    _TEXTS.map(text),
    st.sampled_from(("10", "-3", "0")).map(lambda n: {"type": "integer", "json": n}),
    st.sampled_from(("true", "false")).map(lambda b: {"type": "boolean", "json": b}),
    st.sampled_from(("1.5", "10.0")).map(lambda f: {"type": "number", "json": f}),
    st.sampled_from(({"type": "missing_leaf"}, {"type": "missing_option"}, {"type": "blocked"})),
)


@given(_TEXTS, _LEAVES, st.sampled_from((None, "text", "integer", "number", "boolean")))
def test_any_value_over_any_leaf_is_refused_or_settled(
    value: str, leaf: Json, type_: str | None
) -> None:
    """What is given to WordPress, read again as the probe would, is what was asked."""
    written = (
        json.dumps(value) if type_ is None else f"{{value: {json.dumps(value)}, type: {type_}}}"
    )
    try:
        desired = asked(f"a.b: {written}")
    except InvalidDesiredState:
        return
    exact = {**leaf, "exact": type_ is not None}
    found = seen(a__b=exact)
    planned = changes(desired, found)
    if list(KIND.refusals(desired, found, planned)):
        return
    for one in KIND.role_vars(planned, found)["options"]:  # type: ignore[attr-defined]
        exact = {**_as_probed(one["value"]), "exact": type_ is not None}
    assert not changes(desired, seen(a__b=exact))
    assert not changes(desired, simulate(found, planned))


def _as_probed(value: object) -> Json:
    kinds = {bool: "boolean", int: "integer", float: "number"}
    return text(value) if isinstance(value, str) else _number(kinds[type(value)], value)


def _number(type_: str, value: object) -> Json:
    return {"type": type_, "json": json.dumps(value)}
