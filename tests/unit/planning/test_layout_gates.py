"""How a site is laid out: each layout refuses the changes that it cannot bear, and no other."""

from dataclasses import replace

import pytest

from tests.builders import desired, managed, observed, version
from wpstate.model.desired import Managed
from wpstate.model.observed import ObservedState
from wpstate.model.state import ABSENT, State
from wpstate.planning.build import build_site

OLD, NEW = version("1.0"), version("1.1")
UPDATE, OFF = managed("plugins.x", NEW), managed("plugins.x", version("1.0", active=False))
GONE = managed("plugins.x", ABSENT)
SEEN = observed({"core.version": State(version="6.8.7"), "plugins.x": OLD})


def slugs(seen: ObservedState, *wants: Managed) -> list[str]:
    return [problem.slug for problem in build_site(desired(*wants), seen).refusals]


def composed(*names: str) -> ObservedState:
    return replace(SEEN, host=replace(SEEN.host, composer=names))


@pytest.mark.parametrize("want", [UPDATE, GONE])
def test_what_composer_installs_is_not_changed(want: Managed) -> None:
    assert slugs(composed("plugins.x"), want) == ["plan.composer"]
    assert slugs(composed("plugins.y", "core"), want) == []
    assert slugs(composed("plugins.x"), OFF) == []


def test_composers_wordpress_is_not_changed() -> None:
    core = managed("core.version", State(version="7.1.1"))
    assert slugs(composed("core"), core) == ["plan.composer"]
    assert slugs(composed("plugins.x"), core) == []


def test_composers_must_use_plugin_is_known_without_its_ending() -> None:
    seen = replace(composed("mu_plugins.x"), resources=SEEN.resources)
    file = replace(managed("mu_plugins.x.php", State(value="a" * 64)), artifact=UPDATE.artifact)
    assert "plan.composer" in slugs(seen, file)


@pytest.mark.parametrize("folder", ["/srv/shop/releases/20261128", "/srv/shop/releases/7/web/wp"])
def test_a_deployments_code_is_not_changed(folder: str) -> None:
    assert SEEN.paths
    seen = replace(SEEN, paths=replace(SEEN.paths, wp=folder))
    assert slugs(seen, UPDATE) == ["plan.release"]
    assert slugs(seen, GONE) == ["plan.release"]
    assert slugs(seen, OFF) == []
    assert slugs(replace(seen, paths=replace(SEEN.paths, wp="/srv/releases")), UPDATE) == [
        "plan.release"
    ]
    assert slugs(replace(seen, paths=replace(SEEN.paths, wp="/srv/myreleases/x")), UPDATE) == []


def test_wordpress_below_its_site_is_refused_whole() -> None:
    below = replace(SEEN, home_url="http://s", site_url="http://s/wp")
    assert slugs(below, OFF) == ["plan.core_subfolder"]
    same = replace(SEEN, home_url="http://s", site_url="https://s/")
    assert slugs(same, OFF) == []


def test_a_network_is_refused_whole_and_nothing_to_do_is_no_refusal() -> None:
    network = replace(SEEN, multisite=True)
    assert slugs(network, OFF) == ["plan.multisite"]
    assert slugs(network, managed("plugins.x", OLD)) == []


def test_taking_an_account_away_takes_no_code() -> None:
    """A checkout, a link or a release concerns files alone."""
    assert SEEN.paths
    folder = "/srv/shop/releases/7"
    host = replace(SEEN.host, checkouts=(folder,))
    seen = replace(SEEN, paths=replace(SEEN.paths, wp=folder), host=host)
    there = (*seen.resources, *observed({"options.a": State(value="1")}).resources)
    gone = managed("options.a", ABSENT)
    assert slugs(replace(seen, resources=there), gone) == []
