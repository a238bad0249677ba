"""Must-use plugins and drop-ins: which bytes, whose they are, and what is reported."""

import hashlib

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.desired.folder import MOST_CODE_BYTES
from wpstate.model.desired import DesiredState
from wpstate.model.problem import InvalidDesiredState
from wpstate.model.state import ABSENT, State

_CODE = "<?php // \udcff a byte that is no text\n"
_SHA256 = hashlib.sha256(_CODE.encode("utf-8", "surrogateescape")).hexdigest()


def _site(text: str, code: str = _CODE) -> DesiredState:
    files = {"profiles/care": "offer: Care\n"}
    texts = sound_fleet(sites__boutique=f"url: https://b.example\n{text}", **files)
    return compose(texts | {"files/agency.php": code}).sites[0]


@pytest.mark.parametrize("said", ["files/agency.php", "{from: files/agency.php, why: Ours.}"])
@pytest.mark.parametrize("place", ["mu_plugins: {agency.php: %s}", "dropins: {db.php: %s}"])
def test_a_file_of_the_fleet_is_wanted_byte_for_byte(place: str, said: str) -> None:
    (managed,) = _site(place % said).managed
    assert managed.want == State(value=_SHA256)
    assert managed.artifact
    assert (managed.artifact.source, managed.artifact.sha256) == ("files/agency.php", _SHA256)


def test_words_for_a_file() -> None:
    site = _site("mu_plugins: {a.php: absent, b.php: client, c.php: {state: unmanaged}}")
    assert [(m.address, m.want) for m in site.managed] == [("mu_plugins.a.php", ABSENT)]
    assert [(left.address, left.owner) for left in site.left_alone] == [
        ("mu_plugins.b.php", "client"),
        ("mu_plugins.c.php", "unmanaged"),
    ]


def test_a_file_may_be_as_large_as_allowed_and_no_larger() -> None:
    asked = "mu_plugins: {agency.php: files/agency.php}"
    assert _site(asked, "x" * MOST_CODE_BYTES).managed
    with pytest.raises(InvalidDesiredState) as caught:
        _site(asked, "x" * (MOST_CODE_BYTES + 1))
    assert [problem.slug for problem in caught.value.problems] == ["desired.no_file"]
