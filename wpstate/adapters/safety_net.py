"""The safety net of one site over its host's shell (ports.SafetyNet): verbs out, answers in.

All that must work with WordPress dead is done by the sh program in wpstate/safetynet, uploaded
once a run. Reading the answers is left to adapters.safety_net_answers.
"""

import hashlib
import re
import secrets
import shlex
import time
from contextlib import ExitStack

from wpstate.adapters.safety_net_answers import (
    MAX_BYTES,
    Answer,
    read_answer,
    untrusted,
    visible,
)
from wpstate.adapters.safety_net_heartbeat import Heartbeat
from wpstate.adapters.safety_net_program import RUN_ID
from wpstate.adapters.safety_net_record import packed
from wpstate.adapters.safety_net_settings import upload
from wpstate.adapters.safety_net_tables import read_carried, read_left, read_offer
from wpstate.adapters.safety_net_verbs import Verbs
from wpstate.model.observed import ObservedState
from wpstate.model.site import Site
from wpstate.model.state import Address, Json
from wpstate.model.table import TableOffer, Tables
from wpstate.ports import (
    CodeCopy,
    Drained,
    Frozen,
    Held,
    HostShell,
    Restored,
    SnapshotTaken,
    TablesCopy,
    TreeChange,
)

_QUICK_S = 30.0
_READING_S = 300.0
"""For steps before the site is changed: reading a big site may take minutes."""
_COPYING_S = 3600.0
"""For tables that are copied while visitors use them, as slowly as suits these."""
_RESTORE_S = 900.0


