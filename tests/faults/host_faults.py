"""Faults of the host: disk full, work killed, clock off, web server's PHP gone, snapshot harmed."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.e2e.site import CHECKOUT
from tests.faults.fault import Fault
from tests.faults.harm import harm
from tests.faults.scene import Scene, at_work
from tests.small_disk import small_disk

DAY_S = 86_400
PHP_GONE_S = 4.0


@contextmanager
def _small_disk(scene: Scene) -> Iterator[None]:
    """A file system of its own for what wpstate keeps; only where the account has one site."""
    with small_disk(scene.site.account):
        yield


def _fill(scene: Scene) -> None:
    fill = scene.site.state.parent / "fill"
    subprocess.run(("dd", "if=/dev/zero", f"of={fill}", "bs=64k"), capture_output=True)


def _empty(scene: Scene) -> None:
    (scene.site.state.parent / "fill").unlink(missing_ok=True)


def _kill_work(*, watchdog: bool) -> Callable[[Scene], None]:
    def struck(scene: Scene) -> None:
        for process, words in at_work(scene.site.state):
            if watchdog or not words.endswith(" watchdog"):
                with suppress(OSError):
                    os.kill(process, signal.SIGKILL)

    return struck


def _clock(seconds: int) -> Callable[[Scene], None]:
    return lambda scene: scene.let_time_pass(seconds)


def _php(scene: Scene, verb: str) -> None:
    command = (CHECKOUT / "script" / "lab", verb, f"php-{scene.site.name}")
    subprocess.run(command, check=True, capture_output=True)


def _php_gone(scene: Scene) -> None:
    _php(scene, "stop")
    threading.Timer(PHP_GONE_S, _php, (scene, "start")).start()


def _php_gone_for_good(scene: Scene) -> None:
    _php(scene, "stop")


def _php_back(scene: Scene) -> None:
    _php(scene, "start")


def _harm_snapshot(*, cut: bool) -> Callable[[Scene], None]:
    def struck(scene: Scene) -> None:
        snapshot = scene.run_folders[-1] / "snapshot"
        name = scene.random.choice(("code.tar", "dump.sql", "manifest", "fingerprint"))
        harm(snapshot / name, cut=cut, at=scene.random.random())

    return struck


NO_ROOM = Fault("host's disk full", _fill, _empty, _small_disk)
WORK_KILLED = Fault("work on the host killed", _kill_work(watchdog=False))
ALL_KILLED = Fault("work and watchdog killed", _kill_work(watchdog=True))
DAY_AHEAD = Fault("host's clock a day ahead", _clock(DAY_S))
DAY_BACK = Fault("host's clock a day back", _clock(-DAY_S))
PHP_GONE = Fault("php-fpm stopped", _php_gone, _php_back)
PHP_GONE_FOR_GOOD = Fault(
    "php-fpm gone for good", _php_gone_for_good, _php_back, silences_pages=True
)
SNAPSHOT_CUT = Fault("snapshot cut short", _harm_snapshot(cut=True), refused_rollback=True)
SNAPSHOT_BIT = Fault("a bit of the snapshot", _harm_snapshot(cut=False), refused_rollback=True)
