"""A disk that is full, or nearly, while a site is put back: nothing half done is called done."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import ATELIER, ready
from tests.integration.test_safety_net_restore import unlike
from tests.small_disk import small_disk
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.model.problem import WpstateError

ROOM_BYTES = (0, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20)


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A file system of its own for what wpstate keeps of the site."""
    with borrowed("atelier", reset=True), small_disk(ATELIER.account) as folder:
        yield folder


@pytest.fixture(scope="module")
def net(disk: Path) -> Iterator[SshSafetyNet]:
    with ready(ATELIER) as opened:
        yield opened


def test_what_is_called_restored_is_as_before(net: SshSafetyNet, disk: Path) -> None:
    """Again and again, with ever more room: each time another step finds none."""
    tree, tables = ATELIER.tree(), ATELIER.tables()
    for room_bytes in ROOM_BYTES:
        _harm()
        with _filled(disk, but_bytes=room_bytes):
            restored = True
            try:
                net.restore()
            except WpstateError:
                restored = False
        if not restored:
            net.restore()
        assert unlike(tree, ATELIER.tree()) == [], f"{room_bytes} bytes of room"
        assert unlike(tables, ATELIER.tables()) == [], f"{room_bytes} bytes of room"


def _harm() -> None:
    ATELIER.sh(
        'cd "$1" && rm xmlrpc.php && echo x >>wp-cron.php && mkdir wp-content/plugins/evil && '
        "echo x >wp-content/plugins/evil/evil.php",
        ATELIER.wp_path,
    )
    ATELIER.sql("UPDATE wp_options SET option_value = 'x' WHERE option_id < 9; DROP TABLE wp_links")


@contextmanager
def _filled(disk: Path, but_bytes: int) -> Iterator[None]:
    for room in disk.glob("*/runs/*/room"):
        room.unlink()  # As if somebody took at once what the rollback gave free.
    fill = disk / "fill"
    subprocess.run(("dd", "if=/dev/zero", f"of={fill}", "bs=4k"), capture_output=True)
    os.truncate(fill, max(0, fill.stat().st_size - but_bytes))
    try:
        yield
    finally:
        fill.unlink()
