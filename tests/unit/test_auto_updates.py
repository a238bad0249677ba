"""What may update itself, what then counts as in sync, and who else keeps a component."""

from typing import Any

import pytest

from tests.builders import NOW
from tests.unit.desired.folders import sound_fleet
from tests.unit.test_observation import entry, plugin, text_of
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.plan import SitePlan
from wpstate.model.site import SiteId
from wpstate.planning.build import build_site
from wpstate.resources.observation import observed_states


def _asked(text: str) -> DesiredState:
    site = f"url: https://b.example\n{text}"
    return compose(sound_fleet(sites__boutique=site)).sites[0]


def _seen(core: str = "7.1.1", akismet: str = "5.7.2", **said: Any) -> ObservedState:
    answer = {
        "minor": True,
        "major": False,
        "fixed": None,
        "never": None,
        "plugins": {},
        "on": [],
        **said,
    }
    site = entry(
        id="boutique",
        core={"version": core, "db_version": 61833, "locale": None},
        options={"home": "https://b.example", "db_version": "61833"},
        plugins=[plugin("akismet/akismet.php", active=True, version=akismet)],
        kinds={"auto_updates": answer},
    )
    seen = observed_states(text_of(site), [SiteId("boutique")], NOW)[SiteId("boutique")]
    assert seen.faults == ()
    return seen


def _sorts(plan: SitePlan) -> dict[str, str]:
    return {str(n.address): n.sort for n in plan.noted if n.sort != "unmanaged"}


def test_words() -> None:
    asked = _asked(
        "core: {version: approved, auto_updates: minor}\nauto_updates: {plugins: off}\n"
        "plugins: {akismet: {version: approved, auto_updates: on}, wp-rocket: approved,"
        " woocommerce: absent}\n"
    )
    wants = {str(m.address): m.want.value for m in asked.managed if "auto" in m.address}
    assert wants == {
        "auto_updates.core": "minor",
        "auto_updates.plugins.akismet": "on",
        "auto_updates.plugins.wp-rocket": "off",
    }
    assert sorted(asked.questions["auto_updates"]["plugins"]) == ["akismet", "wp-rocket"]  # type: ignore[arg-type]
    # What wp-config.php defines overrules options: the probe tells only what it is asked for.
    assert "AUTOMATIC_UPDATER_DISABLED" in asked.questions["auto_updates"]["constants"]  # type: ignore[operator]
    assert "auto_updates" not in _asked("core: approved\n").questions


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ({}, "minor"),
        ({"major": True}, "on"),
        ({"minor": False}, "off"),
        ({"minor": False, "major": True}, "major only"),
        ({"fixed": "true"}, "on"),
        ({"fixed": "false", "major": True}, "off"),
        ({"fixed": "minor", "major": True}, "minor"),
        ({"never": "AUTOMATIC_UPDATER_DISABLED", "major": True}, "off"),
    ],
)
def test_what_wordpress_would_do(said: dict[str, Any], seen: str) -> None:
    resources = {str(a): s.value for a, s in _seen(**said).resources}
    assert resources["auto_updates.core"] == seen


def test_what_a_constant_fixes_is_out_of_reach() -> None:
    text = "core: {version: approved, auto_updates: on}\n"
    for said in ({"fixed": "minor"}, {"never": "DISALLOW_FILE_MODS"}):
        plan = build_site(_asked(text), _seen(**said))
        assert _sorts(plan)["auto_updates.core"] == "out_of_reach"
        assert not [c for c in plan.changes if c.address == "auto_updates.core"]
    assert [str(c.address) for c in build_site(_asked(text), _seen()).changes] == [
        "auto_updates.core"
    ]


@pytest.mark.parametrize(
    ("auto", "core", "in_sync"),
    [
        ("minor", "7.1.2", True),
        ("minor", "7.2", False),
        ("on", "7.2", True),
        ("off", "7.1.2", False),
        ("minor", "7.1", False),
    ],
)
def test_a_core_that_updated_itself_within_what_it_may_is_in_sync(
    auto: str, core: str, in_sync: bool
) -> None:
    text = f"core: {{version: approved, auto_updates: {auto}}}\n"
    plan = build_site(_asked(text), _seen(core))
    moved = any(c.address == "core.version" for c in plan.changes)
    assert moved is not in_sync
    assert (_sorts(plan).get("core.version") == "updated_itself") is in_sync


def test_a_plugin_that_updated_itself_is_in_sync_where_it_may() -> None:
    text = "plugins: {akismet: {version: approved, auto_updates: on}}\n"
    seen = _seen(akismet="5.9", plugins={"akismet": True})
    assert build_site(_asked(text), seen).changes == ()
    changes = build_site(_asked("plugins: {akismet: approved}\n"), seen).changes
    assert [str(c.address) for c in changes] == ["plugins.akismet"]


@pytest.mark.parametrize("keeper", ["host", "composer"])
def test_what_somebody_else_installs_is_only_looked_at(keeper: str) -> None:
    text = (
        f"core: {{version: 6.8.7, managed_by: {keeper}}}\n"
        f"plugins: {{akismet: {{version: 5.5, managed_by: {keeper}}}}}\n"
    )
    plan = build_site(_asked(text), _seen())
    assert plan.changes == ()
    assert _sorts(plan) == {"core.version": "drift", "plugins.akismet": "drift"}


def test_what_the_client_installs_is_left_alone() -> None:
    text = (
        "core: {version: 6.8.7, managed_by: client}\n"
        "plugins: {akismet: {version: 5.5, managed_by: client}}\n"
    )
    asked = _asked(text)
    assert asked.managed == ()
    assert _sorts(build_site(asked, _seen())) == {
        "core.version": "client",
        "plugins.akismet": "client",
    }
