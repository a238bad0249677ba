"""Faults of the controller: killed, asleep, out of disk, and a rival beside it."""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.e2e.fleet import Fleet
from tests.e2e.site import LAB
from tests.faults.fault import Fault
from tests.faults.harm import harm
from tests.faults.scene import Scene, family


def _kill(scene: Scene) -> None:
    started = family(scene.controller)[1:]
    os.kill(scene.controller, signal.SIGKILL)
    scene.said.ended(30)
    give_up_at = time.monotonic() + 10
    while left := [process for process in started if _lives(process)]:
        if time.monotonic() > give_up_at:
            scene.complaints.append(f"left running by the killed controller: {left}")
            break
        time.sleep(0.05)


def _lives(process: int) -> bool:
    with suppress(OSError), open(f"/proc/{process}/stat") as stat:
        return stat.read().rpartition(") ")[2][0] != "Z"
    return False


def _sleep_until_the_host_has_acted(scene: Scene) -> None:
    """A laptop's lid: everything stops where it stands, and wakes when others have gone on."""
    asleep = family(scene.controller)
    for process in asleep:
        with suppress(OSError):
            os.kill(process, signal.SIGSTOP)
    try:
        if not scene.ended_by_time():
            scene.complaints.append("the host did not end the run of a controller that slept")
    finally:
        for process in asleep:
            with suppress(OSError):
                os.kill(process, signal.SIGCONT)


@contextmanager
def _small_home(scene: Scene) -> Iterator[None]:
    """The controller's home and its temporary folder on a small file system of their own."""
    small = scene.fleet.home.with_name("small")
    small.mkdir()
    options = ("mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", small)
    subprocess.run(options, check=True)
    try:
        home = small / "home"
        shutil.copytree(scene.fleet.home, home, symlinks=True)
        (small / "tmp").mkdir()
        scene.fleet = Fleet(scene.fleet.folder, home)
        scene.environment["TMPDIR"] = str(small / "tmp")
        yield
    finally:
        subprocess.run(("umount", "-l", small), check=True)


def _fill_home(scene: Scene) -> None:
    fill = scene.fleet.home.parent / "fill"
    subprocess.run(("dd", "if=/dev/zero", f"of={fill}", "bs=64k"), capture_output=True)


def _empty_home(scene: Scene) -> None:
    (scene.fleet.home.parent / "fill").unlink(missing_ok=True)


@contextmanager
def _zips_of_its_own(scene: Scene) -> Iterator[None]:
    kept = scene.fleet.home / "artifacts"
    shared = kept.resolve()
    kept.unlink()
    kept.mkdir()
    for file in shared.iterdir():
        (kept / file.name).symlink_to(file)
    yield


def _harm_zip(*, cut: bool) -> Callable[[Scene], None]:
    def struck(scene: Scene) -> None:
        served = LAB / "wporg/plugins/lab-guestbook.1.1.zip"
        name = hashlib.sha256(served.read_bytes()).hexdigest()
        kept = scene.fleet.home / "artifacts" / name
        kept.unlink(missing_ok=True)
        shutil.copy(served, kept)
        harm(kept, cut=cut, at=scene.random.random())

    return struck


KILLED = Fault("controller killed", _kill)
ASLEEP = Fault("controller asleep", _sleep_until_the_host_has_acted)
NO_ROOM = Fault("controller's disk full", _fill_home, _empty_home, _small_home)
ZIP_CUT = Fault("kept zip cut short", _harm_zip(cut=True), around=_zips_of_its_own)
ZIP_BIT = Fault("a bit of the kept zip", _harm_zip(cut=False), around=_zips_of_its_own)
