"""Real sites, looked at and changed as a pass does it, keep what tests of passes take for granted
of rows of a table (tests/table_sites.py)."""

from dataclasses import replace

import pytest

from tests.contract_of_sites import Asked, keeps_the_contract
from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from wpstate.wiring import Wiring

pytestmark = pytest.mark.xdist_group("shop")


class _Lab:
    def __init__(self, fleet: Fleet, wired: Wiring) -> None:
        self._fleet = fleet
        self.observer = wired.observer()
        self.runs = wired.several(2).runs
        self.clock = wired.clock

    def good(self) -> Asked:
        return self._asked("1.1")

    def bad(self) -> Asked:
        return self._asked("2.8")

    def _asked(self, version: str) -> Asked:
        self._fleet.pin("shop", "lab-guestbook", version)
        with Wiring(self._fleet.folder) as wired:
            fleet = wired.fleet()
            plan = wired.plan(("shop",), only=("plugins.lab-guestbook",))
        shop = tuple(each for each in fleet.sites if each.site.id == "shop")
        return Asked(plan, replace(fleet, sites=shop))


def test_a_real_site_keeps_the_contract(
    take: Take, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    take("shop")
    for name, value in fleet.environment().items():
        monkeypatch.setenv(name, value)
    with Wiring(fleet.folder) as wired:
        keeps_the_contract(_Lab(fleet, wired))
