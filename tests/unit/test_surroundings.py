"""What the environment says is not for programs that are started later, and for all of this one."""

import os
from pathlib import Path

import pytest

from wpstate import surroundings
from wpstate.model.secret import SecretReference
from wpstate.stores import Stores

_GIVEN = {"WPSTATE_SECRET_MAPS": "a word", "WPSTATE_DATABASE": "postgresql://w:p@db.example/w"}
_MAPS = SecretReference("env", "WPSTATE_SECRET_MAPS")


def test_whoever_comes_second_has_the_secrets_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(surroundings, "_WITHHELD", {})
    for name, text in _GIVEN.items():
        monkeypatch.setenv(name, text)
    first, second = Stores(tmp_path), Stores(tmp_path)
    assert not set(_GIVEN) & set(os.environ)
    for each in (first, second):
        assert each.withheld_variables == _GIVEN
        assert each._secrets.reveal(_MAPS).reveal() == "a word"
        assert each._database_url is not None
