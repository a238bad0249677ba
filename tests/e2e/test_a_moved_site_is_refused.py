"""The address is answered by another copy of the site: looks there would prove nothing here."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.oracle.whole import unlike


@pytest.mark.xdist_group("moved")
def test_neither_copy_is_touched(take: Take, fleet: Fleet) -> None:
    moved, elsewhere = take("moved", "elsewhere")
    fleet.pin("moved", "lab-guestbook", "1.1")
    before = moved.whole(), elsewhere.whole()

    refused = fleet.wpstate("apply", "moved", "--yes", code=3)

    assert refused.slugs() == {"origin.not_proven"}
    assert fleet.last_run("moved")["frozen_s"] is None
    assert unlike(before[0], moved.whole()) == []
    assert unlike(before[1], elsewhere.whole()) == []
    assert not (moved.state / "lock").exists()
