"""How a command reaches hosts and sites: shells, pinned keys, and what looks through them, built
when first asked for and closed at its end. What the controller keeps is left to stores, what runs
need to wiring.
"""

import sys
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from wpstate.model.progress import ProgressEvent
from wpstate.ports import HostKeys, Progress, Visitor
from wpstate.stores import Stores

if TYPE_CHECKING:
    from wpstate.adapters.known_hosts import KnownHosts
    from wpstate.adapters.observer import ProbeObserver
    from wpstate.adapters.site_copies import SiteCopies
    from wpstate.adapters.ssh import SshShells
    from wpstate.adapters.visiting import VisitingObserver
    from wpstate.model.desired import Fleet
    from wpstate.workflows.backups import Keeping


class Unwatched:
    def tell(self, event: ProgressEvent) -> None:
        """Nobody listens."""


class Both:
    def __init__(self, first: Progress, second: Progress) -> None:
        self._both = first, second

    def tell(self, event: ProgressEvent) -> None:
        """Each of them hears it."""
        for each in self._both:
            each.tell(event)


class Reaching(Stores):
    def __init__(
        self,
        fleet_folder: Path | None,
        progress: Progress | None = None,
        *,
        fleet: "Fleet | None" = None,
        attended: bool | None = None,
        by_itself: bool = False,
    ) -> None:
        """`fleet`, `attended`: where who started this process knows them already. `by_itself`: a
        pass that comes again, which leaves hosts alone that were found shut before."""
        super().__init__(fleet_folder, fleet)
        self._by_itself = by_itself
        self._attended = sys.stdin.isatty() if attended is None else attended
        self._progress = progress or Unwatched()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @cached_property
    def _known_hosts(self) -> "KnownHosts":
        from wpstate.adapters.known_hosts import KnownHosts

        own, users = self._pins
        return KnownHosts(own, (users,))

    def host_keys(self) -> HostKeys:
        """Offered ones come by the way that the fleet goes, jump hosts included."""
        return self._shells

    @cached_property
    def _shells(self) -> "SshShells":
        from wpstate.adapters.shared_knocks import SharedKnocks
        from wpstate.adapters.shut_hosts import DatabaseShutHosts
        from wpstate.adapters.ssh import SshShells
        from wpstate.adapters.ssh_doors import DOORS

        is_there = self.keeps_here or self._database_url is not None
        memory = DatabaseShutHosts(self.database, is_there=is_there)
        heeds = self._by_itself and not self._attended
        DOORS.share(memory, SharedKnocks(self.home / "connections"), heeds=heeds)
        return self._open.enter_context(SshShells(self._known_hosts, self._key_file, DOORS))

    def observer(self) -> "VisitingObserver":
        """The observer of runs, which asks of a site's address what a run must see changed."""
        return self._observing(in_run=True)

    def visiting_observer(self) -> "VisitingObserver":
        """The observer of plans and observations, which also looks at pages as a visitor does."""
        return self._observing(in_run=False)

    def _observing(self, *, in_run: bool) -> "VisitingObserver":
        from wpstate.adapters.visiting import VisitingObserver

        def visitor() -> Visitor:
            from wpstate.adapters.http import HttpVisitor

            return HttpVisitor()

        kept = self.kept_files()
        probe = self.probe(None if in_run else self._progress)
        return VisitingObserver(probe, visitor, self._secrets, kept, in_run=in_run)

    def probe(self, progress: Progress | None = None) -> "ProbeObserver":
        from wpstate.adapters.observer import ProbeObserver

        return ProbeObserver(self._shells, self.clock, self._secrets, progress=progress)

    def shells(self) -> "SshShells":
        return self._shells

    def site_copies(self) -> "SiteCopies":
        from wpstate.adapters.ansible_files import Connection
        from wpstate.adapters.site_copies import SiteCopies

        connection = Connection(known_hosts=self._pins, key_file=self._key_file)
        return SiteCopies(connection, self.home / "backups" / "mirror")

    def keeping(self) -> "Keeping":
        """All that making and restoring backups needs beside `tools`."""
        from wpstate.adapters.restic import ResticRepositories
        from wpstate.workflows.backups import Keeping

        folder = self.home / "backups"
        return Keeping(
            declared=self.fleet().repositories,
            repositories=ResticRepositories(self._secrets, folder / "cache", self._pins),
            open_copy=self.site_copies().open,
            history=self.backup_history(),
            scratch=folder / "restored",
        )
