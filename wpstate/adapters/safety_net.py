"""The safety net of one site over its host's shell (ports.SafetyNet): verbs out, answers in.

All that must work with WordPress dead is done by the sh program in wpstate/safetynet, uploaded
once a run. What compares and puts back is left to adapters.safety_net_restore.
"""

import hashlib
import secrets
import shlex
import time
from contextlib import ExitStack

from wpstate.adapters.safety_net_answers import MAX_BYTES, read_answer
from wpstate.adapters.safety_net_heartbeat import Heartbeat
from wpstate.adapters.safety_net_problems import untrusted
from wpstate.adapters.safety_net_program import RUN_ID, entering
from wpstate.adapters.safety_net_record import packed
from wpstate.adapters.safety_net_restore import QUICK_S, READING_S, SshRestore
from wpstate.adapters.safety_net_settings import upload
from wpstate.adapters.safety_net_verbs import Verbs
from wpstate.model.observed import ObservedState
from wpstate.model.site import Site
from wpstate.model.state import Json
from wpstate.ports import (
    CodeCopy,
    Drained,
    Frozen,
    Held,
    HostShell,
    SnapshotTaken,
    TablesCopy,
)

_COPYING_S = 3600.0
"""For tables that are copied while visitors use them, as slowly as suits these."""


class SshSafetyNet(SshRestore):
    """One site's safety net for one run. Not for several threads at once."""

    def __init__(
        self, site: Site, observed: ObservedState, shell: HostShell, *, attended: bool = False
    ) -> None:
        """`attended`: a person is there, who may go on where a host lets no watchdog live."""
        super().__init__(site, observed)
        self._shell = shell
        self._attended = attended
        self._heartbeat: Heartbeat | None = None

    def acquire(self, run: str, controller: str) -> Held:
        """Upload the program and take the site's lock, in one round trip.

        Raises Refused (`run.locked`, `net.tools`, `net.state_public`) and Failed.
        """
        if RUN_ID.fullmatch(run) is None:
            raise ValueError(f"not a run id: {run!r}")
        command = (
            f'{entering(self._site.host.wp_path, run)}mkdir -p "$run_dir" && '
            'cd "$run_dir" && tar -xf - && exec sh "$run_dir/net.sh" acquire'
        )
        program = upload(self._site, self._observed, run, controller, attended=self._attended)
        result = self._shell.run(command, program, timeout_s=QUICK_S, max_bytes=MAX_BYTES)
        answer = read_answer(result, "acquire", self._site.id)
        state_dir = answer.text("state")
        if not state_dir.startswith("/"):
            raise untrusted(self._site.id, "the state folder is not an absolute path")
        self._run = run
        self._opened = Verbs(self._shell, self._site.id, f"{state_dir}/runs/{run}")
        self._heartbeat = Heartbeat(self._shell, f"{state_dir}/runs/{run}")
        self._heartbeat.start()
        return Held(
            run=run,
            epoch=answer.number("epoch"),
            state_dir=state_dir,
            host_clock_s=answer.number("now"),
        )

    def dump_command(self) -> str:
        return shlex.join(("exec", "sh", f"{self._verbs.run_dir}/net.sh", "stream_dump"))

    def leave_nothing(self) -> None:
        self._send("leave_nothing")

    def require_lock(self) -> None:
        self._send("beat")

    def note_known(self, planned: tuple[str, ...], visitors: tuple[str, ...]) -> None:
        words = (*(f"slug:{slug}" for slug in planned), *(f"visitors:{each}" for each in visitors))
        self._send("note_known", *words)

    def copy_code(self) -> CodeCopy:
        """May be repeated. Raises Failed (`snapshot.code`, `snapshot.unreadable`, `net.disk`)."""
        started = time.monotonic()
        answer = self._verbs.attend("copy_code", timeout_s=READING_S)
        return CodeCopy(answer.number("files"), answer.number("size"), time.monotonic() - started)

    def named_tables(self, slugs: tuple[str, ...]) -> tuple[str, ...]:
        """Raises Failed (`database.*`)."""
        return self._send("name_tables", *slugs, timeout_s=READING_S).texts("named")

    def copy_tables(self, tables: tuple[str, ...]) -> TablesCopy:
        """May be repeated. Raises Failed (`snapshot.*`, `database.*`, `net.disk`)."""
        started = time.monotonic()
        answer = self._verbs.attend("copy_tables", *tables, timeout_s=_COPYING_S)
        took_s = time.monotonic() - started
        return TablesCopy(answer.number("tables"), answer.number("size"), took_s)

    def place_beacon(self, token: str, caches: tuple[str, ...] = ()) -> str:
        """Raises Failed (`beacon.failed`)."""
        name = f"wpstate-{secrets.token_hex(12)}.php"
        self._send("place_beacon", name, _sha256(token), *caches)
        return name

    def empty_caches(self) -> tuple[str, ...]:
        return self._send("empty_caches", timeout_s=READING_S).texts("left")

    def remove_beacon(self) -> None:
        self._send("remove_beacon")

    def freeze(self, token: str, budget_s: int, *, visitors_in: bool = False) -> Frozen:
        """Freeze and arm the watchdog, which restores `budget_s` seconds from now, 540 at most.

        Subtract the estimated restore from core's 600 s (wp_is_maintenance_mode, WordPress 7.1.1).

        Raises Refused (`freeze.foreign`, `host.no_watchdog`), Failed (`freeze.failed`).
        """
        manner = ("open",) if visitors_in else ()
        answer = self._send("freeze", _sha256(token), str(int(budget_s)), *manner)
        held = answer.texts("held") == ("yes",)
        return Frozen(answer.number("frozen_at"), answer.number("deadline"), held)

    def drain(self, limit_s: int, *, proved: bool = False) -> Drained:
        """Raises Failed (`database.unreachable`)."""
        started = time.monotonic()
        proof = ("proved",) if proved else ()
        answer = self._send("drain", str(int(limit_s)), *proof, timeout_s=QUICK_S + limit_s)
        took_s = time.monotonic() - started
        return Drained(answer.text("quiet") == "yes", took_s, answer.texts("left"))

    def snapshot(self) -> SnapshotTaken:
        """Raises Failed (`snapshot.*`, `database.*`, `net.disk`); nothing was changed then."""
        started = time.monotonic()
        answer = self._verbs.attend("snapshot", timeout_s=READING_S)
        return SnapshotTaken(
            id=self._run,
            tables=answer.number("tables"),
            size_bytes=answer.number("size"),
            recopied=answer.number("recopied"),
            took_s=time.monotonic() - started,
        )

    def confirm(self, record: Json) -> bool:
        """May be repeated. False where the watchdog settled the verdict first."""
        return self._send("confirm", stdin=packed(record)).text("confirmed") == "yes"

    def record(self, record: Json) -> None:
        self._send("record", stdin=packed(record))

    def thaw(self) -> None:
        """Raises NeedsAttention (`thaw.failed`)."""
        self._send("thaw")

    def hold(self) -> None:
        """Raises Failed (`freeze.failed`)."""
        self._send("hold")

    def hand_over(self) -> None:
        self._send("hand_over")

    def release(self) -> None:
        with ExitStack() as ending:
            if self._heartbeat is not None:
                ending.callback(self._heartbeat.stop)
            self._send("release")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
