"""Role auto_updates: what WordPress itself then says of updates that it makes."""

from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite, boot_changed, boot_diff
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult


@pytest.fixture(scope="module")
def site() -> Iterator[RoleSite]:
    with borrowed("moved", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def _run(site: RoleSite, core: str | None, *, check: bool = False, **on: bool) -> PlaybookResult:
    wanted: list[Json] = [
        {"slug": slug, "file": None if slug != "hello" else "hello.php", "on": each}
        for slug, each in on.items()
    ]
    asked: Json = {"core": core, "plugins": wanted}
    told = ("core", "minor", str(core))
    return site.in_wordpress("auto_updates", asked, told, check=check)


def _apply(site: RoleSite, core: str | None, **on: bool) -> object:
    return boot_changed(_run(site, core, **on), "auto_updates")


def _stored(site: RoleSite) -> str:
    where = "option_name LIKE 'auto\\_update\\_%' ORDER BY option_name"
    return site.lab.rows(f"SELECT * FROM {site.lab.prefix}options WHERE {where}")


def test_check_mode_tells_and_changes_nothing(site: RoleSite) -> None:
    before = _stored(site)
    told = _run(site, "off", check=True, akismet=True)
    assert told.changed == ("Start WordPress once",)
    assert boot_diff(told) == ["-auto_updates.core: minor", "+auto_updates.core: off"]
    assert _stored(site) == before


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