class SshSafetyNet:
    """One site's safety net for one run. Not for several threads at once."""

    def __init__(
        self, site: Site, observed: ObservedState, shell: HostShell, *, attended: bool = False
    ) -> None:
        """`attended`: a person is there, who may go on where a host lets no watchdog live."""
        self._site = site
        self._observed = observed
        self._shell = shell
        self._attended = attended
        self._opened: Verbs | None = None
        self._heartbeat: Heartbeat | None = None
        self._run = ""

    def acquire(self, run: str, controller: str) -> Held:
        """Upload the program and take the site's lock, in one round trip.

        Raises Refused (`run.locked`, `net.tools`, `net.state_public`) and Failed.
        """
        if RUN_ID.fullmatch(run) is None:
            raise ValueError(f"not a run id: {run!r}")
        wp_path = shlex.quote(self._site.host.wp_path)
        command = (
            f"umask 077; wp=$(cd {wp_path} && pwd -P) && "
            'key=$(printf %s "$wp" | sha256sum | cut -c 1-16) && '
            f'run_dir=$HOME/.wpstate/$key/runs/{shlex.quote(run)} && mkdir -p "$run_dir" && '
            'cd "$run_dir" && tar -xf - && exec sh "$run_dir/net.sh" acquire'
        )
        program = upload(self._site, self._observed, run, controller, attended=self._attended)
        result = self._shell.run(command, program, timeout_s=_QUICK_S, max_bytes=MAX_BYTES)
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

    def note_known(self, planned: tuple[str, ...], visitors: tuple[str, ...]) -> None:
        words = (*(f"slug:{slug}" for slug in planned), *(f"visitors:{each}" for each in visitors))
        self._send("note_known", *words)

    def copy_code(self) -> CodeCopy:
        """May be repeated. Raises Failed (`snapshot.code`, `snapshot.unreadable`, `net.disk`)."""
        started = time.monotonic()
        answer = self._verbs.attend("copy_code", timeout_s=_READING_S)
        return CodeCopy(answer.number("files"), answer.number("size"), time.monotonic() - started)

    def named_tables(self, slugs: tuple[str, ...]) -> tuple[str, ...]:
        """Raises Failed (`database.*`)."""
        return self._send("name_tables", *slugs, timeout_s=_READING_S).texts("named")

    def copy_tables(self, tables: tuple[str, ...]) -> TablesCopy:
        """May be repeated. Raises Failed (`snapshot.*`, `database.*`, `net.disk`)."""
        started = time.monotonic()
        answer = self._verbs.attend("copy_tables", *tables, timeout_s=_COPYING_S)
        took_s = time.monotonic() - started
        return TablesCopy(answer.number("tables"), answer.number("size"), took_s)

    def place_beacon(self, token: str) -> str:
        """Raises Failed (`beacon.failed`)."""
        name = f"wpstate-{secrets.token_hex(12)}.php"
        self._send("place_beacon", name, _sha256(token))
        return name

    def remove_beacon(self) -> None:
        self._send("remove_beacon")

    def freeze(self, token: str, budget_s: int, *, visitors_in: bool = False) -> Frozen:
        """Freeze and arm the watchdog, which restores `budget_s` seconds from now, 540 at most.

        Subtract the estimated restore from core's 600 s (wp_is_maintenance_mode, WordPress 7.1.1).

        Raises Refused (`freeze.foreign`, `host.no_watchdog`), Failed (`freeze.failed`).
        """
        manner = ("open",) if visitors_in else ()
        answer = self._send("freeze", _sha256(token), str(int(budget_s)), *manner)
        return Frozen(answer.number("frozen_at"), answer.number("deadline"))

    def drain(self, limit_s: int, *, proved: bool = False) -> Drained:
        """Raises Failed (`database.unreachable`)."""
        started = time.monotonic()
        proof = ("proved",) if proved else ()
        answer = self._send("drain", str(int(limit_s)), *proof, timeout_s=_QUICK_S + limit_s)
        took_s = time.monotonic() - started
        return Drained(answer.text("quiet") == "yes", took_s, answer.texts("left"))

    def snapshot(self) -> SnapshotTaken:
        """Raises Failed (`snapshot.*`, `database.*`, `net.disk`); nothing was changed then."""
        started = time.monotonic()
        answer = self._verbs.attend("snapshot", timeout_s=_READING_S)
        return SnapshotTaken(
            id=self._run,
            tables=answer.number("tables"),
            size_bytes=answer.number("size"),
            recopied=answer.number("recopied"),
            took_s=time.monotonic() - started,
        )

    def tree_changes(self) -> tuple[TreeChange, ...]:
        """Sorted by sort, then path. Raises NeedsAttention (`snapshot.damaged`)."""
        changes = []
        for line in self._send("tree_changes").texts("change"):
            sort, tab, path = line.partition("\t")
            if not tab or sort not in ("added", "changed", "removed"):
                raise untrusted(self._site.id, "a tree change of an unknown sort")
            changes.append(TreeChange(self._shown(path), sort))
        return tuple(changes)

    def restore(self, *, tables: Tables = Tables.TIERED) -> Restored:
        """May be repeated. Raises NeedsAttention (`rollback.failed`, `snapshot.damaged`)."""
        return self.restore_from(self._run, tables=tables)

    def restore_from(self, run_id: str, *, tables: Tables = Tables.KEPT) -> Restored:
        """Restore the snapshot of an older run, by hand; otherwise as `restore`."""
        if RUN_ID.fullmatch(run_id) is None:
            raise ValueError(f"not a run id: {run_id!r}")
        return self._restored("restore", run_id, tables.value)

    def restore_part(self, run_id: str, main_file: str) -> Restored:
        """Raises NeedsAttention (`snapshot.damaged`, `rollback.failed`), Failed
        (`rollback.no_component`)."""
        return self._restored("restore_part", run_id, main_file, Tables.TIERED.value)

    def _restored(self, *words: str) -> Restored:
        started = time.monotonic()
        answer = self._verbs.attend(*words, timeout_s=_RESTORE_S)
        return Restored(
            files=answer.number("files"),
            tables=answer.texts("table"),
            moved_away=tuple(self._shown(path) for path in answer.texts("moved")),
            took_s=time.monotonic() - started,
            left=tuple(read_left(line) for line in answer.texts("left")),
            carried=tuple(read_carried(line) for line in answer.texts("carried")),
            by_host=answer.texts("by") == ("host",),
        )

    def changed_tables(self, run_id: str) -> tuple[TableOffer, ...]:
        """Sorted by name.

        Raises NeedsAttention (`snapshot.damaged`), Failed (`database.*`).
        """
        if RUN_ID.fullmatch(run_id) is None:
            raise ValueError(f"not a run id: {run_id!r}")
        answer = self._send("changed_tables", run_id, timeout_s=_READING_S)
        return tuple(read_offer(self._site.id, line) for line in answer.texts("table"))

    def last_change(self, address: Address) -> str | None:
        return next(iter(self._send("last_change", address).texts("run")), None)

    def snapshots(self) -> tuple[str, ...]:
        """Run ids that have a complete snapshot on the host, newest first."""
        listed = []
        for line in self._send("snapshots").texts("snapshot"):
            match = re.fullmatch(r"([0-9]{1,15}) [0-9]{1,15} ([A-Za-z0-9_.-]{1,64})", line)
            if match is None:
                raise untrusted(self._site.id, "a snapshot with an odd name")
            listed.append((int(match[1]), match[2]))
        return tuple(run for _, run in sorted(listed, reverse=True))

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

    @property
    def _verbs(self) -> Verbs:
        if self._opened is None:
            raise RuntimeError("the lock was not acquired")
        return self._opened

    def _send(
        self, verb: str, *arguments: str, stdin: bytes = b"", timeout_s: float = _QUICK_S
    ) -> Answer:
        return self._verbs.send(verb, *arguments, stdin=stdin, timeout_s=timeout_s)

    def _shown(self, path: str) -> str:
        return path.removeprefix(self._wp_prefix())

    def _wp_prefix(self) -> str:
        paths = self._observed.paths
        return visible(paths.wp if paths else self._site.host.wp_path).rstrip("/") + "/"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
