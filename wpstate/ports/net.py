"""The safety net of one site for one run (design: it shares nothing with what it guards)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from wpstate.model.observed import ObservedState
from wpstate.model.own_files import OwnFiles
from wpstate.model.site import Site
from wpstate.model.state import Address, Json
from wpstate.model.table import TableLeft, TableOffer, Tables


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
class TablesCopy:
    tables: int
    size_bytes: int
    took_s: float


@dataclass(frozen=True, slots=True)
class Frozen:
    frozen_at_s: int
    """By the host's clock."""
    deadline_s: int
    """When the watchdog restores by itself, by the host's clock."""
    held: bool = False
    """Visitors had a holding page, which comes back unless the run is confirmed."""


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
    left: tuple[TableLeft, ...] = ()
    """Tables that were not put back, because rows would have been lost."""
    carried: tuple[tuple[str, int], ...] = ()
    """Tables that were put back, and how many newer rows stayed in each."""
    by_host: bool = False
    """The host had ended the run by itself: visitors are let in, and the lock is given back."""


class SafetyNet(Protocol):
    """The safety net of one site for one run: plain sh on the host (design, principle 3).

    Order: acquire, copy_code, freeze, drain, snapshot, tree_changes, then confirm or restore,
    then thaw, release. Each call journals its begin and end on the host.
    """

    def acquire(self, run: str, controller: str) -> Held:
        """Take the site's lock. Raises Refused (`run.locked`) naming the holder."""

    def require_lock(self) -> None:
        """Raises Failed (`run.fenced`) where somebody else goes on with this run."""

    def dump_command(self) -> str:
        """A command for the host's shell that says the site's tables as one SQL text, consistent
        where their engine allows it, closed by `-- wpstate: whole`. Asks for the lock, and again
        at the end; writes nothing but small lists on the host. May be repeated."""

    def leave_nothing(self) -> None:
        """Remove the folder of a run that only read, after `release`; the last call."""

    def note_known(self, planned: tuple[str, ...], visitors: tuple[str, ...]) -> None:
        """Tell which plugins the plan names, whose tables it then explains, and more tables that
        visitors write to (patterns without the prefix). Before the freeze."""

    def copy_code(self) -> CodeCopy:
        """Copy the code into the snapshot folder and list the tree; visitors notice nothing."""

    def named_tables(self, slugs: tuple[str, ...]) -> tuple[str, ...]:
        """This site's tables that the PHP of these plugins names, installed or staged."""

    def copy_tables(self, tables: tuple[str, ...]) -> TablesCopy:
        """Copy these tables into the snapshot folder while visitors use them, at low priority.

        `snapshot` then leaves out what has not been written since, and says of the others that no
        dump holds them. Tables that are not this site's are passed over.
        """

    def place_beacon(self, token: str, caches: tuple[str, ...] = ()) -> str:
        """Put a PHP file of a random name beside wp-load.php that answers only the token's holder,
        and return its name. It proves which PHP serves these files, and empties OPcache where
        WordPress is dead. `caches`: what else it, the host alone and `empty_caches` are to empty,
        in the words of safetynet/caches.sh. `thaw`, `release` and the watchdog remove the file; so
        does `remove_beacon`."""

    def empty_caches(self) -> tuple[str, ...]:
        """Delete what lies in the folders that `place_beacon` named; those that still hold
        something. No link is followed, and no folder of code or uploads entered."""

    def remove_beacon(self) -> None:
        """May be repeated."""

    def freeze(self, token: str, budget_s: int, *, visitors_in: bool = False) -> Frozen:
        """Write `.maintenance` and leave the watchdog behind. `visitors_in`: it holds nobody back
        and only lets the run look with its token."""

    def drain(self, limit_s: int, *, proved: bool = False) -> Drained:
        """Wait until what was begun before the freeze is gone: database connections, commands of
        PHP, claimed work. `proved`: the freeze was, so that nobody but the run writes once this
        ends quietly. Raises Refused (`freeze.lost`)."""

    def snapshot(self) -> SnapshotTaken:
        """Under the freeze: check the code copy again, dump and fingerprint the tables."""

    def tree_changes(self) -> tuple[TreeChange, ...]:
        """Compare the tree now with the snapshot's listing."""

    def restore(self, *, tables: Tables = Tables.TIERED) -> Restored:
        """Put files and tables back to the snapshot and prove it by hashes and checksums. Where
        the freeze held, tables go back whole; else rows of others stay (safetynet/tiers.sh), as
        after the thaw of a confirmed run.

        May be repeated. Raises NeedsAttention (`rollback.failed`, `snapshot.damaged`).
        """

    def restore_from(self, run_id: str, *, tables: Tables = Tables.TIERED) -> Restored:
        """Restore the snapshot of an older run; otherwise as `restore`."""

    def last_change(self, address: Address) -> str | None:
        """The newest run with a snapshot that was confirmed and had changed this address."""

    def holds(self, run_id: str, part: OwnFiles) -> bool:
        """Whether that run's snapshot has this folder or file."""

    def restore_part(self, run_id: str, part: OwnFiles) -> Restored:
        """Put one folder or file back to that snapshot, and of the tables that go with it those
        that lose no row. After `snapshot`; raises as `restore`, and Failed
        (`rollback.no_component`)."""

    def bring(self, path: str, tar: bytes) -> None:
        """Bring what `put_in` puts at this path below the WordPress folder, as a tar that holds it
        as `it`. Visitors notice nothing. Raises Refused (`restore.path`)."""

    def put_in(self, path: str) -> None:
        """Put it in the place of what stands there, which is kept. After `snapshot`."""

    def hold(self) -> None:
        """In place of `thaw`: visitors keep getting 503 until a later run ends that."""

    def snapshots(self) -> tuple[str, ...]:
        """Runs that left a complete snapshot on the host, newest first."""

    def changed_tables(self, run_id: str) -> tuple[TableOffer, ...]:
        """Tables that differ now from that run's snapshot, and what a rollback would do to them."""

    def confirm(self, record: Json) -> bool:
        """Settle the verdict: write last-applied values, used plan and summary in one step.

        False if the watchdog was first; the run then counts as rolled back.
        """

    def record(self, record: Json) -> None:
        """Write the summary of a run that applied nothing (refused, rolled back)."""

    def thaw(self) -> None:
        """Remove our `.maintenance`; a holding page that stood there comes back unless the run was
        confirmed. May be repeated."""

    def hand_over(self) -> None:
        """Let the host put the site back by itself, now. May be repeated."""

    def release(self) -> None:
        """Give the lock back, drop what the run no longer needs. May be repeated.

        A site that is changed and not settled is handed over to the host instead."""


OpenNet = Callable[[Site, ObservedState], SafetyNet]
"""Opens the safety net of one site, whose paths and database the observation names."""
