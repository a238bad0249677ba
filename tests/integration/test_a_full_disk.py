"""A disk that is full, or nearly, while a site is put back: nothing half done is called done."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import ATELIER, ready
from tests.integration.test_safety_net_restore import unlike
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.model.problem import WpstateError

ROOM_BYTES = (0, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20)


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A file system of its own for what wpstate keeps of the site."""
    account = pwd.getpwnam(ATELIER.account)
    folder = Path(account.pw_dir) / ".wpstate"
    with borrowed("atelier", reset=True):
        folder.mkdir(exist_ok=True)
        os.chown(folder, account.pw_uid, account.pw_gid)
        options = f"size=200m,mode=700,uid={account.pw_uid},gid={account.pw_gid}"
        subprocess.run(("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder), check=True)
        try:
            yield folder
        finally:
            subprocess.run(("umount", "-l", folder), check=True)


@pytest.fixture(scope="module")
def net(disk: Path) -> Iterator[SshSafetyNet]:
    with ready(ATELIER) as opened:
        yield opened


@pytest.mark.parametrize("room_bytes", ROOM_BYTES)
def test_what_is_called_restored_is_as_before(
    net: SshSafetyNet, disk: Path, room_bytes: int
) -> None:
    tree, tables = ATELIER.tree(), ATELIER.tables()
    ATELIER.sh(
        'cd "$1" && rm xmlrpc.php && echo x >>wp-cron.php && mkdir wp-content/plugins/evil && '
        "echo x >wp-content/plugins/evil/evil.php",
        ATELIER.wp_path,
    )
    ATELIER.sql("UPDATE wp_options SET option_value = 'x' WHERE option_id < 9; DROP TABLE wp_links")
    for room in disk.glob("*/runs/*/room"):
        room.unlink()  # As if somebody took at once what the rollback gave free.
    fill = disk / "fill"
    subprocess.run(("dd", "if=/dev/zero", f"of={fill}", "bs=4k"), capture_output=True)
    os.truncate(fill, max(0, fill.stat().st_size - room_bytes))
    try:
        net.restore()
    except WpstateError:
        pass
    else:
        assert unlike(tree, ATELIER.tree()) == []
        assert unlike(tables, ATELIER.tables()) == []
    finally:
        fill.unlink()
    net.restore()
    assert unlike(tree, ATELIER.tree()) == []
    assert unlike(tables, ATELIER.tables()) == []
