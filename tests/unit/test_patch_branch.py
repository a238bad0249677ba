"""What a patch went past is proposed as edits that compose, with its bytes in the lock."""

from dataclasses import replace
from datetime import date

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.desired.overtaken import overtaken
from wpstate.desired.parts import take_apart
from wpstate.model.identity import Identity
from wpstate.model.mandate import Mandate
from wpstate.model.patch import Patch, Patching
from wpstate.model.problem import InvalidDesiredState
from wpstate.model.state import Address, State
from wpstate.ports.branches import WPSTATE
from wpstate.workflows.lock import LockedVersion
from wpstate.workflows.patch_branch import patch_branch

_ANA = Mandate(("ana",), "CVE-2026-21001")
_DAY = date(2026, 11, 22)
_LOCKED = LockedVersion(
    "plugins", "akismet", "6.0", "a" * 64, requires_php="8.1", identity=Identity("A: 'b'", "x", "")
)
_TEXTS = sound_fleet(
    catalog="core: 7.1.1\nplugins:\n  akismet: 5.7.2  # reviewed by Ana\n",
    profiles__care="plugins: {akismet: approved}\n",
    sites__boutique="url: https://www.boutique.example\nprofiles: [care]\n"
    "plugins:\n  akismet: 5.9  # loses its footer\n",
)


def _done(patch: Patch) -> Patching:
    lines = overtaken(take_apart(_TEXTS), patch, ("boutique",))
    return Patching("akismet", patch.want.version, None, (), None, lines)


def test_pins_catalog_and_lock_ask_for_what_sites_have() -> None:
    done = _done(Patch(Address("plugins.akismet"), State(version="6.0")))
    change = patch_branch(_TEXTS, done, _LOCKED, _ANA, WPSTATE, _DAY)
    assert change.branch == "wpstate/patch/akismet"
    assert change.trailers == (("Approved-by", "ana"),)
    assert sorted(change.files) == ["catalog.lock.yml", "catalog.yml", "sites/boutique.yml"]
    new = {**_TEXTS, **{path: (data or b"").decode() for path, data in change.files.items()}}
    assert "akismet: 6.0    # reviewed by Ana" in new["catalog.yml"]
    assert "akismet: 6.0  # loses its footer" in new["sites/boutique.yml"]
    (site,) = (each for each in compose(new).sites if each.site.id == "boutique")
    (akismet,) = (each for each in site.managed if each.address == "plugins.akismet")
    assert akismet.artifact is not None
    assert (akismet.artifact.version, akismet.artifact.sha256) == ("6.0", "a" * 64)
    assert akismet.artifact.requires_php == "8.1"
    assert compose(new).locked["plugins", "akismet", "6.0"] == Identity("A: 'b'", "x", "")


def test_what_is_locked_already_is_not_written_again() -> None:
    done = _done(Patch(Address("plugins.akismet"), State(version="6.0")))
    first = patch_branch(_TEXTS, done, _LOCKED, _ANA, WPSTATE, _DAY)
    lock = first.files["catalog.lock.yml"]
    assert lock is not None
    again = {**_TEXTS, "catalog.lock.yml": lock.decode()}
    assert "catalog.lock.yml" not in patch_branch(again, done, _LOCKED, _ANA, WPSTATE, _DAY).files


def test_what_was_switched_off_is_asked_to_be_off() -> None:
    done = _done(Patch(Address("plugins.akismet"), State(active=False)))
    change = patch_branch(_TEXTS, done, None, _ANA, WPSTATE, _DAY)
    new = {**_TEXTS, **{path: (data or b"").decode() for path, data in change.files.items()}}
    (site,) = (each for each in compose(new).sites if each.site.id == "boutique")
    (akismet,) = (each for each in site.managed if each.address == "plugins.akismet")
    assert akismet.want == State(version="5.9", active=False)


def test_files_that_would_not_hold_together_are_no_proposal() -> None:
    done = _done(Patch(Address("plugins.akismet"), State(version="6.0")))
    broken = replace(done, follow_up=tuple(replace(one, after="six") for one in done.follow_up))
    with pytest.raises(InvalidDesiredState):
        patch_branch(_TEXTS, broken, None, _ANA, WPSTATE, _DAY)
