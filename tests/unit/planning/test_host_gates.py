"""What a host says about a change: each gate refuses with what it found and lets the rest pass."""

from dataclasses import replace

import pytest

from tests.builders import desired, managed, observed, version
from wpstate.model.desired import DesiredState, Managed
from wpstate.model.host_facts import HostFacts, Loader
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, State
from wpstate.planning.build import build_site

OLD, NEW = version("1.0"), version("1.1")
UPDATE = managed("plugins.x", NEW)
PLUGINS = "/home/client/www/wp-content/plugins"


def site(**facts: object) -> ObservedState:
    seen = observed({"core.version": State(version="6.8.7"), "plugins.x": OLD})
    owned = HostFacts(uid=1001, owner_uid=1001, owner="client")
    return replace(seen, host=replace(owned, **facts))  # type: ignore[arg-type]


def refused(want: DesiredState, seen: ObservedState) -> list[Problem]:
    return list(build_site(want, seen).refusals)


def requiring(php: str | None = None, wp: str | None = None) -> Managed:
    assert UPDATE.artifact
    return replace(UPDATE, artifact=replace(UPDATE.artifact, requires_php=php, requires_wp=wp))


def test_the_owner_of_the_files_may_change_them() -> None:
    assert refused(desired(UPDATE), site()) == []


def test_root_is_refused_unless_hosts_yml_allows_it() -> None:
    want = desired(UPDATE)
    (problem,) = refused(want, site(uid=0))
    assert (problem.slug, problem.mend) == (
        "plan.root",
        "run_as: client in hosts.yml, or allow_root: true",
    )
    host = replace(want.site.host, allow_root=True)
    assert refused(replace(want, site=replace(want.site, host=host)), site(uid=0)) == []


def test_another_owner_is_refused_by_name() -> None:
    (problem,) = refused(desired(UPDATE), site(uid=1002))
    assert problem.slug == "plan.owner"
    assert problem.found == "uid 1002, wp-load.php is client's (uid 1001)"


@pytest.mark.parametrize(
    ("folder", "slugs"),
    [
        ("/home/client/www", ["plan.checkout"]),
        (f"{PLUGINS}/x", ["plan.checkout"]),
        (f"{PLUGINS}/y", []),
    ],
)
def test_a_checkout_keeps_its_code(folder: str, slugs: list[str]) -> None:
    seen = site(checkouts=(folder,))
    assert [p.slug for p in refused(desired(UPDATE), seen)] == slugs
    only_state = managed("plugins.x", State(version="1.0", active=False))
    assert refused(desired(only_state), seen) == []


@pytest.mark.parametrize(
    ("link", "slugs"),
    [
        (f"{PLUGINS}/x", ["plan.link"]),
        (PLUGINS, ["plan.link"]),
        ("/home/client/www/wp-includes", []),
        ("/home/client/www/wp-content", []),
    ],
)
def test_code_behind_a_link_is_not_swapped(link: str, slugs: list[str]) -> None:
    assert [p.slug for p in refused(desired(UPDATE), site(links=(link,)))] == slugs


def test_a_shared_core_is_not_swapped() -> None:
    core = managed("core.version", State(version="7.1.1"))
    seen = site(links=("/home/client/www/wp-includes",))
    assert [p.slug for p in refused(desired(core), seen)] == ["plan.link"]


def test_a_plugin_that_is_loaded_before_wordpress_is_not_deleted_but_may_be_updated() -> None:
    seen = site(loaders=(Loader("x", "object-cache.php"),))
    (problem,) = refused(desired(managed("plugins.x", ABSENT)), seen)
    assert (problem.slug, problem.found) == ("plan.loader", "object-cache.php names it")
    assert refused(desired(UPDATE), seen) == []
    assert refused(desired(managed("plugins.x", State(active=False))), seen) == []


def test_a_planned_version_must_run_on_the_php_that_is_there() -> None:
    (problem,) = refused(desired(requiring(php="8.3")), site())
    assert (problem.slug, problem.found) == (
        "plan.requires_php",
        "1.1 requires PHP 8.3, here is 8.2.29",
    )
    assert refused(desired(requiring(php="8.2")), site()) == []


def test_a_planned_version_may_rest_on_the_core_of_the_same_plan() -> None:
    (problem,) = refused(desired(requiring(wp="7.0")), site())
    assert problem.slug == "plan.requires_wp"
    core = managed("core.version", State(version="7.1.1"))
    assert refused(desired(requiring(wp="7.0"), core), site()) == []
