"""Role auto_updates: what WordPress itself then says of updates that it makes."""

from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite
from wpstate.model.state import Json


@pytest.fixture(scope="module")
def site() -> Iterator[RoleSite]:
    with borrowed("moved", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def _apply(site: RoleSite, core: str | None, **plugins: bool) -> object:
    wanted: list[Json] = [
        {"slug": slug, "file": None if slug != "hello" else "hello.php", "on": on}
        for slug, on in plugins.items()
    ]
    variables = site.apply_vars()
    variables["kinds"] = {"auto_updates": {"in_wordpress": True, "core": core, "plugins": wanted}}
    result = site.apply(variables)
    assert result.ok, result.failure
    boot = dict(result.results)["Start WordPress once"]["boot"]
    assert isinstance(boot, dict)
    return boot["kinds"]["auto_updates"]


def test_core_and_plugins_converge(site: RoleSite) -> None:
    assert _apply(site, "minor", akismet=True, hello=True) == [
        "auto_update_core_major",
        "auto_update_plugins",
    ]
    assert _apply(site, "minor", akismet=True, hello=True) == []
    listed = site.wp("option", "get", "auto_update_plugins", "--format=json").replace("\\/", "/")
    assert listed == '["akismet/akismet.php","hello.php"]'
    may = "echo json_encode( array( Core_Upgrader::should_update_to_version( %s ) ) );"
    load = "require_once ABSPATH . 'wp-admin/includes/class-wp-upgrader.php'; "
    version = site.wp("core", "version")
    branch = ".".join(version.split(".")[:2])
    assert site.wp("eval", load + may % f"'{branch}.99'") == "[true]"
    assert site.wp("eval", load + may % "'99.0'") == "[false]"

    assert _apply(site, "off", akismet=False) == ["auto_update_core_minor", "auto_update_plugins"]
    assert site.wp("eval", load + may % f"'{branch}.99'") == "[false]"
    assert _apply(site, "on") == ["auto_update_core_minor", "auto_update_core_major"]
    assert site.wp("eval", load + may % "'99.0'") == "[true]"
    assert site.wp("option", "get", "auto_update_plugins", "--format=json") == '["hello.php"]'
