"""What a plan passes over as being so is so, by the probe's own words and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.unit.kinds.agency import asked, seen
from tests.unit.kinds.any import ANY
from wpstate.model.problem import InvalidDesiredState
from wpstate.model.state import State, name_of
from wpstate.resources.registry import KIND

_SETTINGS = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
)


def _is_published(found: Any) -> bool:
    if not isinstance(found, dict):
        return False
    return found["how"] == "there" and found["status"] == "publish" and not found["locked"]


def _content(answer: Any, name: str, want: State) -> bool | None:
    """None: of this the probe does not tell alone."""
    if name == "home":
        return _is_published(answer["front"]) and answer["front"]["slug"] == want.value
    if name.startswith("pages."):
        return _is_published(answer["pages"].get(name.removeprefix("pages.")))
    return None


def _rewrite(answer: Any, name: str, want: State) -> bool:
    if name == "structure":
        return bool(answer[name] == ("" if want.value == "plain" else want.value))
    return bool(answer[name].strip("/") == ("" if want.value == "default" else want.value))


def _constants(answer: Any, name: str, want: State) -> bool:
    found = answer["constants"].get(name, {})
    if not want.present:
        return "type" not in found
    said = str(want.value)
    is_text = not said.lstrip("-").isdigit() and said not in ("true", "false")
    return found.get("type") in (("text",) if is_text else ("integer", "boolean"))


def _users(answer: Any, name: str, want: State) -> bool | None:
    login, _, part = name.partition("/")
    if login.startswith("("):
        return None
    accounts = {told["asked"] or told["login"]: told for told in answer["accounts"]}
    account = accounts.get(login)
    if part:
        return account is None or account["application_passwords"] == 0
    if not want.present:
        return account is None
    return account is not None and account["roles"] == [want.value]


def _cron(answer: Any, name: str, want: State) -> bool | None:
    hook = name.removeprefix("hooks.")
    return None if hook == name else bool(answer["hooks"].get(hook, 0)) == want.present


def _mail(answer: Any, name: str, want: State) -> bool:
    return (answer["sha256"] is None) == (want.value == "on")


_TRUE: dict[str, Callable[[Any, str, State], bool | None]] = {
    "content": _content,
    "rewrite": _rewrite,
    "constants": _constants,
    "users": _users,
    "cron": _cron,
    "mail": _mail,
}


@pytest.mark.parametrize("name", _TRUE)
@_SETTINGS
@given(data=st.data())
def test_what_is_passed_over_is_so(name: str, data: st.DataObject) -> None:
    words = data.draw(ANY[name])
    try:
        desired = asked(words.text)
    except InvalidDesiredState:
        assume(False)
    observed = seen(desired, words.said)
    assume(not observed.faults)
    for managed in desired.managed:
        if KIND[name].name == managed.address.partition(".")[0]:
            there = observed.state(managed.address)
            answer = words.said["kinds"][name]
            is_so = _TRUE[name](answer, name_of(managed.address), managed.want)
            if there.satisfies(managed.want) and is_so is not None:
                assert is_so, managed
