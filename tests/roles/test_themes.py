"""Themes by the roles packages and boot: installed and switched to in one start of WordPress."""

from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite, theme, theme_artifact
from wpstate.model.state import Json


@pytest.fixture
def site() -> Iterator[RoleSite]:
    with borrowed("redis", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def asked(site: RoleSite, *themes: Json, switch_to: str | None = None) -> Json:
    kinds = {"themes": {"switch_to": switch_to, "in_wordpress": True}} if switch_to else {}
    return {**site.apply_vars(*themes), "kinds": kinds}


def themes(site: RoleSite) -> dict[str, str]:
    listed = site.wp("theme", "list", "--fields=name,status,version", "--format=csv")
    rows = (line.split(",") for line in listed.splitlines()[1:])
    return {name: f"{version} {status}" for name, status, version in rows}


def test_a_child_and_its_parent_come_and_the_old_theme_goes(site: RoleSite) -> None:
    active = next(name for name, told in themes(site).items() if told.endswith(" active"))
    new = (theme_artifact("lab-paper", "1.0"), theme_artifact("lab-paper-child", "1.2"))
    changes = asked(
        site,
        theme("lab-paper", "create", "1.0"),
        theme("lab-paper-child", "create", "1.2", active=True),
        theme(active, "delete", None, active=False, was_active=True),
        switch_to="lab-paper-child",
    )

    assert site.stage(*new).ok
    checked = site.apply(changes, check=True)
    assert checked.changed == (
        "Swap the plugins and themes",
        "Start WordPress once",
        "Move deleted plugins and themes away",
    )
    assert active in themes(site)
    applied = site.apply(changes)

    assert applied.ok, applied.failure
    seen = themes(site)
    assert active not in seen
    assert (seen["lab-paper"], seen["lab-paper-child"]) == ("1.0 parent", "1.2 active")
    assert (site.run_dir / "old" / "themes" / active / "style.css").is_file()
    again = site.apply(changes)
    assert again.ok, again.failure
    assert again.changed == ()


def test_an_update_keeps_what_core_offers_in_step(site: RoleSite) -> None:
    assert site.stage(theme_artifact("lab-paper", "1.0")).ok
    assert site.apply(asked(site, theme("lab-paper", "create", "1.0"))).ok
    site.wp("eval", "wp_update_themes();")
    offer = "echo isset( get_site_transient( 'update_themes' )->response['lab-paper'] ) ? 1 : 0;"
    site.wp(
        "eval",
        "$offers = get_site_transient( 'update_themes' ) ?: new stdClass();"
        "$offers->response['lab-paper'] = array( 'new_version' => '1.1' );"
        "set_site_transient( 'update_themes', $offers );",
    )
    assert site.wp("eval", offer) == "1"

    assert site.stage(theme_artifact("lab-paper", "1.1")).ok
    applied = site.apply(asked(site, theme("lab-paper", "update", "1.1")))

    assert applied.ok, applied.failure
    assert themes(site)["lab-paper"] == "1.1 inactive"
    assert site.wp("eval", offer) == "0"


def test_a_theme_that_wordpress_finds_broken_is_not_switched_to(site: RoleSite) -> None:
    before = themes(site)
    assert site.stage(theme_artifact("lab-paper-child", "1.2")).ok
    change = theme("lab-paper-child", "create", "1.2", active=True)

    applied = site.apply(asked(site, change, switch_to="lab-paper-child"))

    assert applied.failure is not None
    assert "could not switch to the theme lab-paper-child" in applied.failure.message
    assert "lab-paper" in applied.failure.message
    assert {name: told for name, told in themes(site).items() if name in before} == before
