"""Rows of a table are sites as passes know them (tests/e2e/test_sites_keep_their_contract.py: real
ones are too)."""

from dataclasses import replace
from random import Random

from tests.builders import desired, managed, version
from tests.contract_of_sites import Asked, keeps_the_contract
from tests.table_sites import BEARS, ROLLS_BACK, Row, TableClock, TableSites
from wpstate.model.desired import Fleet
from wpstate.model.state import Address
from wpstate.planning.build import build

X = Address("plugins.x")


class _Table:
    def __init__(self) -> None:
        self.clock = TableClock()
        self._row = Row({X: version("1.0")})
        self.observer = self.runs = TableSites({"shop": self._row}, self.clock, Random(1))

    def good(self) -> Asked:
        return self._asked("1.1", BEARS)

    def bad(self) -> Asked:
        return self._asked("1.2", ROLLS_BACK)

    def _asked(self, number: str, ill: str) -> Asked:
        self._row.ill = ill
        asked = desired(managed("plugins.x", version(number)))
        seen = self.observer.observe([asked])[asked.site.id]
        plan = build(
            "p", "f", [(asked, replace(seen, site=asked.site.id))],
            revision=None, dirty=False, now=self.clock.now(),
        )  # fmt: skip
        return Asked(plan, Fleet("f", "", "", (asked,)))


def test_a_table_keeps_the_contract() -> None:
    keeps_the_contract(_Table())
