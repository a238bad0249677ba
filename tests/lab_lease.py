"""One test at a time on a site of the lab, whichever process it runs in.

Putting a site back to how it was built is left to `script/lab reset`.
"""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_RUN = Path("/var/lib/wpstate-lab/run")


@contextmanager
def lease(*sites: str) -> Iterator[None]:
    """Hold these sites, waiting for whoever has them (flock(2): ends with its process).

    All of a test's sites in one call: they are taken in one order, so that two tests cannot wait
    for each other. Not reentrant.
    """
    with ExitStack() as held:
        for site in sorted(set(sites)):
            file = held.enter_context((_RUN / f"{site}.lease").open("a"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
