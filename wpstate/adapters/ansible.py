"""Playbooks on one site with ansible-runner, each in a process that can be ended for certain.

What a run is given is left to ansible_files, beginning it to ansible_start, ending it here to
ansible_shim, what its events mean to ansible_events. Ending it on the host goes over another
connection (`shells`).
"""

import contextlib
import os
import select
import shlex
import time
from collections.abc import Callable
from socket import socket

from wpstate.adapters import ansible_files
from wpstate.adapters.ansible_events import Events
from wpstate.adapters.ansible_files import Connection
from wpstate.adapters.ansible_start import begin_shim
from wpstate.adapters.safety_net_program import end_groups_program
from wpstate.adapters.secret_values import revealed
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.secret import Secret
from wpstate.model.site import Host, Site
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult, Secrets, Shells, TaskFailure

START_LIMIT_S = 60.0
END_LIMIT_S = 6.0
"""The shim kills for at most 5 s."""
HOST_END_LIMIT_S = 10.0


class AnsiblePlaybooks:
    """Runs the shipped playbooks. Safe for threads: runs share nothing."""

    def __init__(
        self,
        connection: Connection,
        shells: Shells | None = None,
        secrets: Secrets | None = None,
        *,
        wait_for_turn: Callable[[Host], None] = lambda _: None,
        server: socket | None = None,
    ) -> None:
        """With `shells`, a run that is cancelled or takes too long is ended on the host too.
        `secrets`: for variables that name some. `wait_for_turn`: until the host may be connected to
        once more. `server`: of ansible_start.begin_shim."""
        self._wait_for_turn = wait_for_turn
        self._connection = connection
        self._shells = shells
        self._secrets = secrets
        self._server = server

    def run(
        self, name: str, site: Site, variables: Json, timeout_s: float, *, check: bool = False
    ) -> PlaybookResult:
        """Run a playbook to its end; a gate in it is open. Not repeated.

        Raises Refused (`host.address`, `secret.*`).
        """
        playbook = self._begun(name, site, variables, check=check)
        playbook.open_gate()
        return playbook.wait(timeout_s)

    def start(
        self,
        name: str,
        site: Site,
        variables: Json,
        *,
        within_s: float = START_LIMIT_S,
        check: bool = False,
    ) -> "_Playbook":
        """Start a playbook and return once it waits at its gate.

        Raises Failed (`playbook.start`, its `why` the task) where it ends or dawdles before,
        Refused (the same, where a script of ours refused; `host.address`, `secret.*`).
        """
        playbook = self._begun(name, site, variables, check=check)
        try:
            playbook.wait_at_gate(within_s)
        except BaseException:
            playbook.cancel()
            raise
        return playbook

    def _begun(self, name: str, site: Site, variables: Json, *, check: bool) -> "_Playbook":
        hidden: tuple[Secret, ...] = ()
        if self._secrets is not None:
            variables, hidden = revealed(variables, self._secrets)
        self._wait_for_turn(site.host)
        opened = (self._connection, self._shells, self._server)
        return _Playbook(*opened, name, site, variables, hidden, check=check)


class _Playbook:
    """One playbook under way. For one thread."""

    def __init__(
        self,
        connection: Connection,
        shells: Shells | None,
        server: socket | None,
        name: str,
        site: Site,
        variables: Json,
        hidden: tuple[Secret, ...],
        *,
        check: bool,
    ) -> None:
        """`hidden`: secrets among the variables, beside the run's own token."""
        self._shells, self._site, self._name = shells, site, name
        facts = variables["wpstate"]
        assert isinstance(facts, dict)
        self._run_dir = str(facts["run_dir"])
        self._events = Events((Secret(str(facts.get("token") or "")), *hidden))
        if hidden:
            # For whoever hears the host's answer first (playbooks/action_plugins/site_php.py).
            facts = {**facts, "secrets": [secret.reveal() for secret in hidden]}
            variables = {**variables, "wpstate": facts}
        self._started = time.monotonic()
        self._ended = False
        self._private = ansible_files.make_private_dir()
        with contextlib.ExitStack() as undo:
            undo.callback(ansible_files.drop_private_dir, self._private)
            request = ansible_files.write_request(
                self._private, name, site, variables, connection, check=check
            )
            # Read and write: neither end then waits for the other to open.
            self._gate = os.open(self._private / "gate", os.O_RDWR)
            undo.callback(os.close, self._gate)
            self._waiting = os.open(self._private / "waiting", os.O_RDWR | os.O_NONBLOCK)
            undo.callback(os.close, self._waiting)
            environment = ansible_files.environment(self._private, connection, site.host.account)
            self._shim = begin_shim(request, environment, server)
            self._undo = undo.pop_all()

    def wait_at_gate(self, limit_s: float) -> None:
        until = time.monotonic() + limit_s
        while not self._listen(until, also=self._waiting):
            if self._events.ended or time.monotonic() >= until:
                result = self._end(None if self._events.ended else f"no gate after {limit_s:g} s")
                failure = result.failure
                problem = Problem(
                    "playbook.start",
                    "the playbook did not come to its gate",
                    key=self._site.id,
                    found=failure.message if failure else None,
                    why=failure.task if failure else None,
                )
                raise (Refused if failure and failure.refused else Failed)([problem])

    def open_gate(self) -> None:
        """May be repeated; the first byte counts."""
        os.write(self._gate, b".")

    def wait(self, timeout_s: float) -> PlaybookResult:
        """Wait for the end. After `timeout_s` everything it started is ended, here and there."""
        until = time.monotonic() + timeout_s
        while not self._events.ended and time.monotonic() < until:
            self._listen(until)
        return self._end(None if self._events.ended else f"not done after {timeout_s:g} s")

    def cancel(self) -> None:
        """End it and all it started, here and on the host. May be repeated."""
        if not self._ended:
            self._end(None if self._events.ended else "cancelled")

    def _listen(self, until: float, also: int | None = None) -> bool:
        """Take what the shim says. True once `also` has something to read."""
        pipe = self._shim.events
        fds = [pipe] if also is None else [pipe, also]
        ready, _, _ = select.select(fds, [], [], max(0.0, until - time.monotonic()))
        if pipe in ready:
            self._events.feed(os.read(pipe, 1 << 16))
        return also in ready

    def _end(self, overdue: str | None) -> PlaybookResult:
        took_s = time.monotonic() - self._started
        if not self._ended:
            self._ended = True
            self._shim.end(END_LIMIT_S)
            self._undo.close()
            if overdue:
                self._end_on_host()
        result = self._events.result(took_s)
        if overdue and result.failure is None:
            failure = TaskFailure(self._events.task or self._name, overdue)
            return PlaybookResult(False, result.changed, result.results, failure, took_s)
        return result

    def _end_on_host(self) -> None:
        """Kill the process groups that our scripts recorded (playbooks/files/answer.php)."""
        if self._shells is None:
            return
        command = shlex.join(("exec", "sh", "-s", "--", self._run_dir))
        program = end_groups_program().encode()
        with contextlib.suppress(Failed):  # the caller's rollback will meet the host's silence
            self._shells.of(self._site.host).run(command, program, timeout_s=HOST_END_LIMIT_S)
