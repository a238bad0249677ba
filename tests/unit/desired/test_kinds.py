"""What core and plugins make of the words of language.md, as tables."""

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState, Managed
from wpstate.model.state import ABSENT, State

_HASH = "ab" * 32
_LOCK = (
    f"core:\n  7.1.1: {{sha256: {_HASH}, database: 61833}}\n"
    f"plugins:\n  akismet:\n    5.7.2: {{sha256: {_HASH}}}\n"
)


def _site(text: str, **changes: str) -> DesiredState:
    return compose(sound_fleet(sites__boutique=f"url: https://b.example\n{text}", **changes)).sites[
        0
    ]


def _one(text: str, **changes: str) -> Managed:
    (managed,) = _site(text, **changes).managed
    return managed


@pytest.mark.parametrize(
    ("word", "want", "label", "span"),
    [
        ("5.5", State(version="5.5", active=True), "pinned", "sites/boutique.yml:2:20"),
        ("approved", State(version="5.7.2", active=True), "approved", "catalog.yml:3:12"),
        ("inactive", State(version="5.7.2", active=False), "inactive", "catalog.yml:3:12"),
        ("absent", ABSENT, "absent", "sites/boutique.yml:2:20"),
        (
            "{version: 5.10, state: inactive}",
            State(version="5.10", active=False),
            "pinned",
            "sites/boutique.yml:2:30",
        ),
        (
            "{state: active}",
            State(version="5.7.2", active=True),
            "approved",
            "catalog.yml:3:12",
        ),
    ],
)
def test_words_for_a_plugin(word: str, want: State, label: str, span: str) -> None:
    managed = _one(f"plugins: {{akismet: {word}}}\n")
    assert (managed.want, managed.label, str(managed.span)) == (want, label, span)
    assert str(managed.asked_by) == "sites/boutique.yml:2:20"


@pytest.mark.parametrize("word", ["client", "unmanaged", "{state: client}"])
def test_what_is_left_alone(word: str) -> None:
    desired = _site(f"plugins: {{akismet: {word}}}\n")
    assert desired.managed == ()
    assert [(left.address, left.owner) for left in desired.left_alone] == [
        ("plugins.akismet", word.strip("{}").removeprefix("state: "))
    ]


def test_unmanaged_takes_back_what_a_profile_asks() -> None:
    desired = _site("profiles: [care]\nplugins: {akismet: unmanaged}\n")
    assert "plugins.akismet" not in {managed.address for managed in desired.managed}


def test_a_pin_tells_why_and_until() -> None:
    managed = _one("plugins: {akismet: {version: 5.5, why: a reason, until: 2027-01-15}}\n")
    assert (managed.why, managed.pinned_until) == ("a reason", "2027-01-15")


def test_purge_data_only_where_it_is_written() -> None:
    assert not _one("plugins: {akismet: absent}\n").purge_data
    assert not _one("plugins: {akismet: {state: absent, purge_data: false}}\n").purge_data
    assert _one("plugins: {akismet: {state: absent, purge_data: true}}\n").purge_data


def test_artifacts_carry_what_is_locked() -> None:
    pinned = _one("plugins: {akismet: 5.5}\n", **{"catalog.lock": _LOCK}).artifact
    approved = _one("plugins: {akismet: approved}\n", **{"catalog.lock": _LOCK}).artifact
    assert pinned is not None
    assert approved is not None
    assert (pinned.sha256, approved.sha256) == (None, _HASH)
    assert (approved.kind, approved.slug, approved.version, approved.source) == (
        "plugins",
        "akismet",
        "5.7.2",
        "wordpress.org",
    )


def test_a_paid_plugin_comes_from_the_fleet_folder() -> None:
    artifact = _one("plugins: {wp-rocket: approved}\n").artifact
    assert artifact is not None
    assert artifact.source == "packages/wp-rocket-3.19.4.zip"


def test_core_brings_the_database_version_that_is_locked() -> None:
    assert [m.address for m in _site("core: approved\n").managed] == ["core.version"]
    database, version = _site("core: approved\n", **{"catalog.lock": _LOCK}).managed
    assert (database.address, database.want) == ("core.database", State(value=61833))
    assert (version.address, version.want) == ("core.version", State(version="7.1.1"))
    assert version.artifact is not None
    assert version.artifact.sha256 == _HASH


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("language: fr\n", "fr_FR"),
        ("language: ja\n", "ja"),
        ("language: fr\ncore: {locale: fr_CA}\n", "fr_CA"),
        ("core: {locale: de_DE_formal}\n", "de_DE_formal"),
    ],
)
def test_locale(text: str, locale: str) -> None:
    managed = _one(text)
    assert (managed.address, managed.want) == ("core.locale", State(value=locale))


def test_checks() -> None:
    plain, long = _site(
        "checks: {/: Prix 6.10, /x/: {status: 404, contains: [a, b], lacks: c, ends_at: /y/}}\n"
    ).looks
    assert (plain.path, plain.status, plain.must_contain) == ("/", 200, ("Prix 6.10",))
    assert (long.status, long.must_contain, long.must_not_contain, long.final_path) == (
        404,
        ("a", "b"),
        ("c",),
        "/y/",
    )


def test_the_fleet_knows_all_that_is_approved() -> None:
    fleet = compose(sound_fleet())
    assert [(a.kind, a.slug, a.version) for a in fleet.approved] == [
        ("core", "wordpress", "7.1.1"),
        ("plugins", "akismet", "5.7.2"),
        ("plugins", "woocommerce", "10.2.3"),
        ("plugins", "wp-rocket", "3.19.4"),
    ]
    assert (fleet.api_url, fleet.download_url) == (
        "https://api.wordpress.org",
        "https://downloads.wordpress.org",
    )


def test_each_asked_language_in_each_named_version() -> None:
    """WordPress's, and those of what wordpress.org serves: wp-rocket's come with its zip."""
    of = f"{{sha256: {_HASH}}}"
    packs = f"{{core: {{7.1.1: {of}}}, plugins.akismet: {{5.7.2: {of}}}}}"
    lock = f"translations: {{fr_FR: {packs}}}\n"
    text = "language: fr\ncore: 6.8.7\n"
    site = _site(text, **{"catalog.lock": lock})
    found = [(pack.kind, pack.slug, pack.version, pack.sha256) for pack in site.packs]
    assert found == [
        ("translations", "fr_FR", "6.8.7", None),
        ("translations", "fr_FR", "7.1.1", _HASH),
        ("translations", "plugins/akismet-fr_FR", "5.7.2", _HASH),
        ("translations", "plugins/woocommerce-fr_FR", "10.2.3", None),
    ]


def test_english_needs_no_pack() -> None:
    assert _site("language: en\ncore: 6.8.7\n").packs == ()
