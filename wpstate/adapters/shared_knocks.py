"""New connections of all processes of this machine, counted by host in files that they share.

Each run is a process of its own, and so is each Ansible; hosts count what comes from one address.
How many there may be is left to adapters.ssh_doors.
"""

import fcntl
import hashlib
import time
from collections.abc import Callable
from pathlib import Path


class SharedKnocks:
    """By the monotonic clock, which all processes of one boot share. Safe for threads."""

    def __init__(self, folder: Path, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._monotonic_s = monotonic_s

    def take(self, place: str, a_minute: int | None, minute_s: float) -> float:
        """Count one more where it is its turn, or where nothing limits it (`a_minute` None). Else
        in how many seconds it may be. A folder that cannot be written to limits nobody."""
        name = hashlib.sha256(place.encode()).hexdigest()[:16]
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self._folder / name).open("a+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                now = self._monotonic_s()
                file.seek(0)
                # Those of an earlier boot are ahead, or long ago.
                known = [at for at in _times(file.read()) if now - minute_s < at <= now]
                if a_minute is not None and len(known) >= a_minute:
                    return known[-a_minute] + minute_s - now
                file.seek(0)
                file.truncate()
                file.write("".join(f"{at:.6f}\n" for at in (*known, now)))
        except OSError:
            pass
        return 0.0


def _times(text: str) -> list[float]:
    try:
        return sorted(float(line) for line in text.split())
    except ValueError:
        return []
