"""Each pass of a service in a process of its own.

A pass loads libraries, opens connections and holds a whole fleet: what it leaks, and whether it
crashes or is killed for memory, is over with its process, and the next one runs the wpstate that is
installed by then. What a pass does is left to `wpstate reconcile --once`.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

from wpstate.adapters.interrupts import deaf_at_first
from wpstate.model.problem import Failed, Problem
from wpstate.ports import Interrupts, PassEnded


class PassProcesses:
    def __init__(
        self,
        words: tuple[str, ...],
        interrupts: Interrupts,
        *,
        withheld: Mapping[str, str],
    ) -> None:
        """`words`: of `wpstate reconcile --once`. `withheld`: variables that no program inherits,
        and a pass needs."""
        program = (sys.executable, "-m", "wpstate.cli.service_pass", str(os.getpid()))
        self._argv = (*program, "reconcile", "--once", *words)
        self._interrupts = interrupts
        self._withheld = withheld

    def make(self) -> PassEnded:
        child: subprocess.Popen[bytes] | None = None
        heard = sent = 0

        def pass_on() -> None:
            nonlocal sent
            while child is not None and sent < heard:
                sent += 1
                with suppress(ProcessLookupError):
                    # Not by SIGINT, which jobs in the background of a script are born to ignore.
                    child.send_signal(signal.SIGTERM)

        def hear() -> None:
            nonlocal heard
            heard += 1
            pass_on()

        with self._interrupts.handed_on(hear):
            try:
                child = self._begun()
            except OSError as error:
                if heard:
                    raise KeyboardInterrupt from error
                raise Failed([_not_begun(error)]) from error
            pass_on()  # what came before there was a child
            return PassEnded(child.wait(), heard)

    def _begun(self) -> "subprocess.Popen[bytes]":
        # A session of its own: Ctrl-C of the terminal comes once, from `make`.
        with deaf_at_first():
            return subprocess.Popen(
                self._argv,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, **self._withheld},
            )


def _not_begun(error: OSError) -> Problem:
    return Problem(
        "service.no_pass",
        "no process could be started for a pass",
        found=error.strerror or str(error),
        why="there is no room for one more, or this Python is just being replaced",
        mend="nothing, where the next pass is made; else see what fills this machine",
    )
