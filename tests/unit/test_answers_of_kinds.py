"""What a host answers to the questions of kinds: a value in it is one, nothing is told twice, and
what it keeps to itself is a fault."""

import base64
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import NOW, desired, nothing_asked
from tests.builders import SITE as BOUTIQUE
from tests.unit.test_observation import codes, entry, read, text_of
from wpstate.adapters.observer import ProbeObserver
from wpstate.planning.build import build_site
from wpstate.ports import CommandResult

_REWRITE = {"structure": "", "category_base": "", "tag_base": "", "block": True, "writable": True}
_NOTHING_LATE = {"count": 0, "hooks": []}


def _option(told: dict[str, Any]) -> dict[str, Any]:
    return {"options": {"options": {"a": {"exact": False, **told}}}}


def _constant(told: dict[str, Any]) -> dict[str, Any]:
    found = {"form": "plain", **told}
    return {"constants": {"constants": {"A": found}, "obstacle": None, "has_place": True}}


def _cron(told: dict[str, Any]) -> dict[str, Any]:
    constants = {"constants": {"DISABLE_WP_CRON": {"form": "plain", **told}}}
    plan = {"crontab": "there", "schedule": None, "is_ours": False, "overdue": _NOTHING_LATE}
    return {"cron": {"hooks": {}, **plan, "constants": {**constants, "obstacle": None,
                                                        "has_place": True}}}  # fmt: skip


@pytest.mark.parametrize("kind", [_option, _constant, _cron])
@pytest.mark.parametrize("text", [r'"\q"', '"a##b"', '"\x1b"', '"a" "b"', '"' * 3])
def test_a_text_that_is_no_json_is_not_believed(kind: Any, text: str) -> None:
    assert codes(read(kinds=kind({"type": "text", "json": text}))) == ["untrusted_output"]


@pytest.mark.parametrize("text", ["[[1]]", "[{}]", "[null]", "[1", "[" * 9999 + "]", "[NaN]"])
def test_a_list_of_anything_but_values_is_not_believed(text: str) -> None:
    told = {"type": "list", "list": True, "json": text}
    assert codes(read(kinds=_option(told))) == ["untrusted_output"]


@pytest.mark.parametrize("text", ['"é\\u001b"', '["a", 1, 1.5, true]', "null"])
def test_values_are_believed(text: str) -> None:
    sort = {'"': "text", "[": "list", "n": "null"}[text[0]]
    told: dict[str, Any] = {"type": sort, "json": text} | ({"list": True} if sort == "list" else {})
    assert codes(read(kinds=_option(told))) == []


def test_what_is_told_twice_is_believed_in_neither_way() -> None:
    account = {"powerful": False, "application_passwords": 0}
    accounts = [
        {"login": "anna", "asked": "anna", "roles": ["editor"], **account},
        {"login": "anna", "asked": None, "roles": ["administrator"], **account},
    ]
    counts = dict.fromkeys(("administrators", "other_application_passwords"), 0)
    lists = {name: [] for name in ("roles", "powerful_roles", "content", "without_author")}
    answer = {"accounts": accounts, "at_most": None, "shared": False, **counts, **lists}
    seen = read(kinds={"users": answer})
    assert codes(seen) == ["untrusted_output"]
    assert "users.anna" in seen.faults[0].detail


class _Talking:
    """A shell whose probe answers this, framed as the program asks."""

    def __init__(self, document: str) -> None:
        self._document = document.encode()

    def of(self, host: object) -> "_Talking":
        return self

    def run(self, command: str, source: bytes, **_: object) -> CommandResult:
        (encoded,) = re.findall(rb"request = '([A-Za-z0-9+/=]+)'", source)
        line = f"wpstate-{json.loads(base64.b64decode(encoded))['nonce']}".encode()
        said = b"%s begin %d\n%s\n%s end\n" % (line, len(self._document), self._document, line)
        return CommandResult(0, said, b"")

    def now(self) -> object:
        return NOW


def test_a_question_without_an_answer_is_a_fault_and_refuses_the_plan() -> None:
    wire: Any = _Talking(text_of(entry(kinds={"rewrite": _REWRITE})))
    for kinds, expected in (
        ({"rewrite": {}}, []),
        ({"rewrite": {}, "cron": {}, "mail": {}}, ["kind_unseen", "kind_unseen"]),
    ):
        asking = replace(desired(), questions=kinds)
        seen = ProbeObserver(wire, wire).observe([asking])[BOUTIQUE.id]
        assert codes(seen) == expected
        refusals = {problem.slug for problem in build_site(asking, seen).refusals}
        assert ("observe.kind_unseen" in refusals) == bool(expected)


def test_where_something_else_was_unseen_that_is_what_is_told() -> None:
    down = {"code": "database_down", "detail": "error 2002"}
    wire: Any = _Talking(text_of(entry(faults=[down])))
    asking = replace(nothing_asked(BOUTIQUE), questions={"rewrite": {}})
    assert codes(ProbeObserver(wire, wire).observe([asking])[BOUTIQUE.id]) == ["database_down"]
