"""What this machine keeps for a command: the fleet's files, ledger, bytes, facts and secrets, built
when first asked for. Reaching hosts is left to wiring.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from wpstate.adapters.clock import SystemClock
from wpstate.adapters.secrets import KeptSecrets
from wpstate.surroundings import Surroundings
from wpstate.workflows.lock import wanted_artifacts

if TYPE_CHECKING:
    from wpstate.adapters.artifacts import FolderArtifactStore
    from wpstate.adapters.backup_history import DatabaseBackupHistory
    from wpstate.adapters.database import Database
    from wpstate.adapters.deep_looks import DatabaseDeepLooks
    from wpstate.adapters.directory import Directory
    from wpstate.adapters.fact_documents import FetchedDocuments
    from wpstate.adapters.fact_store import SqliteFactStore
    from wpstate.adapters.kept_files import FleetFiles
    from wpstate.adapters.ledger import DatabaseLedger
    from wpstate.adapters.notices import DatabaseNotices
    from wpstate.adapters.outgoing import AppriseOutgoing
    from wpstate.adapters.passes import DatabasePasses
    from wpstate.adapters.revisions import FleetRevision
    from wpstate.adapters.shown_plans import DatabaseShownPlans
    from wpstate.adapters.vault import FolderVault
    from wpstate.model.desired import Fleet
    from wpstate.model.facts import FactSource
    from wpstate.model.schedule import Schedule
    from wpstate.model.secret import FilledHeader


class Stores(Surroundings):
    def __init__(self, fleet_folder: Path | None, fleet: "Fleet | None" = None) -> None:
        """`fleet`: composed already, by who started this process."""
        super().__init__(fleet_folder)
        self._given = fleet
        self.clock = SystemClock()

    def texts(self) -> dict[str, str]:
        from wpstate.adapters.fleet_files import read_fleet
        from wpstate.adapters.shared_files import with_shared

        return with_shared(self.fleet_folder, dict(read_fleet(self.fleet_folder)))

    def schedule(self) -> "tuple[str, Schedule | None]":
        """The fleet's name, and when its passes begin, as fleet.yml says at this moment."""
        from wpstate.adapters.fleet_files import read_fleet_file
        from wpstate.desired.schedule import schedule_of

        return schedule_of(read_fleet_file(self.fleet_folder, "fleet.yml"))

    def fleet(self) -> "Fleet":
        return self._composed

    @cached_property
    def _composed(self) -> "Fleet":
        if self._given is not None:
            return self._given
        from wpstate.desired.compose import compose

        return compose(self.texts(), today=self.clock.now().date())

    @cached_property
    def database(self) -> "Database":
        """What the controller keeps, on this machine or shared by several."""
        from wpstate.adapters.database import open_database

        return open_database(self._database_url, self.home / "ledger.sqlite3")

    @property
    def keeps_here(self) -> bool:
        """Something is kept on this machine, to be read without a network."""
        return self._database_url is None and (self.home / "ledger.sqlite3").is_file()

    def deep_looks(self) -> "DatabaseDeepLooks":
        from wpstate.adapters.deep_looks import DatabaseDeepLooks

        return DatabaseDeepLooks(self.database)

    def backup_history(self) -> "DatabaseBackupHistory":
        from wpstate.adapters.backup_history import DatabaseBackupHistory

        return DatabaseBackupHistory(self.database)

    def ledger(self) -> "DatabaseLedger":
        from wpstate.adapters.ledger import DatabaseLedger

        return DatabaseLedger(self.database)

    def notices(self) -> "DatabaseNotices":
        """What people were told."""
        from wpstate.adapters.notices import DatabaseNotices

        return DatabaseNotices(self.database)

    def outgoing(self) -> "AppriseOutgoing":
        """The way to people."""
        from wpstate.adapters.outgoing import AppriseOutgoing

        return AppriseOutgoing(self._secrets)

    def passes(self) -> "DatabasePasses":
        from wpstate.adapters.passes import DatabasePasses

        return DatabasePasses(self.database)

    def shown_plans(self) -> "DatabaseShownPlans":
        from wpstate.adapters.shown_plans import DatabaseShownPlans

        return DatabaseShownPlans(self.database)

    def revisions(self) -> "FleetRevision":
        from wpstate.adapters.revisions import FleetRevision

        return FleetRevision(self.fleet_folder)

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

    def version_sources(self) -> "Directory":
        """Where new versions are."""
        from wpstate.adapters.directory import Directory

        url, vault = self.fleet().api_url, self._vault_folder
        return Directory(api_url=url, vault_folder=vault, auth_of=self._auth_of)

    def facts(self) -> "SqliteFactStore":
        from wpstate.adapters.fact_store import SqliteFactStore

        return SqliteFactStore(self.home / "facts.sqlite3", self.fleet().facts, self.fleet_folder)

    def fact_documents(self) -> "FetchedDocuments":
        from wpstate.adapters.fact_documents import FetchedDocuments

        def auth_of(source: "FactSource") -> "FilledHeader | None":
            key = source.key
            return key.filled(self._secrets.reveal(key.secret)) if key else None

        return FetchedDocuments(self.fleet_folder, self.home, auth_of)
