"""Sends verbs to a run's program on its host and survives a connection that breaks meanwhile, or
a signal that ends the program before its answer.

What a verb means is left to adapters.safety_net, reading its answer to safety_net_answers.
"""

import secrets
import shlex
import time

from wpstate.adapters.safety_net_answers import MAX_BYTES, Answer, read_answer, was_cut_off
from wpstate.model.problem import Failed
from wpstate.ports import HostShell

_REACH_AGAIN_S = 60.0
"""How long a host that was lost in the middle of a verb is looked for."""
_PAUSE_S = 1.0


class Verbs:
    """The program of one run. Every verb may be sent twice: it does the same, or nothing more."""

    def __init__(self, shell: HostShell, site: str, run_dir: str) -> None:
        self._shell = shell
        self._site = site
        self.run_dir = run_dir

    def send(self, verb: str, *arguments: str, stdin: bytes = b"", timeout_s: float) -> Answer:
        """Run a short verb. Raises what the host says, and Failed (`host.*`)."""
        return self._persist(verb, (verb, *arguments), stdin, timeout_s)

    def attend(self, verb: str, *arguments: str, timeout_s: float) -> Answer:
        """Run a long verb, which goes on without its connection (safetynet/attend.sh).

        A lost connection is opened again and the same answer waited for. Raises as `send`.
        """
        words = ("attend", secrets.token_hex(8), verb, *arguments)
        return self._persist(verb, words, b"", timeout_s)

    def _persist(self, verb: str, words: tuple[str, ...], stdin: bytes, timeout_s: float) -> Answer:
        command = shlex.join(("exec", "sh", f"{self.run_dir}/net.sh", *words))
        until = time.monotonic() + timeout_s
        lost_at: float | None = None
        cut_off = False
        while True:
            began = time.monotonic()
            try:
                left_s = max(1.0, until - began)
                result = self._shell.run(command, stdin, timeout_s=left_s, max_bytes=MAX_BYTES)
            except Failed as failed:
                if failed.problems[0].slug != "host.unreachable":
                    raise
                now = time.monotonic()
                # The line held for a while: count from this loss on.
                if lost_at is None or now - began > _REACH_AGAIN_S:
                    lost_at = now
                if now - lost_at > _REACH_AGAIN_S or now > until:
                    raise
                time.sleep(_PAUSE_S)
                continue
            if was_cut_off(result) and not cut_off:
                # It may have done its work before somebody killed it, as a confirmed run's.
                cut_off = True
                continue
            return read_answer(result, verb, self._site)
