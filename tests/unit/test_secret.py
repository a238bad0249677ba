"""A secret shows itself to nobody who does not ask for it by name."""

import copy
import json
import pickle
from dataclasses import dataclass

import msgspec
import pytest

from wpstate.model.secret import Secret, SecretHeader, SecretReference

SECRET = Secret("hunter2")
REFERENCE = SecretReference("env", "WPSTATE_SECRET_A")


@dataclass(frozen=True)
class Holder:
    secret: Secret


@pytest.mark.parametrize(
    "shown",
    [
        *(str(SECRET), repr(SECRET), f"{SECRET}", f"{SECRET:>9}", f"{SECRET!r}", f"{SECRET!a}"),
        *("%s" % SECRET, str([SECRET]), repr(Holder(SECRET)), str({"a": (SECRET,)})),  # noqa: UP031
        str(SecretHeader("X", REFERENCE, user="me").filled(SECRET)),
    ],
)
def test_it_prints_as_three_stars(shown: str) -> None:
    assert "***" in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize("write", [pickle.dumps, json.dumps, msgspec.json.encode, copy.copy])
def test_it_is_not_written_down(write: object) -> None:
    assert callable(write)
    with pytest.raises(TypeError):
        write(Holder(SECRET) if write is msgspec.json.encode else SECRET)


def test_headers_are_as_the_standards_say() -> None:
    assert SecretHeader("X-Gate", REFERENCE).filled(SECRET).value.reveal() == "hunter2"
    basic = SecretHeader("Authorization", REFERENCE, user="Aladdin").filled(Secret("open sesame"))
    assert basic.value.reveal() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617, section 2
    bearer = SecretHeader("Authorization", REFERENCE, bearer=True).filled(SECRET)
    assert bearer.value.reveal() == "Bearer hunter2"


def test_what_is_sent_back_is_blotted_out() -> None:
    basic = SecretHeader("Authorization", REFERENCE, user="Aladdin").filled(Secret("open sesame"))
    echoed = "you: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==, QWxhZGRpbjpvcGVuIHNlc2FtZQ==, open sesame"
    assert basic.blotted(echoed) == "you: Basic ***, ***, ***"
    assert Secret("").blotted("abc") == "abc"


def test_it_is_blotted_out_as_it_is_and_as_json_writes_it() -> None:
    secret = Secret('a"b/c\\d')
    php = json.dumps(secret.reveal()).replace("/", "\\/")
    for said in (secret.reveal(), json.dumps(secret.reveal()), php):
        assert secret.blotted(f"<{said}>") in ("<***>", '<"***">')
    assert Secret("").blotted("text") == "text"
