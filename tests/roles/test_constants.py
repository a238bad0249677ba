"""Constants as the run sets them: converge, again, check mode; wp-config.php stays in all else."""

from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult


@pytest.fixture(scope="module")
def lab_site() -> Iterator[RoleSite]:
    with borrowed("above", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def put(site: RoleSite, *, check: bool = False, **constants: object) -> PlaybookResult:
    config = str(site.lab.path.parent / "wp-config.php")
    asked = [{"name": name, "value": value} for name, value in constants.items()]
    kind: Json = {"config": config, "constants": asked, "in_wordpress": True}
    return site.apply({**site.apply_vars(), "kinds": {"constants": kind}}, check=check)


def test_one_line_changes_and_nothing_else(lab_site: RoleSite) -> None:
    config = lab_site.lab.path.parent / "wp-config.php"
    before, stat = config.read_text(), config.stat()
    asked = {"WP_POST_REVISIONS": 10, "AUTOMATIC_UPDATER_DISABLED": None, "WP_DEBUG": True}
    assert put(lab_site, check=True, **asked).changed == ("Start WordPress once",)
    assert config.read_text() == before

    result = put(lab_site, **asked)

    assert result.ok, result.failure
    assert result.changed == ("Start WordPress once",)
    after = before.replace("'WP_DEBUG', false", "'WP_DEBUG', true")
    after = after.replace("define( 'AUTOMATIC_UPDATER_DISABLED', true );\n", "")
    settings = "require_once ABSPATH"
    after = after.replace(settings, f"define( 'WP_POST_REVISIONS', 10 );\n{settings}")
    assert config.read_text() == after
    now = config.stat()
    assert (now.st_mode, now.st_uid, now.st_gid) == (stat.st_mode, stat.st_uid, stat.st_gid)
    assert lab_site.wp("eval", "echo json_encode([WP_DEBUG, WP_POST_REVISIONS]);") == "[true,10]"
    again = put(lab_site, **asked)
    assert (again.ok, again.changed) == (True, ())


def test_what_is_not_plain_fails_and_changes_nothing(lab_site: RoleSite) -> None:
    config = lab_site.lab.path.parent / "wp-config.php"
    before = config.read_text()

    failure = put(lab_site, ABSPATH="/elsewhere/").failure

    assert failure is not None
    assert "ABSPATH is conditional in wp-config.php" in failure.message
    assert config.read_text() == before
    assert not list(config.parent.glob(".wpstate-*"))
