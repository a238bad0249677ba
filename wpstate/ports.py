"""What workflows need from the outside, as protocols. Adapters fulfil them; wiring joins them.

Every method says whether it may be repeated and which errors it raises. Text that comes from a
site is untrusted in every return value.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Protocol

from wpstate.model.desired import Artifact
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import ObservedState
from wpstate.model.run import Phase, Run
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.model.state import Json


@dataclass(frozen=True, slots=True)
class CommandResult:
    exit_code: int
    stdout: bytes
    stderr: bytes


class HostShell(Protocol):
    """One account's command channel. Commands are our own text; data goes by stdin."""

    def run(
        self, command: str, stdin: bytes = b"", *, timeout_s: float, max_bytes: int = 1 << 24
    ) -> CommandResult:
        """Run a command for a POSIX shell and wait for its end.

        Not repeated on failure. Raises Failed (`host.unreachable`, `host.timeout`,
        `host.too_much_output`) and Refused (`host.key_unknown`, `host.key_changed`).
        """


class Shells(Protocol):
    """Opens one connection per account and keeps it; safe for threads."""

    def of(self, host: Host) -> HostShell:
        """The shell for this host's account, as `run_as` where the host names one."""


@dataclass(frozen=True, slots=True)
class HostKey:
    """A host's public key, as known_hosts writes it."""

    host: str
    """`[127.0.0.1]:2222`, or the bare address on port 22."""
    sort: str
    """`ssh-ed25519`, ..."""
    blob: str
    """Base64."""
    fingerprint: str
    """`SHA256:…`, as `ssh-keygen -l` prints it."""


class HostKeys(Protocol):
    """The host keys that a person has trusted."""

    def trusted(self, account: Account) -> tuple[HostKey, ...]: ...

    def offered(self, account: Account, timeout_s: float) -> HostKey:
        """The key the host offers now; nobody authenticates. Raises Failed (`host.unreachable`)."""

    def pin(self, account: Account, key: HostKey) -> None:
        """Trust this key alone for this host. May be repeated."""


class Observer(Protocol):
    def observe(self, sites: Sequence[Site]) -> Mapping[SiteId, ObservedState]:
        """Look at many sites, read-only, one round trip per account.

        Never raises for one site's trouble: that is a Fault in its ObservedState.
        """


@dataclass(frozen=True, slots=True)
class Held:
    """A lock that was granted."""

    run: str
    epoch: int
    state_dir: str
    host_clock_s: int
    """The host's clock when the lock was taken, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class CodeCopy:
    files: int
    size_bytes: int
    took_s: float


@dataclass(frozen=True, slots=True)
class Frozen:
    frozen_at_s: int
    """By the host's clock."""
    deadline_s: int
    """When the watchdog restores by itself, by the host's clock."""


@dataclass(frozen=True, slots=True)
class Drained:
    quiet: bool
    took_s: float
    still_there: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    id: str
    tables: int
    size_bytes: int
    recopied: int
    """Code files that changed between the copy and the freeze and were copied again."""
    took_s: float


@dataclass(frozen=True, slots=True)
class TreeChange:
    path: str
    """Relative to the WordPress folder, or absolute where content lies elsewhere."""
    sort: str
    """`added`, `changed`, `removed`."""


@dataclass(frozen=True, slots=True)
class Restored:
    files: int
    tables: tuple[str, ...]
    moved_away: tuple[str, ...]
    """Files that the run had added, now in the run's quarantine folder."""
    took_s: float


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a site's lock, as its host tells."""

    run: str
    nonce: str
    """What `wpstate unlock --id` must name."""
    controller: str
    since_s: int
    """By the host's clock, as all ages here."""
    heartbeat_age_s: int
    living: int
    """Process groups of that run still at work on the host."""
    dead: bool
    """Its controller was a process of this machine, and is gone."""
    whole: bool
    """Its folder is there, so that it can be ended by its own program."""

    @property
    def abandoned(self) -> bool:
        """Nobody is behind it any more: ended at once where that is known, else after ten minutes
        of silence (safetynet/holder.sh)."""
        return self.dead or (self.heartbeat_age_s >= ABANDONED_AFTER_S and self.living == 0)


ABANDONED_AFTER_S = 600


class Ended(Enum):
    """How an abandoned run was ended."""

    FREE = "free"
    """Nobody held the site."""
    UNTOUCHED = "untouched"
    ROLLED_BACK = "rolled_back"
    CONFIRMED = "confirmed"


class Leftovers(Protocol):
    """What an earlier run left on one site: its lock, and a site that it may have changed."""

    def holder(self) -> Holder | None:
        """Who holds the site now; touches nothing."""

    def recover(self, holder: Holder, *, kill: bool = False) -> Ended:
        """Finish or undo what this holder left, and free the site. `kill`: also where processes of
        that run still live on the host.

        Raises Refused (`run.locked`) where its controller is at work after all, NeedsAttention
        (`rollback.failed`, `snapshot.damaged`, `recover.no_run`).
        """


