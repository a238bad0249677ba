"""Joins adapters to workflows: the only place that builds adapters. What the environment says of
where things are is left to surroundings."""

import getpass
import socket
import sys
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from wpstate.adapters.clock import SystemClock
from wpstate.adapters.interrupts import INTERRUPTS
from wpstate.adapters.secrets import KeptSecrets
from wpstate.model.run import Phase
from wpstate.model.site import SiteId
from wpstate.ports import Progress, Visitor
from wpstate.surroundings import Surroundings
from wpstate.workflows.lock import wanted_artifacts
from wpstate.workflows.tools import Tools

if TYPE_CHECKING:
    from wpstate.adapters.artifacts import FolderArtifactStore
    from wpstate.adapters.fact_documents import FetchedDocuments
    from wpstate.adapters.fact_store import SqliteFactStore
    from wpstate.adapters.kept_files import FleetFiles
    from wpstate.adapters.known_hosts import KnownHosts
    from wpstate.adapters.ledger import SqliteLedger
    from wpstate.adapters.observer import ProbeObserver
    from wpstate.adapters.revisions import FleetRevision
    from wpstate.adapters.ssh import SshShells
    from wpstate.adapters.vault import FolderVault
    from wpstate.adapters.visiting import VisitingObserver
    from wpstate.model.desired import Fleet
    from wpstate.model.facts import FactSource
    from wpstate.model.imported import Imported, Place
    from wpstate.model.plan import Plan
    from wpstate.model.secret import FilledHeader
    from wpstate.workflows.apply_plan import Several
    from wpstate.workflows.reconcile import Healed


class _Silent:
    def phase(self, site: SiteId, phase: Phase, text: str) -> None:
        """Nobody listens."""


