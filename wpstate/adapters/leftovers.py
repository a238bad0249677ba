"""What an earlier run left on a site (ports.Leftovers): who holds it, and ending that run.

An abandoned run is ended by the program that it was begun with (safetynet/recover.sh), so that
controllers of different versions do not undo each other's work in different ways.
"""

import re
import shlex

from wpstate.adapters.controller_process import is_gone
from wpstate.adapters.safety_net_answers import MAX_BYTES, Answer, read_answer
from wpstate.adapters.safety_net_problems import untrusted
from wpstate.adapters.safety_net_program import look_program
from wpstate.adapters.safety_net_tables import read_left
from wpstate.adapters.safety_net_verbs import Verbs
from wpstate.model.problem import NeedsAttention, Problem
from wpstate.model.site import Site
from wpstate.model.table import rows_left
from wpstate.ports import Ended, Holder, HostShell

_LOOK_S = 30.0
_RECOVER_S = 1800.0
"""A restore that another process has under way may be waited for first."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LAST_S = 253_402_300_799
"""The last second of the year 9999, the last that `datetime` knows."""
_NONCE = re.compile(r"[0-9a-f]{32}")


class SshLeftovers:
    """For one thread."""

    def __init__(self, site: Site, shell: HostShell) -> None:
        self._site = site
        self._shell = shell
        self._state = ""

    def holder(self) -> Holder | None:
        """Raises Failed (`host.*`, `net.untrusted`, `net.wp_path`)."""
        answer = self._look()
        if not answer.texts("run"):
            return None
        run, nonce, self._state = answer.text("run"), answer.text("nonce"), answer.text("state")
        if not (_NAME.fullmatch(run) and _NONCE.fullmatch(nonce) and self._state.startswith("/")):
            raise untrusted(self._site.id, "a holder with an odd name")
        since_s = answer.number("since")
        if since_s > _LAST_S:
            raise untrusted(self._site.id, "a holder of a time that no calendar knows")
        return Holder(
            run=run,
            nonce=nonce,
            controller=answer.text("controller"),
            since_s=since_s,
            heartbeat_age_s=answer.number("heartbeat"),
            living=answer.number("living"),
            dead=is_gone(answer.text("machine"), answer.text("process")),
            whole=answer.text("program") == "yes",
        )

    def recover(self, holder: Holder, *, kill: bool = False, instead: str | None = None) -> Ended:
        if not holder.whole:
            return self._drop(holder, kill=kill)
        how = "dead" if holder.dead else "kill" if kill else "stale"
        verbs = Verbs(self._shell, self._site.id, f"{self._state}/runs/{holder.run}")
        words = (holder.nonce, how, *([instead] if instead else []))
        answer = verbs.attend("recover", *words, timeout_s=_RECOVER_S)
        left = tuple(read_left(line) for line in answer.texts("left"))
        if left:
            raise NeedsAttention([rows_left(self._site.id, holder.run, left)])
        try:
            return Ended(answer.text("ended"))
        except ValueError:
            raise untrusted(self._site.id, "an abandoned run ended in an unknown way") from None

    def _drop(self, holder: Holder, *, kill: bool) -> Ended:
        """A lock whose run has lost its folder: nothing can be put back from nothing."""
        if not kill:
            problem = Problem(
                "recover.no_run",
                "the folder of the run that holds this site is gone",
                key=self._site.id,
                found=f"run {holder.run} of {holder.controller}",
                why="without its snapshot nobody can tell whether the site is whole",
                mend=f"look at the site, then: wpstate unlock {self._site.id} --id {holder.nonce}",
            )
            raise NeedsAttention([problem])
        self._look("drop", holder.nonce)
        return Ended.UNTOUCHED

    def _look(self, *words: str) -> Answer:
        command = shlex.join(("exec", "sh", "-s", "--", self._site.host.wp_path, *words))
        result = self._shell.run(
            command, look_program().encode(), timeout_s=_LOOK_S, max_bytes=MAX_BYTES
        )
        return read_answer(result, "look", self._site.id)
