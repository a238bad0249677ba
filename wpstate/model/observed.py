"""Observed state of one site: what the probe saw, already checked and bounded."""

from dataclasses import dataclass, field
from datetime import datetime

from wpstate.model.backup import BackupsSeen
from wpstate.model.event import Event
from wpstate.model.host_facts import HostFacts
from wpstate.model.identity import Identity
from wpstate.model.shipped import DeepLook
from wpstate.model.site import SiteId
from wpstate.model.state import ABSENT, Address, Json, State


@dataclass(frozen=True, slots=True)
class Fault:
    """A typed fact about what could not be seen: never an empty list in its place."""

    code: str
    """`wp_config_parse_error`, `wp_config_missing`, `wp_config_exit`, `database_down`,
    `tables_missing`, `core_missing`, `plugins_unreadable`, `state_damaged`, `php_wrong_binary`,
    `kind_unseen`, `web_unseen`, `probe_failed`, `unreachable`, `banned`, `host_key`,
    `untrusted_output`, `timeout`."""
    detail: str


OF_HOSTS = frozenset({"observe.banned"})
"""Told in the same words of all sites of a host, so that a report can tell them once."""
OUT_OF_REACH = frozenset(
    {"observe.banned", "observe.host_key", "observe.timeout", "observe.unreachable"}
)
"""Nothing else can be asked of these hosts now, either."""


@dataclass(frozen=True, slots=True)
class Component:
    """One plugin as found on disk."""

    slug: str
    file: str
    """Main file relative to the plugin folder: `akismet/akismet.php`, `hello.php`."""
    name: str
    version: str
    active: bool
    requires_wp: str | None = None
    requires_php: str | None = None
    identity: Identity | None = None
    """As its headers say."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Absolute paths on the host, with links resolved."""

    wp: str
    config: str
    content: str
    plugins: str
    uploads: str
    state: str
    """The site's state folder (may not exist yet)."""


@dataclass(frozen=True, slots=True)
class LargeTable:
    """A table of this site of one MiB or more."""

    name: str
    size_bytes: int
    """Rows and indexes, as the server estimates them."""
    engine: str


@dataclass(frozen=True, slots=True)
class Database:
    prefix: str
    name: str
    table_count: int
    size_bytes: int
    large_tables: tuple[LargeTable, ...] = ()
    """Largest first, 200 at most."""
    foreign_tables: tuple[str, ...] = ()
    """Tables of other installs in the same database; never touched."""
    server_version: str = ""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Where a site is: a copy of its database or of its state folder is somewhere else."""

    host: str
    """A digest of the machine's own id, else of its name."""
    folder: int | None
    """The state folder's inode: a copy has another one. None where there is none yet."""
    path: str
    url: str | None
    """As its database says."""


@dataclass(frozen=True, slots=True)
class LastApplied:
    """What the last confirmed run left, as the host's state folder tells it."""

    run: str | None = None
    at: datetime | None = None
    values: tuple[tuple[Address, State], ...] = ()
    used_plans: frozenset[str] = frozenset()
    quarantined: tuple[tuple[Address, State], ...] = ()
    fingerprint: Fingerprint | None = None
    """Of the site that was changed; None where an older wpstate left this."""
    locked: bool = False
    """A run holds the site, or one that nobody is behind any more left its lock."""
    since: tuple[tuple[Address, datetime], ...] = ()
    """Since when each of `values` has been what it is; an older wpstate left none."""
    stood: tuple[tuple[Address, datetime], ...] = ()
    """Of what the run left otherwise: when a run last found it as `values` says, or made it so."""
    patched: tuple[tuple[Address, State], ...] = ()
    """What git asked of what an urgent patch changed past it."""


@dataclass(frozen=True, slots=True)
class ObservedState:
    """What one look at one site learned."""

    site: SiteId
    observed_at: datetime
    took_s: float
    resources: tuple[tuple[Address, State], ...]
    """Sorted by address: core.version, plugins.akismet, and what a visitor was told."""
    plugins: tuple[Component, ...]
    paths: Paths | None
    database: Database | None
    php_version: str
    free_bytes: int | None
    code_bytes: int | None
    home_url: str | None
    object_cache: str | None
    """`redis` and the like, where a drop-in says so."""
    applied: LastApplied = field(default_factory=LastApplied)
    faults: tuple[Fault, ...] = ()
    frozen_by: str | None = None
    """`wpstate`, `foreign` or None: who wrote a `.maintenance` that is in force."""
    host: HostFacts = field(default_factory=HostFacts)
    answers: tuple[tuple[str, Json], ...] = ()
    """What the probe answered to the kinds' questions, by kind; checked by their schemas."""
    details: tuple[tuple[Address, tuple[str, ...]], ...] = ()
    """Lines that a plan shows below a resource that differs: which files, what in them."""
    events: tuple[Event, ...] = ()
    """What the site's own records tell, newest first."""
    fingerprint: Fingerprint | None = None
    site_url: str | None = None
    """Where WordPress itself is served, which may be a folder below `home_url`."""
    multisite: bool = False
    """A network of sites: observed, not changed."""
    strangers: tuple[tuple[Address, tuple[str, ...]], ...] = ()
    """Components that are not who the catalog expects, and in what; only where a person asked for
    an observation: a plan judges for itself."""
    deep: DeepLook | None = None
    """The last deep look at it, for plans and observations."""

    backups: BackupsSeen | None = None
    """What the controller knows of them, for plans; None where backups are not asked for."""

    def state(self, address: Address) -> State:
        return dict(self.resources).get(address, ABSENT)

    def answer(self, kind: str) -> Json:
        """Empty where the probe was not asked for this kind."""
        return dict(self.answers).get(kind, {})

    def component(self, slug: str) -> Component | None:
        return next((p for p in self.plugins if p.slug == slug), None)
