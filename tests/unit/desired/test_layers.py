"""fleet < profiles < site: who wins, and what is remembered of the others."""

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState, Setting

_URL = "url: https://boutique.example\n"


def _site(site: str, **changes: str) -> DesiredState:
    return compose(sound_fleet(sites__boutique=_URL + site, **changes)).sites[0]


def _setting(desired: DesiredState, key: str) -> Setting:
    return next(setting for setting in desired.settings if setting.key == key)


def _told(setting: Setting) -> tuple[str, str, list[tuple[str, str]]]:
    overrides = [(value, str(span)) for value, span in setting.overrides]
    return setting.value, str(setting.span), overrides


def test_site_over_later_profile_over_earlier_over_fleet() -> None:
    desired = _site(
        "profiles: [a, b]\nfreeze: {at_most: 40s}\n",
        fleet="name: agency\nfreeze: {at_most: 10s}\n",
        profiles__a="freeze: {at_most: 20s}\n",
        profiles__b="freeze: {at_most: 30s}\n",
    )
    assert desired.policy.freeze.at_most_s == 40
    assert _told(_setting(desired, "freeze.at_most")) == (
        "40s",
        "sites/boutique.yml:3:19",
        [
            ("30s", "profiles/b.yml:1:19"),
            ("20s", "profiles/a.yml:1:19"),
            ("10s", "fleet.yml:2:19"),
        ],
    )


def test_maps_merge_by_key() -> None:
    desired = _site("profiles: [a]\nfreeze: {drain: 5s}\n", profiles__a="freeze: {at_most: 20s}\n")
    assert (desired.policy.freeze.at_most_s, desired.policy.freeze.drain_s) == (20, 5)


def test_lists_replace_whole() -> None:
    desired = _site(
        "profiles: [a]\nmay_change: [two/**]\n", profiles__a="may_change: [one/**, three/**]\n"
    )
    assert desired.policy.may_change == ("two/**",)


def test_a_plugin_is_one_value_however_it_is_written() -> None:
    desired = _site(
        "profiles: [a]\nplugins: {akismet: 5.7.2}\n",
        profiles__a="plugins: {akismet: {version: 5.5, why: old, until: 2027-01-15}}\n",
    )
    akismet = desired.managed[0]
    assert (akismet.want.version, akismet.why, akismet.pinned_until) == ("5.7.2", None, None)
    assert [str(span) for span in akismet.overrides] == ["profiles/a.yml:1:20"]


def test_what_a_profile_extends_comes_before_it_and_once() -> None:
    desired = _site(
        "profiles: [a, b]\n",
        profiles__ground="offer: ground\nlook: {timeout: 1s}\n",
        profiles__a="extends: ground\noffer: a\nlook: {timeout: 2s}\n",
        profiles__b="extends: ground\noffer: b\n",
    )
    assert desired.profiles == ("ground", "a", "b")
    assert desired.offer == "b"
    assert desired.policy.look_timeout_s == 2


def test_a_profile_is_composed_of_parts_in_their_order() -> None:
    desired = _site(
        "profiles: [plan]\n",
        profiles__ground="look: {timeout: 1s}\n",
        profiles__x="extends: ground\noffer: x\nlook: {timeout: 2s}\n",
        profiles__y="extends: ground\noffer: y\n",
        profiles__plan="extends: [x, y]\nplan: {expires: 1h}\n",
    )
    assert desired.profiles == ("ground", "x", "y", "plan")
    assert (desired.offer, desired.policy.look_timeout_s) == ("y", 2)


def test_short_and_long_form_of_core_merge() -> None:
    desired = _site("profiles: [care]\ncore: {locale: fr_FR}\n")
    assert {m.address: m.want.version or m.want.value for m in desired.managed} == {
        "core.locale": "fr_FR",
        "core.version": "7.1.1",
        "plugins.akismet": "5.7.2",
    }


def test_why_of_another_layers_version_is_not_told() -> None:
    desired = _site(
        "profiles: [a]\ncore: 7.1.1\n",
        profiles__a="core: {version: 6.8.7, why: old, until: 2027-01-15}\n",
    )
    core = desired.managed[0]
    assert (core.want.version, core.why, core.pinned_until) == ("7.1.1", None, None)


@pytest.mark.parametrize(
    ("key", "defaults"),
    [("freeze", (60, 15)), ("brake", (0.3, 2)), ("plan", 86_400), ("look", 10.0)],
)
def test_what_nobody_says_keeps_its_default(key: str, defaults: object) -> None:
    policy = _site("").policy
    found = {
        "freeze": (policy.freeze.at_most_s, policy.freeze.drain_s),
        "brake": (policy.brake_share, policy.brake_exempt),
        "plan": policy.plan_ttl_s,
        "look": policy.look_timeout_s,
    }
    assert found[key] == defaults
