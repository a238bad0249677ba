"""What a run did to its site and how it goes back, over the host's shell (ports.SafetyNet).

Holding the lock, the freeze and the snapshot are left to adapters.safety_net.
"""

import hashlib
import re
import time

from wpstate.adapters.safety_net_answers import Answer, visible
from wpstate.adapters.safety_net_problems import untrusted
from wpstate.adapters.safety_net_program import RUN_ID
from wpstate.adapters.safety_net_tables import read_carried, read_left, read_offer
from wpstate.adapters.safety_net_verbs import Verbs
from wpstate.model.observed import ObservedState
from wpstate.model.own_files import OwnFiles
from wpstate.model.site import Site
from wpstate.model.state import Address
from wpstate.model.table import TableOffer, Tables
from wpstate.ports import Restored, TreeChange

QUICK_S = 30.0
READING_S = 300.0
"""For what reads a whole site: a big one may take minutes."""
_RESTORE_S = 900.0


class SshRestore:
    """The verbs of one run that compare its site with a snapshot or put that back."""

    def __init__(self, site: Site, observed: ObservedState) -> None:
        self._site = site
        self._observed = observed
        self._opened: Verbs | None = None
        self._run = ""

    def tree_changes(self) -> tuple[TreeChange, ...]:
        """Sorted by sort, then path. Raises NeedsAttention (`snapshot.damaged`)."""
        answer = self._verbs.attend("tree_changes", timeout_s=READING_S)
        changes = []
        for line in answer.texts("change"):
            sort, tab, path = line.partition("\t")
            if not tab or sort not in ("added", "changed", "removed"):
                raise untrusted(self._site.id, "a tree change of an unknown sort")
            changes.append(TreeChange(self._shown(path), sort))
        return tuple(changes)

    def restore(self, *, tables: Tables = Tables.TIERED) -> Restored:
        """May be repeated. Raises NeedsAttention (`rollback.failed`, `snapshot.damaged`)."""
        return self.restore_from(self._run, tables=tables)

    def restore_from(self, run_id: str, *, tables: Tables = Tables.TIERED) -> Restored:
        """Restore the snapshot of an older run, by hand; otherwise as `restore`."""
        if RUN_ID.fullmatch(run_id) is None:
            raise ValueError(f"not a run id: {run_id!r}")
        return self._restored("restore", run_id, tables.value)

    def restore_part(self, run_id: str, part: OwnFiles) -> Restored:
        """Raises NeedsAttention (`snapshot.damaged`, `rollback.failed`), Failed
        (`rollback.no_component`)."""
        return self._restored("restore_part", run_id, part.path, part.tables_of or "")

    def bring(self, path: str, tar: bytes) -> None:
        """Raises Refused (`restore.path`), Failed (`net.disk`)."""
        digest = hashlib.sha256(tar).hexdigest()
        self._send("bring", path, digest, stdin=tar, timeout_s=READING_S)

    def put_in(self, path: str) -> None:
        """Raises Refused (`restore.path`), Failed (`net.disk`)."""
        self._verbs.attend("put_in", path, timeout_s=READING_S)

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
        answer = self._send("changed_tables", run_id, timeout_s=READING_S)
        return tuple(read_offer(self._site.id, line) for line in answer.texts("table"))

    def last_change(self, address: Address) -> str | None:
        return next(iter(self._send("last_change", address).texts("run")), None)

    def holds(self, run_id: str, part: OwnFiles) -> bool:
        return self._send("holds", run_id, part.path).texts("holds") == ("yes",)

    def snapshots(self) -> tuple[str, ...]:
        """Run ids that have a complete snapshot on the host, newest first."""
        listed = []
        for line in self._send("snapshots").texts("snapshot"):
            match = re.fullmatch(r"([0-9]{1,15}) [0-9]{1,15} ([A-Za-z0-9_.-]{1,64})", line)
            if match is None:
                raise untrusted(self._site.id, "a snapshot with an odd name")
            listed.append((int(match[1]), match[2]))
        return tuple(run for _, run in sorted(listed, reverse=True))

    @property
    def _verbs(self) -> Verbs:
        if self._opened is None:
            raise RuntimeError("the lock was not acquired")
        return self._opened

    def _send(
        self, verb: str, *arguments: str, stdin: bytes = b"", timeout_s: float = QUICK_S
    ) -> Answer:
        return self._verbs.send(verb, *arguments, stdin=stdin, timeout_s=timeout_s)

    def _shown(self, path: str) -> str:
        return path.removeprefix(self._wp_prefix())

    def _wp_prefix(self) -> str:
        paths = self._observed.paths
        return visible(paths.wp if paths else self._site.host.wp_path).rstrip("/") + "/"
