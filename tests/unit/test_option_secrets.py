"""Options whose value is a secret: named, compared by a proof, told to its role alone."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders import observed, replace
from tests.unit.desired.folders import sound_fleet
from wpstate.adapters.secret_values import proven, revealed
from wpstate.adapters.secrets import KeptSecrets
from wpstate.desired.compose import compose
from wpstate.model.change import Cause, Change
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.problem import InvalidDesiredState, Problem, Refused
from wpstate.model.secret import SecretReference
from wpstate.model.state import ABSENT, Address, Json, State
from wpstate.planning.compare import compare
from wpstate.resources.options import OptionsKind

KIND = OptionsKind()
KEY = SecretReference("env", "WPSTATE_SECRET_KEY")
NAMED = "{secret: {env: WPSTATE_SECRET_KEY}}"
SAME = State(value="secret env WPSTATE_SECRET_KEY")
ADDRESS = Address("options.maps_api_key")


def kept_secrets(**texts: str) -> KeptSecrets:
    nowhere = Path("/nonexistent")
    return KeptSecrets(nowhere, environment=texts, fleet_folder=nowhere, vault_password=None)


def asked(line: str) -> DesiredState:
    text = f"url: https://b.example\noptions: {{{line}}}\n"
    return compose(sound_fleet(sites__boutique=text)).sites[0]


def seen(name: str = "maps_api_key", **leaf: object) -> ObservedState:
    whole: Json = {"secret": str(KEY), "ours": False, "exact": False, "type": "text", **leaf}
    answer: Json = {"options": {name: whole}}
    states = dict(KIND.parse_observed({"kinds": {"options": answer}}))
    plain = observed({str(address): state for address, state in states.items()})
    return replace(plain, answers=(("options", answer),))


def applied(found: ObservedState, state: State) -> ObservedState:
    return replace(found, applied=replace(found.applied, values=((ADDRESS, state),)))


def changes(desired: DesiredState, found: ObservedState) -> tuple[Change, ...]:
    return tuple(c for c in compare(desired, found).changes if c.address.startswith("options."))


def problems(line: str) -> tuple[Problem, ...]:
    with pytest.raises(InvalidDesiredState) as caught:
        asked(line)
    return caught.value.problems


def test_a_file_names_it_and_everything_else_does_too() -> None:
    (managed,) = asked(f"maps_api_key: {NAMED}").managed
    assert (managed.address, managed.want, managed.label) == (ADDRESS, SAME, "secret")


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        ("maps_api_key: hunter2", "desired.option_protected"),
        ("maps_api_key: {secret: hunter2}", "secret.literal"),
        ("maps_api_key: {secret: {env: hunter2}}", "secret.reference"),
        ("maps_api_key: {secret: {env: WPSTATE_SECRET_A, file: hunter2}}", "secret.literal"),
        ("siteurl: {secret: {env: WPSTATE_SECRET_A}}", "desired.option_protected"),
        ("a: {secret: {file: b}, value: hunter2}", "desired.contradiction"),
        ("a: {secret: {file: b}, state: absent}", "desired.contradiction"),
        ("a: {secret: {file: b}, type: text}", "desired.contradiction"),
        ("a: {value: {secret: {file: b}}}", "desired.option"),
        ("a: [{secret: {file: b}}]", "desired.option"),
    ],
)
def test_nothing_else_may_stand_there(line: str, slug: str) -> None:
    told = problems(line)
    assert slug in {problem.slug for problem in told}
    assert "hunter2" not in repr(told)


def test_the_probe_is_told_a_proof_and_never_twice_the_same() -> None:
    question = asked(f"maps_api_key: {NAMED}").questions["options"]
    with pytest.raises(TypeError):
        json.dumps(question)  # nobody sends it by accident
    kept = kept_secrets(WPSTATE_SECRET_KEY="hunter2-hunter2")
    proofs: list[Any] = [proven(question, kept)["options"][0]["secret"] for _ in "ab"]  # type: ignore[index]
    assert "hunter2" not in json.dumps(proofs)
    assert proofs[0]["hmac"] != proofs[1]["hmac"]
    for proof in proofs:
        salt = proof["salt"].encode()
        assert proof["hmac"] == hmac.new(salt, b"hunter2-hunter2", hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("leaf", "state"),
    [
        ({"same": True}, SAME),
        ({"same": False}, State(value="another value")),
        ({"same": False, "ours": True}, State(value="an earlier secret of ours")),
        ({"same": None}, State(value="not compared")),
        ({"same": False, "type": "array"}, State(value="another value")),
        ({"same": False, "type": "missing_option"}, ABSENT),
        ({"same": False, "type": "missing_leaf"}, ABSENT),
    ],
)
def test_what_was_seen_is_whether_it_is_the_same(leaf: Json, state: State) -> None:
    assert seen(**leaf).state(ADDRESS) == state


@pytest.mark.parametrize(
    ("leaf", "before", "cause"),
    [
        ({"same": False}, None, Cause.PENDING),
        ({"same": False, "type": "missing_option"}, None, Cause.PENDING),
        ({"same": False, "ours": True}, SAME, Cause.PENDING),
        ({"same": False, "ours": True}, State(value="secret env WPSTATE_SECRET_A"), Cause.PENDING),
    ],
)
def test_a_secret_that_is_new_or_was_changed_is_pending(
    leaf: Json, before: State | None, cause: Cause
) -> None:
    found = seen(**leaf)
    (change,) = changes(
        asked(f"maps_api_key: {NAMED}"), applied(found, before) if before else found
    )
    assert (change.cause, change.after) == (cause, SAME)


def test_what_the_site_changed_is_drift() -> None:
    desired, found = asked(f"maps_api_key: {NAMED}"), applied(seen(same=False), SAME)
    assert not changes(desired, found)
    assert [(n.address, n.sort) for n in compare(desired, found).noted] == [(ADDRESS, "drift")]


def test_the_same_is_no_change() -> None:
    assert not changes(asked(f"maps_api_key: {NAMED}"), seen(same=True))


def test_without_the_secret_nothing_is_changed_or_called_in_sync() -> None:
    desired, found = asked(f"maps_api_key: {NAMED}"), seen(same=None)
    assert not changes(desired, found)
    assert [n.sort for n in compare(desired, found).noted] == ["out_of_reach"]
    (problem,) = KIND.conflicts(desired, found, ())
    assert (problem.slug, problem.found) == ("secret.missing", "env WPSTATE_SECRET_KEY")
    question = proven(desired.questions["options"], kept_secrets())
    assert question["options"][0]["secret"]["hmac"] is None  # type: ignore[index]


def test_its_role_alone_is_told_it() -> None:
    desired, found = asked(f"maps_api_key: {NAMED}"), seen(same=False)
    planned = changes(desired, found)
    assert not list(KIND.refusals(desired, found, planned))
    told = KIND.role_vars(planned, found)
    assert told["options"][0]["value"] == KEY  # type: ignore[index]
    filled, hidden = revealed(told, kept_secrets(WPSTATE_SECRET_KEY="hunter2-hunter2"))
    assert filled["options"] == [
        {
            "option": "maps_api_key", "path": [], "was": "text", "value": "hunter2-hunter2",
            "secret": "maps_api_key", "escaped": False,
        }
    ]  # fmt: skip
    assert [secret.reveal() for secret in hidden] == ["hunter2-hunter2"]


@pytest.mark.parametrize("kept", [kept_secrets(), kept_secrets(WPSTATE_SECRET_KEY="short")])
def test_one_that_is_not_there_or_too_short_is_told_to_nobody(kept: KeptSecrets) -> None:
    with pytest.raises(Refused) as caught:
        revealed({"value": [KEY]}, kept)
    assert caught.value.problems[0].slug in ("secret.missing", "secret.value")
    assert "short" not in repr(caught.value.problems[0].found)


@pytest.mark.parametrize(
    ("leaf", "slug"),
    [
        ({"type": "array"}, "plan.option_shared"),
        ({"type": "integer"}, "plan.option_type"),
        ({"type": "missing_option"}, "plan.option_missing"),
    ],
)
def test_only_a_text_is_replaced(leaf: Json, slug: str) -> None:
    desired, found = asked(f"mail.api_key: {NAMED}"), seen("mail.api_key", same=False, **leaf)
    (problem,) = KIND.refusals(desired, found, changes(desired, found))
    assert problem.slug == slug


def test_a_word_that_only_looks_like_one_is_a_plain_value() -> None:
    (managed,) = asked("a: secret env WPSTATE_SECRET_KEY").managed
    assert managed.label == "set"
    question: Any = asked("a: secret env WPSTATE_SECRET_KEY").questions["options"]
    assert "secret" not in question["options"][0]
