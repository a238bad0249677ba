"""One value of a file changes, and nothing else of its text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wpstate.desired.document import read_document
from wpstate.desired.editing import Edit, edited
from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.problem import InvalidDesiredState

CATALOG = """\
# yaml-language-server: $schema=x
core:   7.1.1     # since October
plugins:

  akismet: 5.7.2  # spam
  hello: {approved: 1.7.2, wordpress_org: hello-dolly}   # known there
  wp-rocket:
    approved: 3.19.4
    zips: {3.19.4: packages/wp-rocket-3.19.4.zip}
    reason: >
      Best
      we know.

  # below
  last: "1.0"
# end
themes: {}
"""


HELLO = "plugins/hello"
ZIPS = "plugins/wp-rocket/zips"
PIN = {"version": "5.5", "why": "it's, so"}


def one(keys: str, value: object, text: str = CATALOG) -> str:
    return edited("catalog.yml", text, [Edit(tuple(keys.split("/")), value)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keys", "value", "before", "after"),
    [
        ("core", "7.1.2", "core:   7.1.1     #", "core:   7.1.2     #"),
        ("plugins/akismet", "5.7.10", "akismet: 5.7.2  #", "akismet: 5.7.10  #"),
        ("core", "7.1.10", "core:   7.1.1     #", "core:   7.1.10    #"),
        ("plugins/hello/approved", "1.8", "approved: 1.7.2,", "approved: 1.8,"),
        ("plugins/last", "1.1", '"1.0"', "1.1"),
        ("plugins/wp-rocket/reason", "Good", ">\n      Best\n      we know.\n", "Good\n"),
        (ZIPS + "/3.20", "a, b.zip", "4.zip}", "4.zip, 3.20: 'a, b.zip'}"),
        ("plugins/wp-rocket/owner", "Ana", "know.\n", "know.\n    owner: Ana\n"),
        ("plugins/new", "1.0", '"1.0"\n', '"1.0"\n  new: 1.0\n'),
        ("themes/a", "1", "{}", "{a: 1}"),
        (HELLO, "1.8", "{approved: 1.7.2, wordpress_org: hello-dolly}   #", "1.8" + " " * 45 + "#"),
        ("forbidden/x/y", "no", "themes: {}\n", "themes: {}\nforbidden:\n  x:\n    y: no\n"),
        ("plugins/akismet", None, "  akismet: 5.7.2  # spam\n", ""),
        ("plugins/hello/approved", None, "approved: 1.7.2, ", ""),
        ("plugins/hello/wordpress_org", None, ", wordpress_org: hello-dolly", ""),
        (ZIPS + "/3.19.4", None, "    zips: {3.19.4: packages/wp-rocket-3.19.4.zip}\n", ""),
        ("plugins/akismet", PIN, "5.7.2  #", "{version: 5.5, why: 'it''s, so'}  #"),
    ],
)  # fmt: skip
def test_only_that_changes(keys: str, value: object, before: str, after: str) -> None:
    assert CATALOG.count(before) == 1
    assert one(keys, value) == CATALOG.replace(before, after)


def test_a_block_becomes_one_line_and_its_heading_keeps_its_comment() -> None:
    text = "a:  # told\n  b: c\n  d:\n  - e\n  # within\n  - f  # g\nz: y\n"
    assert one("a", "x", text) == "a: x  # told  # g\nz: y\n"


@pytest.mark.parametrize("value", ["5.7.2", None])
def test_what_is_so_already_stays(value: str | None) -> None:
    assert one("plugins/akismet" if value else "plugins/none", value) == CATALOG


def test_a_key_below_a_single_value_is_nobodys_to_write() -> None:
    with pytest.raises(InvalidDesiredState) as raised:
        one("plugins/akismet/until", "2027-01-01")
    assert raised.value.problems[0].slug == "fleet.not_editable"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "# no end"])
def test_an_empty_file_gets_its_first_key(text: str) -> None:
    assert one("a/b", "c", text).endswith("\na:\n  b: c\n" if text else "a:\n  b: c\n")


def data(node: Node | None) -> object:
    match node:
        case Text():
            return node.text
        case Items():
            return [data(item) for item in node.items]
        case Map():
            return {key.text: data(value) for key, value in node.entries}
        case _:
            return {}


WORDS = st.text("ab1.-, :#'\"{}[]&*!|>%@é\\", min_size=1, max_size=8).filter(
    lambda word: word.strip() == word and word != "<<"
)
LEAVES = WORDS | st.lists(WORDS, min_size=1, max_size=3)
TREES = st.dictionaries(
    WORDS, st.recursive(LEAVES, lambda i: st.dictionaries(WORDS, i, min_size=1)), min_size=1
)


@settings(max_examples=50, deadline=None)
@given(TREES, st.lists(WORDS, min_size=1, max_size=3), LEAVES | st.none(), st.booleans())
def test_any_edit_says_what_was_asked(
    tree: dict[str, object], keys: list[str], value: object, block: bool
) -> None:
    edits = [Edit((key,), said) for key, said in tree.items()]  # type: ignore[arg-type]
    text = edited("x.yml", "" if block else "{}", edits)
    assert data(read_document("x.yml", text)[0]) == tree
    try:
        after = edited("x.yml", text, [Edit(tuple(keys), value)])  # type: ignore[arg-type]
    except InvalidDesiredState:
        return
    found = data(read_document("x.yml", after)[0]) if after.strip() else {}
    for key in keys[:-1]:
        assert isinstance(found, dict)
        found = found.get(key, {})
    assert isinstance(found, dict)
    assert found.get(keys[-1]) == value
    assert edited("x.yml", after, [Edit(tuple(keys), value)]) == after  # type: ignore[arg-type]
