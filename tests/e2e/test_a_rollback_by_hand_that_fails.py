"""A rollback by hand that cannot be done leaves the site as it was, and says so."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

pytestmark = pytest.mark.xdist_group("above")


def test_a_damaged_snapshot_is_no_success(take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    fleet.pin("above", "lab-guestbook", "1.1")
    fleet.wpstate("apply", "above", "--yes")
    (copy,) = site.state.glob("runs/*/snapshot/code.tar")
    with copy.open("r+b") as file:
        file.seek(copy.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    before = site.whole()

    told = fleet.wpstate("rollback", "above", "--yes", code=1)

    run = fleet.last_run("above")
    assert run["outcome"] == "failed"
    assert "snapshot.damaged" in told.slugs()
    site.assert_as(before)
