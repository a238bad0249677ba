"""Visitors and a program that writes past WordPress go on all through a run that is rolled back."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.writers import DirectWriter, Visitor
from tests.faults.conftest import FULL

pytestmark = pytest.mark.xdist_group("above")


@pytest.mark.parametrize("freeze", ["on", "off"])
@pytest.mark.parametrize("turn", range(15 if FULL else 1))
def test_each_row_is_there_once(turn: int, freeze: str, take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    fleet.pin("above", "lab-guestbook", ("2.6", "2.8", "2.4")[turn % 3])
    fleet.replace("above", "plugins:\n", f"freeze: {freeze}\nplugins:\n")
    visitor, direct = Visitor(site), DirectWriter(site)
    visitor.prepare()
    direct.prepare()

    with visitor, direct:
        fleet.wpstate("apply", "above", "--yes", code=4)

    assert fleet.last_run("above")["outcome"] == "rolled_back"
    assert len(direct.acknowledged) > 50
    assert direct.lost() == []
    assert visitor.lost() == []
    assert site.sql("SELECT option_value FROM {p}options WHERE option_name = 'blogname'") == "Above"
    site.assert_open()
