"""Page builders, page caches and a plugin that nobody approved: named, and taken away by rule."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

_BUILDERS = ("elementor", "brizy", "siteorigin-panels")
_CACHES = ("wp-super-cache", "cache-enabler")


@pytest.mark.xdist_group("getenv")
def test_page_builders_and_page_caches_that_somebody_added(take: Take, fleet: Fleet) -> None:
    (site,) = take("getenv")
    for slug in (*_BUILDERS, *_CACHES):
        site.add_plugin(slug)
    site.wp("plugin", "activate", *_BUILDERS, *_CACHES)
    fleet.wpstate("apply", "getenv", "--yes")
    fleet.replace("getenv", "plugins:", "families: {page_builder: 1, page_cache: 1}\nplugins:")

    told = fleet.wpstate("plan", "getenv", "--format", "json", code=3).json["sites"][0]["refusals"]
    assert [problem["slug"] for problem in told] == ["plan.family", "plan.family"]
    for slugs, problem in zip((_BUILDERS, _CACHES), told, strict=True):
        assert all(slug in problem["found"] for slug in slugs)
    assert "plan.family" in fleet.wpstate("apply", "getenv", "--yes", code=3).slugs()
    assert site.wp("plugin", "get", "brizy", "--field=status") == "active"

    fleet.replace("getenv", "plugins:", "unlisted: deactivate\nplugins:")
    fleet.wpstate("apply", "getenv", "--yes")
    active = site.wp("plugin", "list", "--status=active", "--field=name").split()
    assert not {*_BUILDERS, *_CACHES} & {*active}
    assert (site.plugins / "brizy").is_dir()
    fleet.wpstate("plan", "getenv", "--detailed-exitcode", code=0)
    site.assert_open()


@pytest.mark.xdist_group("getenv")
def test_an_unlisted_plugin_is_moved_away_and_comes_back_with_a_rollback(
    take: Take, fleet: Fleet
) -> None:
    (site,) = take("getenv")
    fleet.wpstate("apply", "getenv", "--yes")
    site.add_plugin("insert-headers")
    site.wp("plugin", "activate", "insert-headers")
    site.warm()
    before = site.whole()
    fleet.replace("getenv", "plugins:", "unlisted: delete\nplugins:")
    fleet.pin("getenv", "lab-guestbook", "2.1")
    fleet.wpstate("apply", "getenv", "--yes", code=4)
    site.assert_as(before)
    assert site.wp("plugin", "get", "insert-headers", "--field=status") == "active"

    fleet.pin("getenv", "lab-guestbook", "1.0")
    fleet.wpstate("release", "getenv", "plugins.insert-headers")
    fleet.wpstate("apply", "getenv", "--yes")
    assert not (site.plugins / "insert-headers").exists()
    assert "insert-headers" not in site.wp("option", "get", "active_plugins", "--format=json")
    fleet.wpstate("plan", "getenv", "--detailed-exitcode", code=0)

    site.add_plugin("insert-headers")  # whoever brings it back
    fleet.wpstate("plan", "getenv", "--detailed-exitcode", code=2)
    only = ("--only", "plugins.insert-headers")
    assert len(fleet.wpstate("plan", "getenv", *only, "--format", "json").json["sites"]) == 1
    fleet.wpstate("plan", "getenv", "--only", "plugins.insert-header", code=64)
