"""A rollback by hand that cannot be done leaves the site as it was, and says so."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.integration.lab_site import as_lab_site

pytestmark = pytest.mark.xdist_group("above")


def flip_a_bit(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        byte = opened.read(1)
        opened.seek(-1, 1)
        opened.write(bytes([byte[0] ^ 1]))


def test_a_damaged_snapshot_is_no_success(take: Take, fleet: Fleet) -> None:
    (site,) = take("above")
    fleet.pin("above", "lab-guestbook", "1.1")
    fleet.wpstate("apply", "above", "--yes")
    (copy,) = site.state.glob("runs/*/snapshot/code.tar")
    flip_a_bit(copy)
    before = site.whole()

    told = fleet.wpstate("rollback", "above", "--yes", code=1)

    run = fleet.last_run("above")
    assert run["outcome"] == "failed"
    assert "snapshot.damaged" in told.slugs()
    site.assert_as(before)


@pytest.mark.parametrize("freeze", ["on", "off"])
def test_a_holding_page_stays_until_a_rollback_that_succeeds(
    freeze: str, take: Take, fleet: Fleet
) -> None:
    (site,) = take("above")
    fleet.pin("above", "lab-guestbook", "1.1")
    fleet.wpstate("apply", "above", "--yes")
    (copy,) = site.state.glob("runs/*/snapshot/code.tar")
    flip_a_bit(copy)
    as_lab_site("above").freeze("token of an earlier run", at_s=1, manner="hold")
    page = site.wp_path / ".maintenance"
    held = page.read_bytes()
    if freeze == "off":
        with fleet.site_file("above").open("a", encoding="utf-8") as file:
            file.write("freeze: off\n")

    running = fleet.start("rollback", "above", "--yes")
    seen = set()
    while running.poll() is None:
        seen.add(site.curl("/")[0])
    assert running.returncode == 1, running.communicate()
    assert seen == {503}
    assert fleet.last_run("above")["outcome"] == "failed"
    assert page.read_bytes() == held

    flip_a_bit(copy)
    fleet.wpstate("rollback", "above", "--to", copy.parents[1].name, "--yes")
    assert not page.exists()
    site.assert_open()
