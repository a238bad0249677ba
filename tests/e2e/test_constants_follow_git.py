"""Constants asked for in git: set in a wp-config.php above WordPress, healed, and put back."""

from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

ASKED = (
    "constants: {WP_DEBUG: true, WP_POST_REVISIONS: 10, WP_MEMORY_LIMIT: 256M,"
    " AUTOMATIC_UPDATER_DISABLED: absent}\n"
)


@pytest.mark.xdist_group("above")
def test_asked_applied_drifted_healed(take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    config = site.root / "wp-config.php"
    before = config.read_text("utf-8")
    fleet.replace("above", "profiles:", f"{ASKED}profiles:")
    assert _planned(fleet, "above") == [
        ("constants.AUTOMATIC_UPDATER_DISABLED", "pending"),
        ("constants.WP_DEBUG", "pending"),
        ("constants.WP_MEMORY_LIMIT", "pending"),
        ("constants.WP_POST_REVISIONS", "pending"),
    ]

    fleet.wpstate("apply", "above", "--yes")

    seen = "echo json_encode([WP_DEBUG, WP_POST_REVISIONS, WP_MEMORY_LIMIT,"
    seen += " defined('AUTOMATIC_UPDATER_DISABLED')]);"
    assert site.wp("eval", seen) == '[true,10,"256M",false]'
    changed = set(before.splitlines()) ^ set(config.read_text("utf-8").splitlines())
    assert len(changed) == 5
    fleet.wpstate("plan", "above", "--detailed-exitcode", code=0)

    site.wp("config", "set", "WP_POST_REVISIONS", "3", "--raw", f"--config-file={config}")
    assert _planned(fleet, "above") == [("constants.WP_POST_REVISIONS", "drift")]
    fleet.wpstate("apply", "above", "--yes", "--heal")
    assert site.wp("eval", seen) == '[true,10,"256M",false]'
    site.assert_open()


@pytest.mark.xdist_group("above")
def test_put_back_when_the_run_fails(take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    fleet.replace("above", "profiles:", f"{ASKED}profiles:")
    fleet.pin("above", "lab-guestbook", "2.8")
    before = site.whole()

    fleet.wpstate("apply", "above", "--yes", code=4)

    site.assert_as(before)
    assert not list(site.root.glob(".wpstate-*"))


@pytest.mark.xdist_group("getenv")
def test_what_an_include_or_the_environment_decides_is_refused(take: Take, fleet: Fleet) -> None:
    (site,) = take("getenv")
    config = site.root / "wp-config.php"
    text = config.read_text("utf-8")
    lines = "define( 'MODE', getenv( 'MODE' ) );\nif ( PHP_VERSION_ID ) { define( 'IFFY', 1 ); }\n"
    config.write_text(text.replace("$table_prefix", f"{lines}$table_prefix"), "utf-8")
    before = config.read_bytes()
    fleet.replace("getenv", "profiles:", "constants: {MODE: live, IFFY: 2}\nprofiles:")

    refused = fleet.wpstate("apply", "getenv", "--yes", code=3)

    assert refused.slugs() == {"plan.constant_place"}
    assert "MODE is defined with a value that is computed" in refused.out
    assert "IFFY is defined inside a condition" in refused.out
    assert config.read_bytes() == before


def _planned(fleet: Fleet, name: str) -> list[Any]:
    (site,) = fleet.wpstate("plan", name, "--format", "json").json["sites"]
    changes = [(change["address"], change["cause"]) for change in site["changes"]]
    moved = [(noted["address"], noted["sort"]) for noted in site["noted"]]
    return sorted(one for one in (*changes, *moved) if one[0].startswith("constants."))
