"""Families, forbidden plugins and exceptions, as a fleet declares them."""

from datetime import date

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState
from wpstate.model.identity import Identity
from wpstate.model.problem import InvalidDesiredState, Problem
from wpstate.model.state import Address, State
from wpstate.report.explain_text import explain_json, explain_lines
from wpstate.report.fleet_text import fleet_lines
from wpstate.report.lines import plain

_CATALOG = """core: 7.1.1
plugins:
  akismet: 5.7.2
  elementor: 3.30.1
  elementor-pro: 3.30.0
  brizy: 2.7.1
  siteorigin-panels: 2.31.0
  agency-builder: {approved: 1.0, family: page_builder}
  host-cache: {source: host, family: page_cache}
  sized-cache: {source: composer, approved: 2.0, family: page_cache}
forbidden: {wp-file-manager: lets anybody write files}
"""
_URL = "url: https://boutique.example\n"


def _compose(site: str, today: date = date(2026, 11, 28), **changes: str) -> DesiredState:
    texts = sound_fleet(catalog=_CATALOG, sites__boutique=_URL + site, **changes)
    return compose(texts, today=today).sites[0]


def _problems(site: str, today: date = date(2026, 11, 28), **changes: str) -> tuple[Problem, ...]:
    with pytest.raises(InvalidDesiredState) as caught:
        _compose(site, today, **changes)
    return caught.value.problems


def test_three_page_builders_are_named_with_their_lines() -> None:
    care = "core: approved\nplugins: {elementor: approved}\nfamilies: {page_builder: 1}\n"
    site = "profiles: [care]\nplugins:\n  brizy: approved\n  siteorigin-panels: approved\n"
    (problem,) = _problems(site, profiles__care=care)
    assert (problem.slug, str(problem.where)) == ("desired.family", "sites/boutique.yml:5:22")
    assert problem.found == (
        "3 of family page_builder, at most 1: brizy (sites/boutique.yml:4:10), "
        "elementor (profiles/care.yml:2:22), siteorigin-panels (sites/boutique.yml:5:22)"
    )
    assert "profiles/care.yml:3:26" in str(problem.why)


def test_the_catalogs_own_family_counts_too() -> None:
    site = "families: {page_builder: 1}\nplugins: {elementor: approved, agency-builder: approved}\n"
    (problem,) = _problems(site)
    assert "agency-builder" in str(problem.found)


@pytest.mark.parametrize(
    "site",
    [
        "families: {page_builder: 1}\nplugins: {elementor: approved, elementor-pro: approved}\n",
        "families: {page_builder: 1}\nplugins: {elementor: approved, brizy: inactive}\n",
        "families: {page_builder: 1}\nplugins: {elementor: approved, brizy: absent}\n",
        "families: {page_builder: 2}\nplugins: {elementor: approved, brizy: approved}\n",
        "plugins: {elementor: approved, brizy: approved}\n",
    ],
    ids=["editions", "inactive", "absent", "allowed", "no rule"],
)
def test_what_is_not_too_many(site: str) -> None:
    assert _compose(site).policy.rules.unlisted == "report"


_EXCEPTED = (
    "families: {page_builder: 1}\nplugins: {elementor: approved, brizy: approved}\n"
    "exceptions: {brizy: {owner: Ana, until: 2026-12-31, why: they move in January}}\n"
)


def test_an_exception_holds_through_its_last_day_and_then_says_whose_it_was() -> None:
    assert _compose(_EXCEPTED, date(2026, 12, 31)).policy.rules.excepted("brizy") is not None
    (problem,) = _problems(_EXCEPTED, date(2027, 1, 1))
    assert problem.slug == "desired.family"
    assert str(problem.found).endswith("; the exception of brizy ended on 2026-12-31 (Ana)")


def test_a_forbidden_plugin_is_refused_with_the_catalogs_reason() -> None:
    site = "plugins: {wp-file-manager: approved}\n"
    listed = _CATALOG.replace("  akismet: 5.7.2\n", "  akismet: 5.7.2\n  wp-file-manager: 7.0\n")
    for catalog in (_CATALOG, listed):
        with pytest.raises(InvalidDesiredState) as caught:
            compose(sound_fleet(catalog=catalog, sites__boutique=_URL + site))
        (problem,) = caught.value.problems
        assert problem.slug == "desired.forbidden"
        assert str(problem.why).startswith("lets anybody write files (catalog.yml:")
    except_it = "exceptions: {wp-file-manager: {owner: Ana, until: 2027-01-15, why: a move}}\n"
    compose(sound_fleet(catalog=listed, sites__boutique=_URL + site + except_it))


def test_what_the_host_keeps_is_looked_at_and_never_changed() -> None:
    looked_at = {m.address: m for m in _compose("plugins: {host-cache: approved}\n").managed}
    managed = looked_at["plugins.host-cache"]
    assert (managed.want, managed.applies, managed.artifact) == (State(active=True), False, None)
    asked = {m.address: m for m in _compose("plugins: {sized-cache: approved}\n").managed}
    assert asked["plugins.sized-cache"].want == State(version="2.0", active=True)
    away = {m.address: m for m in _compose("plugins: {host-cache: absent}\n").managed}
    assert not away["plugins.host-cache"].applies


