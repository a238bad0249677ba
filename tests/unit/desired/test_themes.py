"""What themes make of the words of language.md: one is active, and the others are not."""

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState
from wpstate.model.state import ABSENT, State, name_of

_HASH = "ab" * 32
_CATALOG = (
    "core: 7.1.1\nplugins: {akismet: 5.7.2}\n"
    "themes: {storefront: 4.6, storefront-child: 1.3, plain: 1.5}\n"
)
_LOCK = (
    f"themes:\n  storefront-child:\n    1.3: {{sha256: {_HASH}, requires_wp: 6.2, "
    "parent: storefront}\n"
)


def _site(themes: str) -> DesiredState:
    text = f"url: https://b.example\nthemes: {themes}\n"
    files = {"catalog": _CATALOG, "catalog.lock": _LOCK, "profiles/care": "offer: Care\n"}
    return compose(sound_fleet(sites__boutique=text, **files)).sites[0]


def _wants(themes: str) -> dict[str, State]:
    return {name_of(managed.address): managed.want for managed in _site(themes).managed}


@pytest.mark.parametrize(
    ("word", "want"),
    [
        ("approved", State(version="1.5")),
        ("1.4", State(version="1.4")),
        ("active", State(version="1.5", active=True)),
        ("inactive", State(version="1.5", active=False)),
        ("absent", ABSENT),
        ("{version: 1.4, state: active}", State(version="1.4", active=True)),
    ],
)
def test_words_for_a_theme(word: str, want: State) -> None:
    assert _wants(f"{{plain: {word}}}") == {"plain": want}


def test_beside_an_active_theme_the_others_are_not() -> None:
    assert _wants("{storefront-child: active, storefront: approved, plain: absent}") == {
        "storefront-child": State(version="1.3", active=True),
        "storefront": State(version="4.6", active=False),
        "plain": ABSENT,
    }


@pytest.mark.parametrize("word", ["client", "unmanaged"])
def test_a_theme_that_is_left_alone(word: str) -> None:
    desired = _site(f"{{plain: {word}}}")
    assert desired.managed == ()
    assert [(left.address, left.owner) for left in desired.left_alone] == [("themes.plain", word)]


def test_bytes_tell_the_parent_that_was_locked() -> None:
    (managed,) = _site("{storefront-child: approved}").managed
    assert managed.artifact
    assert (managed.artifact.kind, managed.artifact.parent) == ("themes", "storefront")
    assert managed.artifact.requires_wp == "6.2"


def test_the_probe_is_asked_on_every_site() -> None:
    assert _site("{plain: absent}").questions["themes"] == {}
