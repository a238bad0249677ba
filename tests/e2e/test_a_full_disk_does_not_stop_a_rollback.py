"""The disk of the state folder fills up under the freeze: the site is put back all the same."""

import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until
from tests.e2e.site import Site


@contextmanager
def small_disk(site: Site) -> Iterator[Path]:
    """A file system of its own below the account's home for what wpstate keeps."""
    account = pwd.getpwnam(site.account)
    folder = Path(account.pw_dir) / ".wpstate"
    folder.mkdir(exist_ok=True)
    options = f"size=300m,mode=700,uid={account.pw_uid},gid={account.pw_gid}"
    subprocess.run(("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder), check=True)
    try:
        yield folder
    finally:
        subprocess.run(("umount", "-l", folder), check=True)


@pytest.mark.xdist_group("redis")
def test_files_and_tables_are_as_before(take: Take, fleet: Fleet) -> None:
    (site,) = take("redis")
    fleet.pin("redis", "lab-guestbook", "2.6")
    before = site.whole()
    with small_disk(site) as folder:
        running = fleet.start("apply", "redis", "--yes")
        until(running, "apply")
        subprocess.run(("dd", "if=/dev/zero", f"of={folder}/fill", "bs=1M"), capture_output=True)
        assert shutil.disk_usage(folder).free == 0
        out, err = running.communicate(timeout=200)
        assert running.returncode == 4, f"{out}\n{err}"
        site.assert_as(before)
