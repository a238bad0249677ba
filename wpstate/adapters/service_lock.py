"""One service of a fleet on one machine: a lock that ends with the process that holds it."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from wpstate.model.problem import Problem, Refused

_SAID_BYTES = 200


@contextmanager
def only_service(home: Path, fleet_folder: Path) -> Iterator[None]:
    """Hold it while inside. Raises Refused (`service.running`).

    The lock is the kernel's (flock(2)): whoever held it and was killed holds it no more.
    """
    folder = fleet_folder.resolve()
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    path = home / "services" / f"{name}.lock"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            said = file.read(_SAID_BYTES).decode("utf-8", "replace").strip()
            raise Refused([_running(folder, said)]) from None
        file.truncate(0)
        since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        file.write(f"process {os.getpid()} since {since}".encode())
        file.flush()
        yield


def _running(folder: Path, said: str) -> Problem:
    return Problem(
        "service.running",
        "this fleet has its service on this machine already",
        key=str(folder),
        found=said or "it has only just begun",
        why="two of them would look at every site twice and meet at its lock",
        mend="stop that one first; for one pass beside it: wpstate reconcile --once",
    )
