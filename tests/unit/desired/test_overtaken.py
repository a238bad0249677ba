"""The lines that a patch went past, and what they must say for it to stay."""

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.overtaken import overtaken
from wpstate.desired.parts import take_apart
from wpstate.model.patch import Patch
from wpstate.model.state import Address, State

_FIX = Patch(Address("plugins.akismet"), State(version="6.0"))
_OFF = Patch(Address("plugins.akismet"), State(active=False))
_CATALOG = "core: 7.1.1\nplugins:\n  akismet: {}\n"


def _lines(
    patch: Patch,
    site: str,
    *,
    profile: str = "approved",
    catalog: str = "6.0",
    has_it: bool = True,
) -> list[tuple[str, str, str, object]]:
    texts = sound_fleet(
        catalog=_CATALOG.format(catalog),
        profiles__care=f"plugins: {{akismet: {profile}}}\n",
        sites__boutique="url: https://www.boutique.example\nprofiles: [care]\n"
        f"plugins:\n  akismet: {site}\n",
    )
    sites = ("boutique",) if has_it else ("another",)
    return [
        (f"{one.at.file}:{one.at.line}", ".".join(one.keys[2:]), one.before, one.after)
        for one in overtaken(take_apart(texts), patch, sites)
    ]


@pytest.mark.parametrize("site", ["approved", "6.0", "6.10", "client", "absent", "unmanaged"])
def test_what_asks_for_no_less_stays_as_it_is(site: str) -> None:
    assert _lines(_FIX, site) == []


def test_pins_and_the_catalog_are_raised_in_whatever_form_they_stand() -> None:
    assert _lines(_FIX, "5.9", catalog="5.7.2") == [
        ("catalog.yml:3", "", "5.7.2", "6.0"),
        ("sites/boutique.yml:4", "", "5.9", "6.0"),
    ]
    assert _lines(
        _FIX,
        "{version: 5.9, state: inactive}",
        profile="5.8",
        catalog="{approved: 5.7.2, owner: Ana}",
    ) == [
        ("catalog.yml:3", "approved", "5.7.2", "6.0"),
        ("profiles/care.yml:1", "", "5.8", "6.0"),
        ("sites/boutique.yml:4", "version", "5.9", "6.0"),
    ]


def test_a_site_that_did_not_get_it_keeps_its_pin() -> None:
    assert _lines(_FIX, "5.9", has_it=False) == []
    parts = take_apart(sound_fleet(catalog=_CATALOG.format("5.0")))
    assert overtaken(parts, _FIX, ()) == ()


def test_what_others_install_is_theirs_to_raise() -> None:
    assert _lines(_FIX, "{version: 5.9, managed_by: composer}") == []
    assert _lines(_OFF, "{version: 5.9, managed_by: host}", profile="inactive") == []


@pytest.mark.parametrize(
    ("site", "line"),
    [
        ("approved", ("", "approved", "inactive")),
        ("5.9", ("", "5.9", (("version", "5.9"), ("state", "inactive")))),
        ("{version: 5.9}", ("state", "", "inactive")),
        ("{version: 5.9, state: active}", ("state", "active", "inactive")),
    ],
)
def test_what_was_switched_off_is_asked_to_be_off(site: str, line: tuple[str, str, object]) -> None:
    assert _lines(_OFF, site, profile="inactive") == [("sites/boutique.yml:4", *line)]
