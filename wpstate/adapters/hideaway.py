"""A state folder inside the web root, over its host's shell (ports.Hideaway, safetynet/hide.sh).

Asking the web server for what is planted there is left to workflows.hiding.
"""

import secrets
import shlex

from wpstate.adapters.safety_net_answers import MAX_BYTES, Answer, read_answer
from wpstate.adapters.safety_net_problems import untrusted
from wpstate.adapters.safety_net_program import hide_program
from wpstate.model.observed import ObservedState
from wpstate.model.site import Site
from wpstate.ports import HostShell

_HIDING_S = 30.0


class SshHideaway:
    """For one thread."""

    def __init__(self, site: Site, observed: ObservedState, shell: HostShell) -> None:
        self._site = site
        self._content = observed.paths.content if observed.paths else ""
        self._shell = shell
        self._id = secrets.token_hex(8)

    def plant(self) -> tuple[str, ...]:
        planted = self._send("plant", self._id).texts("planted")
        if not all(path.startswith("/") and self._id in path for path in planted):
            raise untrusted(self._site.id, "a planted file with an odd name")
        return planted

    def settle(self, *, private: bool) -> None:
        self._send("settle", self._id, "yes" if private else "no")

    def leave(self) -> None:
        self._send("leave")

    def _send(self, *words: str) -> Answer:
        where = (self._site.host.wp_path, self._content)
        command = shlex.join(("exec", "sh", "-s", "--", *where, *words))
        result = self._shell.run(
            command, hide_program().encode(), timeout_s=_HIDING_S, max_bytes=MAX_BYTES
        )
        return read_answer(result, words[0], self._site.id)
