"""Drift that somebody exempted stays, and is told so, until its day is over."""

from datetime import date

import pytest

from tests.builders import NOW, desired, managed, observed, replace, version
from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState, Policy
from wpstate.model.plan import Plan
from wpstate.model.rules import Exemption, Rules
from wpstate.model.state import Address, State
from wpstate.planning.build import build, build_site
from wpstate.planning.figures import figures
from wpstate.planning.turns import standing
from wpstate.report.lines import plain
from wpstate.report.markdown import plan_markdown
from wpstate.report.plan_text import plan_lines
from wpstate.report.record import plan_to_text

_OLD, _NEW, _OTHER = version("1.0"), version("1.1"), version("0.9")
_X = Address("plugins.x")
_HELD = Exemption(_X, "Ana", "2027-01-15", "the fair uses it")


def _asked(*, want: State = _OLD, **rules: object) -> DesiredState:
    policy = Policy(rules=replace(Rules(), **rules), heal=("plugins.x",), applies=True)  # type: ignore[arg-type]
    return desired(managed("plugins.x", want), policy=policy)


_DRIFTED = observed({"plugins.x": _NEW}, applied={"plugins.x": _OLD})


def _plan(asked: DesiredState) -> Plan:
    return build("p", "lab", [(asked, _DRIFTED)], revision=None, dirty=False, now=NOW)


def test_exempt_drift_is_told_with_its_owner_and_healed_by_nobody() -> None:
    asked = _asked(exempt=(_HELD,))
    for heal_all in (False, True):
        site = build_site(asked, _DRIFTED, heal_all=heal_all)
        assert site.changes == ()
        assert [(n.sort, n.text, n.asked, n.state) for n in site.noted] == [
            ("exempt", "exempt until 2027-01-15 by Ana: the fair uses it", _OLD, _NEW)
        ]
    text = plain(plan_lines(_plan(asked)))
    assert "Changed on the site, and may stay for now (exempt)\n" in text
    assert "  = plugins.x  1.0 → 1.1  exempt until 2027-01-15 by Ana: the fair uses it\n" in text
    assert "In sync: nothing to do." in text
    assert "for you to decide" not in text
    assert "- `plugins.x` `1.0 → 1.1`: exempt until 2027-01-15 by Ana" in plan_markdown(
        _plan(asked)
    )
    assert '"sort":"exempt"' in plan_to_text(_plan(asked)).replace(": ", ":")


def test_a_pass_counts_exempt_drift_as_in_sync() -> None:
    site = build_site(_asked(exempt=(_HELD,)), _DRIFTED)
    assert figures(site, None, facts=False).drift_items == 0
    assert standing(_asked(exempt=(_HELD,)), site, NOW)[0].value == "in_sync"


def test_after_its_day_it_is_drift_again_and_says_whose_it_was() -> None:
    site = build_site(replace_heal(_asked(exempt_ended=(_HELD,))), _DRIFTED)
    assert [(n.sort, n.text) for n in site.noted] == [
        (
            "drift",
            "adopt, revert or exempt it; the exemption by Ana ended on 2027-01-15",
        )
    ]
    text = plain(plan_lines(_plan(replace_heal(_asked(exempt_ended=(_HELD,))))))
    assert text.endswith("Drift: wpstate adopt shop plugins.x, or revert, or exempt\n")
    healed = build_site(_asked(exempt_ended=(_HELD,)), _DRIFTED)
    assert [change.address for change in healed.changes] == ["plugins.x"]


def replace_heal(asked: DesiredState) -> DesiredState:
    return replace(asked, policy=replace(asked.policy, heal=()))


def test_a_person_who_names_it_puts_it_back_all_the_same() -> None:
    site = build_site(_asked(exempt=(_HELD,)), _DRIFTED, only=("plugins.x",))
    assert [change.address for change in site.changes] == ["plugins.x"]


def test_where_git_moved_as_well_a_person_decides() -> None:
    site = build_site(_asked(want=_OTHER, exempt=(_HELD,)), _DRIFTED)
    assert [n.sort for n in site.noted] == ["conflict"]


_FLEET = {
    "sites__boutique": "url: https://boutique.example\noptions: {blogname: A shop}\n"
    "exempt: {options.blogname: {owner: Ana, until: 2026-12-31}, "
    "users.bo: {owner: Ana, until: 2026-12-31, why: helps out}}\n"
}


@pytest.mark.parametrize(("today", "held"), [((2026, 12, 31), 2), ((2027, 1, 1), 0)])
def test_an_exemption_holds_through_its_last_day(today: tuple[int, int, int], held: int) -> None:
    fleet = compose(sound_fleet(**_FLEET), today=date(*today))
    rules = fleet.sites[0].policy.rules
    assert (len(rules.exempt), len(rules.exempt_ended)) == (held, 2 - held)
    assert [r.key for r in fleet.reminders if r.what == "exemption ended"] == (
        [] if held else ["exempt.options.blogname", "exempt.users.bo"]
    )