def test_a_git_version_names_its_tag() -> None:
    catalog = (
        "core: 7.1.1\nplugins:\n  akismet: 5.7.2\n"
        "  ours:\n    approved: 1.4.0\n"
        "    git: {repository: repos/ours, tag: 'r-{version}', folder: src}\n"
        "  paid: {approved: 3.0, zips: {3.0: {url: https://x.example/p.zip, sha256: HASH}}}\n"
        "  kept: {approved: 2.0, source: vault, identity: {author: Ana}}\n"
    ).replace("HASH", "ab" * 32)
    texts = sound_fleet(catalog=catalog, sites__boutique=_URL)
    found = {a.slug: a for a in compose(texts).approved}
    assert found["ours"].source == "git:repos/ours#r-1.4.0:src"
    assert (found["paid"].source, found["paid"].named_sha256) == (
        "https://x.example/p.zip",
        "ab" * 32,
    )
    assert found["kept"].source == "vault"
    assert found["kept"].identity is not None


def test_what_came_due_is_told_once() -> None:
    told = "{approved: 3.30.1, owner: Ana, review: 2026-11-27, alternatives: [brizy]}"
    catalog = _CATALOG.replace("elementor: 3.30.1", f"elementor: {told}")
    texts = sound_fleet(catalog=catalog, sites__boutique=_URL + _EXCEPTED)
    texts["sites/boutique.yml"] = texts["sites/boutique.yml"].replace("page_builder: 1", "seo: 1")
    assert compose(texts, today=date(2026, 11, 27)).reminders == ()
    fleet = compose(texts, today=date(2027, 1, 1))
    assert [(r.key, r.what, r.day, r.owner, str(r.where)) for r in fleet.reminders] == [
        ("plugins.elementor", "review was due", "2026-11-27", "Ana", "catalog.yml:4:53"),
        (
            "exceptions.brizy",
            "exception ended",
            "2026-12-31",
            "Ana",
            "sites/boutique.yml:4:21",
        ),
    ]
    assert "(Ana)  catalog.yml:4:53" in plain(fleet_lines(fleet))
    site = fleet.sites[0]
    explained = plain(explain_lines(site, site.settings))
    assert "owner: Ana" in explained
    assert "alternatives: [brizy]" in explained
    assert '"owner": "Ana"' in explain_json(site, site.settings)


def test_licences_and_answers_that_ended_are_reminded_of() -> None:
    texts = sound_fleet(
        catalog="core: 7.1.1\nplugins:\n  akismet:\n    approved: 5.7.2\n    owner: Ana\n"
        "    licence: {kept: the safe, until: 2027-01-31}\n",
        profiles__care="core: approved\nvulnerabilities:\n"
        "  low: {accept: seen each month, until: 2027-01-31, owner: Ben}\n",
    )
    assert compose(texts, today=date(2027, 1, 31)).reminders == ()
    fleet = compose(texts, today=date(2027, 2, 1))
    assert [(r.key, r.what, r.owner, str(r.where)) for r in fleet.reminders] == [
        ("plugins.akismet", "licence ended", "Ana", "catalog.yml:6:38"),
        ("vulnerabilities.low", "answer ended", "Ben", "profiles/care.yml:3:8"),
    ]
    assert fleet.sites[0].approval.licensed_until == {"plugins.akismet": "2027-01-31"}


def test_a_pin_that_ended_is_reminded_of_and_still_holds() -> None:
    site = "core: {version: 7.0, until: 2027-01-15}\n"
    pin = "plugins:\n  akismet: {version: 5.5, why: the proxy, until: 2027-01-15}\n"
    texts = sound_fleet(sites__boutique=_URL + site + pin)
    assert compose(texts, today=date(2027, 1, 15)).reminders == ()
    fleet = compose(texts, today=date(2027, 1, 16))
    assert [(r.key, r.what, r.day, str(r.where)) for r in fleet.reminders] == [
        ("core.version", "pin ended", "2027-01-15", "sites/boutique.yml:2:17"),
        ("plugins.akismet", "pin ended", "2027-01-15", "sites/boutique.yml:4:12"),
    ]
    wanted = {each.address: each.want.version for each in fleet.sites[0].managed}
    assert wanted[Address("plugins.akismet")] == "5.5"


def test_who_installed_components_must_be_is_known_to_every_site() -> None:
    catalog = (
        "core: 7.1.1\nplugins:\n  akismet: {approved: 5.7.2, wordpress_org: akismet-anti-spam}\n"
        "  host-cache: {source: host, identity: {author: Ana}}\n  quiet: 1.0\n"
    )
    said = "identity: {author: Automattic}"
    lock = "".join(
        f"    {version}:\n      sha256: {'0' * 64}\n      {said}\n" for version in ("5.10", "5.7.2")
    )
    texts = sound_fleet(catalog=catalog, sites__boutique=_URL) | {
        "catalog.lock.yml": f"plugins:\n  akismet-anti-spam:\n{lock}"
    }
    expected = compose(texts).sites[0].approval.expected
    assert sorted(expected) == ["plugins.akismet", "plugins.host-cache"]
    akismet = expected[Address("plugins.akismet")]
    assert (akismet.slug, akismet.approved) == ("akismet-anti-spam", "5.7.2")
    assert akismet.newest == "5.10"
    assert akismet.locked["5.7.2"] == Identity("Automattic", "", "")
    assert expected[Address("plugins.host-cache")].named == Identity("Ana")
