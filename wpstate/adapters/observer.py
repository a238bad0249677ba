"""The Probe: one PHP program over SSH for all sites of an account, accounts in parallel.

What the answer means is left to resources.observation, the program to adapters.probe_program.
"""

import secrets
import shlex
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from wpstate.adapters.probe_program import program, unframed
from wpstate.adapters.secret_values import proven
from wpstate.adapters.slots import each_at_once
from wpstate.model.desired import DesiredState
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.problem import WpstateError
from wpstate.model.progress import Looked
from wpstate.model.site import Account, SiteId
from wpstate.ports import Clock, CommandResult, Progress, Secrets, Shells
from wpstate.resources.foreign_text import visible
from wpstate.resources.observation import answered, observed_states, unseen
from wpstate.resources.probe_document import UntrustedDocument, make_ready

SITES_AT_ONCE = 100
"""In one program: whatever a host answers then, memory is enough."""
MAX_BYTES = 1 << 22
# The PHP of the command line and the shell's own words for a program that cannot be run.
_NO_PHP = (126, 127)
_UNFIT_PHP = 78
_FAULTS = {
    "host.key_unknown": "host_key",
    "host.key_changed": "host_key",
    "host.timeout": "timeout",
    "host.banned": "banned",
    "host.too_much_output": "untrusted_output",
}

_Group = tuple[Account, str, str | None]


class ProbeObserver:
    """Looks at sites through the shells of their accounts. Writes nothing on any host."""

    def __init__(
        self,
        shells: Shells,
        clock: Clock,
        secrets: Secrets | None = None,
        *,
        timeout_s: int = 60,
        progress: Progress | None = None,
    ) -> None:
        """`secrets`: for questions that name some, to compare with what sites hold. `timeout_s` is
        for one account with all its sites, connecting included. `progress` hears of each account as
        it answers."""
        self._shells = shells
        self._clock = clock
        self._secrets = secrets
        self._timeout_s = timeout_s
        self._progress = progress

    def observe(self, several: Sequence[DesiredState]) -> Mapping[SiteId, ObservedState]:
        """One round trip per account (and PHP binary and owner) and a hundred of its sites; results
        in the order of `several`.

        Never raises for one site's trouble: that is a Fault in its ObservedState.
        """
        groups: dict[_Group, list[DesiredState]] = {}
        for desired in several:
            host = desired.site.host
            groups.setdefault((host.account, host.php, host.run_as), []).append(desired)
        seen: dict[SiteId, ObservedState] = {}
        accounts = len({desired.site.host.account for desired in several})

        def tell(answered: int) -> None:
            if self._progress is not None:
                now = self._clock.now()
                self._progress.tell(Looked(now, len(several), accounts, answered))

        tell(0)
        # While the hosts work: it costs as much as a small probe.
        threading.Thread(target=make_ready, name="make ready").start()
        for states in each_at_once(tuple(_portions(groups.values())), _door, self._observe_account):
            seen.update(states)
            tell(len(seen))
        return {desired.site.id: seen[desired.site.id] for desired in several}

    def _observe_account(self, several: Sequence[DesiredState]) -> Mapping[SiteId, ObservedState]:
        began_s = time.monotonic()
        answer = self._answer(several)
        sites = [desired.site.id for desired in several]
        now = self._clock.now()
        if isinstance(answer, str):
            try:
                states = observed_states(answer, sites, now)
                return {
                    desired.site.id: answered(states[desired.site.id], desired.questions)
                    for desired in several
                }
            except UntrustedDocument as error:
                answer = Fault("untrusted_output", str(error))
        took_s = time.monotonic() - began_s
        return {site: unseen(site, answer, now, took_s=took_s) for site in sites}

    def _answer(self, several: Sequence[DesiredState]) -> str | Fault:
        nonce = secrets.token_hex(16)
        host = several[0].site.host
        asking = [self._with_proofs(desired) for desired in several]
        source = program(asking, nonce, max(1, self._timeout_s - 10))
        try:
            result = self._shells.of(host).run(
                _command(host.php, self._timeout_s),
                source,
                timeout_s=self._timeout_s,
                max_bytes=MAX_BYTES,
            )
        except WpstateError as error:
            problem = error.problems[0]
            told = f"{problem.what}: {problem.found}" if problem.found else problem.what
            code = _FAULTS.get(problem.slug, "unreachable")
            mend = f"; {problem.mend}" if problem.mend and code != "banned" else ""
            return Fault(code, told + mend)
        document = unframed(result.stdout, nonce)
        return document if document is not None else _no_document(result, host.php)

    def _with_proofs(self, desired: DesiredState) -> DesiredState:
        if self._secrets is None:
            return desired
        asked = {kind: proven(each, self._secrets) for kind, each in desired.questions.items()}
        return replace(desired, questions=asked)


def _door(several: Sequence[DesiredState]) -> tuple[str, int]:
    account = several[0].site.host.account
    return account.address, account.port


def _portions(groups: Iterable[list[DesiredState]]) -> Iterator[list[DesiredState]]:
    for group in groups:
        yield from (group[at : at + SITES_AT_ONCE] for at in range(0, len(group), SITES_AT_ONCE))


def _command(php: str, timeout_s: int) -> str:
    """The probe ends on the host too when its time is over; `timeout` is in most systems."""
    run = shlex.join((php, "-d", "display_errors=stderr", "-d", "auto_prepend_file=", "--"))
    limit = f"timeout -k 2 {timeout_s}"
    return f"command -v timeout >/dev/null 2>&1 && exec {limit} {run}; exec {run}"


def _no_document(result: CommandResult, php: str) -> Fault:
    last_words = result.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    told = f"{php}: exit code {result.exit_code}" + (f", {last_words}" if last_words else "")
    unfit = result.exit_code in (*_NO_PHP, _UNFIT_PHP) or b"PHP Parse error" in result.stderr
    return Fault("php_wrong_binary" if unfit else "untrusted_output", visible(told))
