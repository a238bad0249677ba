"""The disk of the state folder fills up under the freeze: the site is put back all the same."""

import shutil
import subprocess

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.small_disk import small_disk


@pytest.mark.xdist_group("redis")
def test_files_and_tables_are_as_before(take: Take, fleet: Fleet) -> None:
    (site,) = take("redis")
    fleet.pin("redis", "lab-guestbook", "2.6")
    before = site.whole()
    with small_disk(site.account) as folder:
        running = fleet.start("apply", "redis", "--yes")
        until(running, "apply")
        subprocess.run(("dd", "if=/dev/zero", f"of={folder}/fill", "bs=1M"), capture_output=True)
        assert shutil.disk_usage(folder).free == 0
        out, err = running.communicate(timeout=200)
        assert running.returncode == 4, f"{out}\n{err}"
        site.assert_as(before)