class Wiring(Surroundings):
    """Adapters for one command, built when first asked for, closed at its end."""

    def __init__(
        self,
        fleet_folder: Path | None,
        progress: Progress | None = None,
        *,
        fleet: "Fleet | None" = None,
        attended: bool | None = None,
    ) -> None:
        """`fleet`, `attended`: where who started this process knows them already."""
        super().__init__(fleet_folder)
        self._given = fleet
        self._attended = sys.stdin.isatty() if attended is None else attended
        self.clock = SystemClock()
        self._progress = progress or _Silent()
        self._open = ExitStack()

    def __enter__(self) -> "Wiring":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def texts(self) -> dict[str, str]:
        from wpstate.adapters.fleet_files import read_fleet

        return dict(read_fleet(self.fleet_folder))

    def fleet(self) -> "Fleet":
        return self._composed

    @cached_property
    def _composed(self) -> "Fleet":
        if self._given is not None:
            return self._given
        from wpstate.desired.compose import compose

        return compose(self.texts(), today=self.clock.now().date())

    def ledger(self) -> "SqliteLedger":
        from wpstate.adapters.ledger import SqliteLedger

        return SqliteLedger(self.home / "ledger.sqlite3")

    def revisions(self) -> "FleetRevision":
        from wpstate.adapters.revisions import FleetRevision

        return FleetRevision(self.fleet_folder)

    @cached_property
    def _known_hosts(self) -> "KnownHosts":
        from wpstate.adapters.known_hosts import KnownHosts

        own, users = self._pins
        return KnownHosts(own, (users,))

    def host_keys(self) -> "KnownHosts":
        return self._known_hosts

    @cached_property
    def _shells(self) -> "SshShells":
        from wpstate.adapters.ssh import SshShells

        return self._open.enter_context(SshShells(self._known_hosts, self._key_file))

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
        return VisitingObserver(self.probe(), visitor, self._secrets, kept, in_run=in_run)

    def probe(self) -> "ProbeObserver":
        from wpstate.adapters.observer import ProbeObserver

        return ProbeObserver(self._shells, self.clock, self._secrets)

    def kept_files(self) -> "FleetFiles":
        """Copies of files that sites must have."""
        from wpstate.adapters.kept_files import FleetFiles

        return FleetFiles(self.fleet_folder, self.artifacts, self.fleet().approved)

    @cached_property
    def _secrets(self) -> KeptSecrets:
        return KeptSecrets(
            self.home / "secrets",
            environment=self._secret_variables,
            fleet_folder=self.fleet_folder,
            vault_password=self._vault_password,
        )

    def _auth_of(self, url: str) -> "FilledHeader | None":
        auth = self.fleet().auth_of(url)
        return auth.filled(self._secrets.reveal(auth.secret)) if auth else None

    def shells(self) -> "SshShells":
        return self._shells

    def vault(self) -> "FolderVault":
        from wpstate.adapters.vault import FolderVault

        return FolderVault(self._vault_folder)

    def artifacts(self) -> "FolderArtifactStore":
        from wpstate.adapters.artifacts import FolderArtifactStore

        fleet = self.fleet()
        return FolderArtifactStore(
            self.home / "artifacts",
            fleet_folder=self.fleet_folder,
            vault_folder=self._vault_folder,
            vault_url=fleet.vault_url,
            download_url=fleet.download_url,
            api_url=fleet.api_url,
            auth_of=self._auth_of,
            locked=(a for a in wanted_artifacts(fleet) if a.sha256),
        )

    def plan(
        self,
        names: tuple[str, ...],
        *,
        only: tuple[str, ...] = (),
        heal_all: bool = False,
        healed: "Healed | None" = None,
    ) -> "Plan":
        """Observe the named sites now and compare (workflows.plan.make_plan)."""
        from wpstate.workflows.plan import make_plan

        return make_plan(
            self.fleet(),
            names,
            observer=self.visiting_observer(),
            revisions=self.revisions(),
            clock=self.clock,
            only=only,
            heal_all=heal_all,
            healed=healed or {},
            facts=self.facts() if self.fleet().facts else None,
        )

    def import_site(self, place: "Place", *, follow: bool) -> "Imported":
        """One more site for the fleet (workflows.import_site). The fleet's files are read anew."""
        from wpstate.workflows.import_site import import_site

        return import_site(
            self.texts(),
            place,
            self.visiting_observer(),
            self._shells,
            follow=follow,
            now=self.clock.now(),
            facts=self.facts() if self.fleet().facts else None,
            hashes=self.artifacts(),
        )

    def facts(self) -> "SqliteFactStore":
        from wpstate.adapters.fact_store import SqliteFactStore

        return SqliteFactStore(self.home / "facts.sqlite3", self.fleet().facts, self.fleet_folder)

    def fact_documents(self) -> "FetchedDocuments":
        from wpstate.adapters.fact_documents import FetchedDocuments

        def auth_of(source: "FactSource") -> "FilledHeader | None":
            key = source.key
            return key.filled(self._secrets.reveal(key.secret)) if key else None

        return FetchedDocuments(self.fleet_folder, self.home, auth_of)

    def several(self, at_once: int, *, quiet: bool) -> "Several":
        """Runs beside each other, each in a process of its own."""
        from wpstate.adapters.site_processes import SiteProcesses
        from wpstate.workflows.apply_plan import Several

        folder = str(self.fleet_folder.resolve())
        return Several(SiteProcesses(folder, quiet=quiet, attended=self._attended), at_once)

    def tools(self) -> Tools:
        """All that a run on a site needs."""
        from wpstate.adapters.ansible import AnsiblePlaybooks
        from wpstate.adapters.ansible_files import Connection
        from wpstate.adapters.cache_requests import HttpCacheSender
        from wpstate.adapters.hideaway import SshHideaway
        from wpstate.adapters.http import HttpVisitor
        from wpstate.adapters.leftovers import SshLeftovers
        from wpstate.adapters.safety_net import SshSafetyNet
        from wpstate.adapters.trial import SshTrial

        connection = Connection(known_hosts=self._pins, key_file=self._key_file)
        attended = self._attended
        return Tools(
            observer=self.observer(),
            open_net=lambda site, seen: SshSafetyNet(
                site, seen, self._shells.of(site.host), attended=attended
            ),
            open_leftovers=lambda site: SshLeftovers(site, self._shells.of(site.host)),
            open_trial=lambda site, seen: SshTrial(
                site, seen, self._shells.of(site.host), self._shells.send_file
            ),
            open_hideaway=lambda site, seen: SshHideaway(site, seen, self._shells.of(site.host)),
            playbooks=AnsiblePlaybooks(connection, self._shells, secrets=self._secrets),
            visitor=HttpVisitor(),
            visitor_at=lambda address: HttpVisitor(connect_to=address),
            cache_sender=HttpCacheSender(),
            secrets=self._secrets,
            artifacts=self.artifacts(),
            ledger=self.ledger(),
            clock=self.clock,
            progress=self._progress,
            interrupts=INTERRUPTS,
            attended=attended,
            controller=f"{getpass.getuser()}@{socket.gethostname()}",
        )
