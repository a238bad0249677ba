"""A child theme and its parent become a site's theme, drift is put back, a bad update undone."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

_THEMES = """
themes:
  lab-paper: approved
  lab-paper-child: {version: 1.2, state: active}
  twentytwentythree: absent
"""


def front(site: Site) -> str:
    site.forget_pages()
    return site.curl("/?anew")[1]


def active(site: Site) -> str:
    return site.sql("SELECT option_value FROM {p}options WHERE option_name = 'stylesheet'").strip()


@pytest.mark.xdist_group("redis")
def test_a_theme_is_switched_to_healed_and_put_back(take: Take, fleet: Fleet) -> None:
    (site,) = take("redis")
    fleet.catalog("themes: {lab-paper: 1.0, lab-paper-child: 1.0}\n")
    text = fleet.site_file("redis").read_text("utf-8")
    fleet.site_file("redis").write_text(text + _THEMES, "utf-8")
    fleet.replace("redis", "profiles:", "language: fr\nprofiles:")
    before = active(site)
    fleet.wpstate("lock")

    told = fleet.wpstate("plan", "redis").out
    assert f"themes.{before}" in told
    fleet.wpstate("apply", "redis", "--yes")

    assert active(site) == "lab-paper-child"
    assert site.wp("theme", "get", "lab-paper", "--field=version") == "1.0"
    assert not (site.wp_path / "wp-content" / "themes" / "twentytwentythree").exists()
    assert "Child release 1.2" in front(site)
    assert "Écrit sur papier: Lab Paper 1.2, release 1.0" in front(site)
    site.assert_open()
    fleet.wpstate("plan", "redis", "--detailed-exitcode", code=0)

    site.wp("theme", "activate", before)
    drifted = fleet.wpstate("plan", "redis").out
    assert "Changed on the site (drift)" in drifted
    assert "themes.lab-paper-child" in drifted
    fleet.replace("redis", "themes:\n", "heal: [themes.lab-paper-child]\nthemes:\n")
    fleet.wpstate("apply", "redis", "--yes")
    assert active(site) == "lab-paper-child"

    site.warm()
    kept = site.whole()
    fleet.replace("redis", "lab-paper: approved", "lab-paper: 2.0")
    fleet.wpstate("lock")
    fleet.wpstate("apply", "redis", "--yes", code=4)
    site.assert_as(kept)
    assert "Child release 1.2" in front(site)


@pytest.mark.xdist_group("redis")
def test_the_active_theme_and_a_needed_parent_stay(take: Take, fleet: Fleet) -> None:
    (site,) = take("redis")
    text = fleet.site_file("redis").read_text("utf-8")
    fleet.site_file("redis").write_text(f"{text}themes: {{{active(site)}: absent}}\n", "utf-8")
    refused = fleet.wpstate("apply", "redis", "--yes", code=3)
    assert refused.slugs() == {"plan.active_theme"}

    fleet.catalog("themes: {lab-paper-child: 1.2}\n")
    fleet.site_file("redis").write_text(f"{text}themes: {{lab-paper-child: active}}\n", "utf-8")
    fleet.wpstate("lock")
    assert "parent: lab-paper" in (fleet.folder / "catalog.lock.yml").read_text("utf-8")
    refused = fleet.wpstate("apply", "redis", "--yes", code=3)
    assert refused.slugs() == {"plan.no_parent_theme"}
