"""One pass of a service, for adapters.pass_processes. Not a command of users.

Usage: python -m wpstate.cli.service_pass PARENT WORD...
"""

import ctypes
import os
import signal
import sys

from wpstate.adapters.interrupts import INTERRUPTS
from wpstate.cli.main import main

_PR_SET_PDEATHSIG = 1


def begin() -> None:
    """As `wpstate WORD...`, but that it ends with its service."""
    parent = int(sys.argv.pop(1))
    with INTERRUPTS.held_back():
        INTERRUPTS.install()
        # Its service killed, nobody is behind this pass: it stops as if asked to (prctl(2)).
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            return
    main()


if __name__ == "__main__":
    begin()
