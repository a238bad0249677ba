"""Tells the host each half minute that this controller is still behind its run."""

import shlex
import threading
from contextlib import suppress

from wpstate.model.problem import WpstateError
from wpstate.ports import HostShell

_EVERY_S = 30.0
_LIMIT_S = 20.0


class Heartbeat:
    """Beats from `start` to `stop`, in a thread of its own, while long work goes on elsewhere."""

    def __init__(self, shell: HostShell, run_dir: str) -> None:
        self._shell = shell
        self._command = shlex.join(("exec", "sh", f"{run_dir}/net.sh", "beat"))
        self._stopped = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def stop(self) -> None:
        """May be repeated."""
        self._stopped.set()

    def _beat(self) -> None:
        while not self._stopped.wait(_EVERY_S):
            # A host that cannot be reached now may be so in a moment; one that refuses this run
            # says so to its next verb.
            with suppress(WpstateError):
                self._shell.run(self._command, timeout_s=_LIMIT_S)