class SafetyNet(Protocol):
    """The safety net of one site for one run: plain sh on the host (design, principle 3).

    Order: acquire, copy_code, freeze, drain, snapshot, tree_changes, then confirm or restore,
    then thaw, release. Each call journals its begin and end on the host.
    """

    def acquire(self, run: str, controller: str) -> Held:
        """Take the site's lock. Raises Refused (`run.locked`) naming the holder."""

    def copy_code(self) -> CodeCopy:
        """Copy the code into the snapshot folder and list the tree; visitors notice nothing."""

    def place_beacon(self, token: str) -> str:
        """Put a PHP file of a random name beside wp-load.php that answers only the token's holder,
        and return its name. It proves which PHP serves these files, and empties OPcache where
        WordPress is dead. `thaw` and the watchdog remove it; so does `remove_beacon`."""

    def remove_beacon(self) -> None:
        """May be repeated."""

    def freeze(self, token: str, budget_s: int) -> Frozen:
        """Write `.maintenance` and leave the watchdog behind."""

    def drain(self, limit_s: int) -> Drained:
        """Wait until every database connection begun before the freeze is gone."""

    def snapshot(self) -> SnapshotTaken:
        """Under the freeze: check the code copy again, dump and fingerprint the tables."""

    def tree_changes(self) -> tuple[TreeChange, ...]:
        """Compare the tree now with the snapshot's listing."""

    def restore(self, *, database: bool = True) -> Restored:
        """Put files and tables back to the snapshot and prove it by hashes and checksums.

        May be repeated. Raises NeedsAttention (`rollback.failed`, `snapshot.damaged`).
        """

    def restore_from(self, run_id: str, *, database: bool = False) -> Restored:
        """Restore the snapshot of an older run; otherwise as `restore`."""

    def snapshots(self) -> tuple[str, ...]:
        """Runs that left a complete snapshot on the host, newest first."""

    def changed_tables(self, run_id: str) -> tuple[str, ...]:
        """Tables that differ now from that run's snapshot."""

    def confirm(self, record: Json) -> bool:
        """Settle the verdict: write last-applied values, used plan and summary in one step.

        False if the watchdog was first; the run then counts as rolled back.
        """

    def record(self, record: Json) -> None:
        """Write the summary of a run that applied nothing (refused, rolled back)."""

    def thaw(self) -> None:
        """Remove our `.maintenance`. May be repeated."""

    def hand_over(self) -> None:
        """Let the host put the site back by itself, now. May be repeated."""

    def release(self) -> None:
        """Give the lock back, drop what the run no longer needs. May be repeated.

        A site that is changed and not settled is handed over to the host instead."""


@dataclass(frozen=True, slots=True)
class TaskFailure:
    task: str
    message: str
    refused: bool = False
    """The module said no on purpose (its answer holds `refused: true`)."""


@dataclass(frozen=True, slots=True)
class PlaybookResult:
    ok: bool
    changed: tuple[str, ...]
    """Names of tasks that changed something."""
    results: tuple[tuple[str, Json], ...]
    """Task name to the module's own answer (untrusted)."""
    failure: TaskFailure | None
    took_s: float


class WaitingPlaybook(Protocol):
    """A playbook that is warm: process up, connection open, waiting at its gate."""

    def open_gate(self) -> None: ...

    def wait(self, timeout_s: float) -> PlaybookResult:
        """Wait for the end; on timeout everything it started is ended, here and on the host."""

    def cancel(self) -> None:
        """End it and all it started. May be repeated."""


class Playbooks(Protocol):
    def run(self, name: str, site: Site, variables: Json, timeout_s: float) -> PlaybookResult:
        """Run a shipped playbook to its end on one site."""

    def start(self, name: str, site: Site, variables: Json) -> WaitingPlaybook:
        """Start a shipped playbook and return once it waits at its gate."""


class Visitor(Protocol):
    def look(
        self, requests: Sequence[LookRequest], *, token: str | None, timeout_s: float
    ) -> tuple[LookSeen, ...]:
        """Send all requests (several at a time), answers in the order of the requests."""

    def ask(self, url: str, *, token: str, ask: str, timeout_s: float) -> Json | None:
        """Ask a beacon (`who` or `flush`); None unless its proof is right."""


class ArtifactStore(Protocol):
    def fetch(self, artifact: Artifact) -> Path:
        """A local file holding exactly the locked bytes, fetched and inspected if need be.

        Raises Refused (`artifact.*`: unlocked, other bytes, a rule that the zip breaks), Failed
        (`artifact.unavailable`).
        """

    def file_list(self, kind: str, slug: str, version: str, locale: str) -> tuple[str, ...] | None:
        """Paths that this version ships (its manifest), None where nobody knows. Raises as
        `fetch` does: a source that cannot be asked is not one that does not know."""


class Ledger(Protocol):
    def add(self, run: Run) -> None: ...

    def runs(self, site: SiteId | None = None, limit: int = 50) -> tuple[Run, ...]:
        """Newest first."""

    def run(self, run_id: str) -> Run | None: ...


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""

    def monotonic_s(self) -> float: ...


class Revisions(Protocol):
    def current(self) -> tuple[str | None, bool]:
        """Git revision of the fleet folder (None outside git) and whether the tree is dirty."""


class Interrupts(Protocol):
    """A person's wish to stop, which arrives as KeyboardInterrupt."""

    @property
    def noted(self) -> bool:
        """An interrupt came, whether it was held back or not."""

    def held_back(self) -> AbstractContextManager[None]:
        """Inside, a first interrupt is only noted; a second is raised as ever."""


class Progress(Protocol):
    """Told of each phase as it begins and ends."""

    def phase(self, site: SiteId, phase: Phase, text: str) -> None: ...


OpenLeftovers = Callable[[Site], Leftovers]

OpenNet = Callable[[Site, ObservedState], SafetyNet]
"""Opens the safety net of one site, whose paths and database the observation names."""
