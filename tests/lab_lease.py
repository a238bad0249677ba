"""One test at a time on a site of the lab, whichever process it runs in, and as the lab built it.

How a site is put back is left to `script/lab reset`, which also takes the mark of use away.
"""

import fcntl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_RUN = Path("/var/lib/wpstate-lab/run")
_LAB = Path(__file__).parent.parent / "script" / "lab"


@contextmanager
def lease(*sites: str) -> Iterator[None]:
    """Hold these sites, waiting for whoever has them (flock(2): ends with its process).

    All of a test's sites in one call: they are taken in one order, so that two tests cannot wait
    for each other. Not reentrant. A site that its last holder did not prove to be as it was found
    is put back first.
    """
    with ExitStack() as held:
        for site in sorted(set(sites)):
            file = held.enter_context((_RUN / f"{site}.lease").open("a"))
            fcntl.flock(file, fcntl.LOCK_EX)
        for site in sorted(set(sites)):
            if used(site).exists():
                subprocess.run((_LAB, "reset", site), check=True, capture_output=True, timeout=60)
            used(site).touch()
        yield


def used(site: str) -> Path:
    """The mark of a site that was held. Whoever changed nothing takes it away again."""
    return _RUN / f"{site}.used"
