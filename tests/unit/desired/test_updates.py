"""When a site may be changed, as its files say it."""

from datetime import date

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.updates import Updates


def updates(said: str) -> Updates:
    texts = sound_fleet()
    name = next(name for name in texts if name.startswith("sites/"))
    texts[name] += f"updates: {said}\n"
    (site,) = (each for each in compose(texts).sites if f"sites/{each.site.id}.yml" == name)
    return site.policy.updates


@pytest.mark.parametrize(
    ("said", "within_s"),
    [
        ("window", None),
        ("at once", 0),
        ("bypass window within 24h", 86_400),
        ("bypass window within 90m", 5_400),
    ],
)
def test_what_mends_a_vulnerability_waits_as_long_as_it_may(
    said: str, within_s: int | None
) -> None:
    assert updates(f"{{security: {said}}}").security_within_s == within_s


def test_days_without_changes_are_of_one_year_or_of_each() -> None:
    once, each = updates(
        "{closed: [{from: 2026-12-01, until: 2026-12-26, why: fair},"
        " {from: 12-20, until: 01-06, why: holidays, zone: Europe/Paris}]}"
    ).closed
    assert (once.yearly, once.first) == (False, date(2026, 12, 1))
    assert (each.yearly, each.first.month, each.last.month) == (True, 12, 1)
