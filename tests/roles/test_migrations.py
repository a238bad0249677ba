"""Role migrations: data follows code, by call and by hook, once; what fails is told."""

import shutil
from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult

_PLUGIN = """<?php
/* Plugin Name: Trial
 * Version: 1.0 */
define( 'TRIAL_DB', '2.0' );
function trial_migrate() { update_option( 'trial_calls', 1 + get_option( 'trial_calls', 0 ) ); @HOW@ }
add_action( 'trial_work', function () {
	global $wpdb;
	$name = $wpdb->get_var( "SELECT option_name FROM $wpdb->options WHERE option_name LIKE 'trial\\\\_batch\\\\_%' LIMIT 1" );
	delete_option( (string) $name );
	if ( ! get_option( 'trial_batch_1' ) && ! get_option( 'trial_batch_2' ) ) {
		update_option( 'trial_db', '2.0' );
	}
} );
"""  # noqa: E501
_DONE = "update_option( 'trial_db', '2.0' );"
_ROW: Json = {
    "option": "trial_db",
    "by": "constant",
    "want": "TRIAL_DB",
    "file": "trial.php",
    "call": "",
    "hook": "",
    "queue": "",
    "batches": "",
    "background": False,
    "expected_s": 5,
}


@pytest.fixture(scope="module")
def lab_site() -> Iterator[RoleSite]:
    with borrowed("getenv", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


@pytest.fixture
def site(lab_site: RoleSite) -> Iterator[RoleSite]:
    _write(lab_site, _DONE)
    lab_site.wp("plugin", "activate", "trial")
    lab_site.wp("option", "update", "trial_db", "1.0")
    yield lab_site
    lab_site.wp("plugin", "deactivate", "trial")
    shutil.rmtree(lab_site.lab.plugins / "trial")
    lab_site.lab.rows(
        f"DELETE FROM {lab_site.lab.prefix}options WHERE option_name LIKE 'trial\\_%'"
    )


def _write(site: RoleSite, how: str) -> None:
    folder = site.lab.plugins / "trial"
    folder.mkdir(exist_ok=True)
    (folder / "trial.php").write_text(_PLUGIN.replace("@HOW@", how))


def _apply(site: RoleSite, *, check: bool = False, **row: object) -> PlaybookResult:
    variables = site.apply_vars()
    rows = {"trial": {**_ROW, **row}}
    variables["kinds"] = {"migrations": {"in_wordpress": True, "rows": rows, "budget_s": 20}}
    return site.apply(variables, check=check)


def _migrated(result: PlaybookResult) -> object:
    assert result.ok, result.failure
    boot = dict(result.results)["Start WordPress once"]["boot"]
    assert isinstance(boot, dict)
    return boot["kinds"]["migrations"]


def test_it_is_called_once(site: RoleSite) -> None:
    assert _apply(site, check=True, call="trial_migrate").ok
    assert site.wp("option", "get", "trial_db") == "1.0"
    assert _migrated(_apply(site, call="trial_migrate")) == ["trial"]
    assert site.wp("option", "get", "trial_db") == "2.0"
    assert _migrated(_apply(site, call="trial_migrate")) == []
    assert site.wp("option", "get", "trial_calls") == "1"


def test_its_hook_works_until_nothing_is_left(site: RoleSite) -> None:
    for number in (1, 2):
        site.wp("option", "add", f"trial_batch_{number}", "work")
    row = {"call": "trial_migrate", "hook": "trial_work", "batches": "trial_batch_"}
    assert _migrated(_apply(site, **row)) == ["trial"]
    assert site.wp("option", "get", "trial_db") == "2.0"
    assert not site.lab.rows(
        f"SELECT option_name FROM {site.lab.prefix}options WHERE option_name = 'trial_calls'"
    )  # what had begun by itself is not begun again


@pytest.mark.parametrize(
    ("how", "row", "told"),
    [
        ("", {"call": "trial_migrate"}, "still has version 1.0, and its code asks for 2.0"),
        ("return new WP_Error( 'a', 'no <b>room</b>' );", {"call": "trial_migrate"}, "no room"),
        ("", {"want": "NOT_THERE"}, "no longer says which version"),
        ("", {"background": True}, "still has version 1.0"),
    ],
)
def test_what_fails_is_told(site: RoleSite, how: str, row: Json, told: str) -> None:
    _write(site, how)
    result = _apply(site, **row)
    assert result.failure is not None
    assert "could not migrate the data of trial" in result.failure.message
    assert told in result.failure.message


def test_no_option_is_no_data(site: RoleSite) -> None:
    site.wp("option", "delete", "trial_db")
    assert _migrated(_apply(site, call="trial_migrate")) == []
