"""Desired state of one site: fleet, profiles and site composed, with where each value stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wpstate.model.backup import BackupPolicy, Repository
from wpstate.model.bump import BumpPolicy
from wpstate.model.cache import CachePolicy
from wpstate.model.facts import Answer, FactSource
from wpstate.model.identity import Identity
from wpstate.model.rules import Approval, Reminder, Rules
from wpstate.model.schedule import Schedule
from wpstate.model.secret import SecretHeader
from wpstate.model.site import Site
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address, Json, State
from wpstate.model.telling import Telling
from wpstate.model.updates import Ring, Updates


@dataclass(frozen=True, slots=True)
class Artifact:
    """The bytes of one version of one component, locked."""

    kind: str
    """`core`, `plugins`, `themes` or `translations`."""
    slug: str
    """For `translations` what resources.language_packs calls a pack by."""
    version: str
    source: str
    """`wordpress.org`; the path of a zip relative to the fleet folder, or its https address;
    `vault`, the controller's own; or `git:REPOSITORY#TAG:FOLDER`."""
    sha256: str | None
    """From catalog.lock.yml; None where the lock lacks it (planning then refuses)."""
    requires_php: str | None = None
    """As the locked bytes themselves say, as the next one."""
    requires_wp: str | None = None
    identity: Identity | None = None
    """Who its bytes must say they are."""
    named_sha256: str | None = None
    """The catalog's own word for the bytes at an address, whatever the lock says."""
    parent: str | None = None
    """The theme that a child theme is built upon."""
    may_lack: bool = False
    """wordpress.org need not have it: few plugins are translated into every language."""
    revision: str | None = None
    """When the locked pack was last translated, as resources.language_packs writes it."""


@dataclass(frozen=True, slots=True)
class Managed:
    """One resource named in desired state."""

    address: Address
    want: State
    span: SourceSpan
    """The line that decides the value (for `approved`: the catalog's line)."""
    asked_by: SourceSpan
    """The line of the profile or site that names the resource."""
    overrides: tuple[SourceSpan, ...] = ()
    label: str = ""
    """How the value was asked for: `approved`, `pinned`, `inactive`, `absent`."""
    pinned_until: str | None = None
    why: str | None = None
    artifact: Artifact | None = None
    purge_data: bool = False
    applies: bool = True
    """False: only looked at. A difference is told as drift and never changed."""
    heals: bool = False
    """Put back without asking where the site drifted, as if `heal` named it."""
    visited: bool = False
    """Seen on pages that are fetched as a visitor: plans and observations do so, runs do not, since
    they hold visitors back. A plan is not bound to it."""
    creates: bool = True
    """False: where it is not there, that is told as drift; it is never made."""
    part_of: Address | None = None
    """Where that is not there, neither is this, and nothing is asked of it."""
    floats: str = ""
    """`minor` or `on`: how far it may have updated itself past `want` and still be in sync, within
    its branch or at all."""
    besides: tuple[tuple[str, str], ...] = ()
    """What its role is told beside the state, such as who gets a removed account's content."""
    patches: State | None = None
    """What git asks of it, where an urgent patch asks this instead (planning.patch)."""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A resource that desired state names as somebody else's: reported, never touched."""

    address: Address
    owner: str
    """`client` or `unmanaged`."""
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Look:
    """One declared post-check."""

    path: str
    status: int = 200
    must_contain: tuple[str, ...] = ()
    must_not_contain: tuple[str, ...] = ()
    final_path: str | None = None
    span: SourceSpan | None = None


@dataclass(frozen=True, slots=True)
class FreezePolicy:
    off: bool = False
    """Visitors are let in during a run; tables then go back by tiers."""
    at_most_s: int = 60
    drain_s: int = 15


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits on what a plan may do, from fleet.yml, profiles and site."""

    brake_share: float = 0.3
    """Largest share of a site's managed resources that one plan may delete or downgrade."""
    brake_exempt: int = 2
    """Plans with at most this many deletions and downgrades are exempt from the brake."""
    plan_ttl_s: int = 86_400
    freeze: FreezePolicy = field(default_factory=FreezePolicy)
    look_timeout_s: float = 10.0
    look_headers: tuple[SecretHeader, ...] = ()
    """What each look carries besides: a site behind a login lets nobody else through."""
    may_change: tuple[str, ...] = ()
    """Globs below the WordPress folder whose files may change in a run without being planned."""
    heal: tuple[str, ...] = ()
    vulnerabilities: tuple[Answer, ...] = ()
    """What to do about them where that is not `update`, sorted by what each answers."""
    visitors: tuple[str, ...] = ()
    """Tables beside the shipped ones that visitors write to, as patterns without the prefix."""
    rules: Rules = field(default_factory=Rules)
    caches: CachePolicy = field(default_factory=CachePolicy)
    updates: Updates = field(default_factory=Updates)
    deep_look_s: int | None = None
    """How long the last deep look is good for; None: only where a person asks for one."""
    backup: BackupPolicy | None = None
    """How the site is backed up; None: not by wpstate."""
    applies: bool = False
    """A pass over the fleet changes the site by itself: `mode: apply`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One composed key for `explain`: value as written, where, and what it overrode."""

    key: str
    value: str
    span: SourceSpan
    overrides: tuple[tuple[str, SourceSpan], ...] = ()


@dataclass(frozen=True, slots=True)
class DesiredState:
    """All that the fleet asks of one site."""

    site: Site
    profiles: tuple[str, ...]
    managed: tuple[Managed, ...]
    """Sorted by address."""
    left_alone: tuple[LeftAlone, ...]
    looks: tuple[Look, ...]
    policy: Policy
    settings: tuple[Setting, ...]
    client: str | None = None
    offer: str | None = None
    language: str | None = None
    packs: tuple[Artifact, ...] = ()
    """Language packs of each locale, core version and version of a plugin or theme that the fleet
    names, locked or not yet."""
    questions: Mapping[str, Json] = field(default_factory=dict)
    """What the probe is asked for each kind, by its name."""
    approval: Approval = field(default_factory=Approval)
    """The same for all sites of a fleet."""

    def said_at(self, key: str) -> SourceSpan:
        """Where a merged key such as `families.seo` stands; this site's file if nowhere."""
        spans = (setting.span for setting in self.settings if setting.key == key)
        return next(spans, SourceSpan(f"sites/{self.site.id}.yml", 1, 1))


@dataclass(frozen=True, slots=True)
class Fleet:
    """A whole fleet folder, composed."""

    name: str
    api_url: str
    """Base address of the wordpress.org API, no trailing slash."""
    download_url: str
    sites: tuple[DesiredState, ...]
    """Sorted by site id."""
    api_auth: SecretHeader | None = None
    download_auth: SecretHeader | None = None
    """Only where the fleet names the address itself."""
    facts: tuple[FactSource, ...] = ()
    """Feeds of facts about versions."""
    rings: tuple[Ring, ...] = ()
    """First ring first; none: all sites at once."""
    halt_after: int | float = 1
    """Runs that failed or were rolled back, or their share of those that a pass set out to make:
    it then changes no more sites."""
    telling: Telling = field(default_factory=Telling)
    schedule: Schedule | None = None
    """When passes begin by themselves; None: whoever starts them says so."""
    repositories: tuple[Repository, ...] = ()
    """Places for backups."""
    approved: tuple[Artifact, ...] = ()
    """The approved version of everything in the catalog, used by a site or not."""
    approved_at: Mapping[tuple[str, str, str], SourceSpan] = field(default_factory=dict)
    """(kind, slug, version) of those to the catalog's line."""
    vault_url: str | None = None
    """Base address of the object store that holds zips of ours, no trailing slash."""
    vault_auth: SecretHeader | None = None
    reminders: tuple[Reminder, ...] = ()
    locked: Mapping[tuple[str, str, str], Identity | None] = field(default_factory=dict)
    """(kind, slug, version) of all that the lock names, and who those bytes say they are."""
    bump: BumpPolicy = field(default_factory=BumpPolicy)

    def auth_of(self, url: str) -> SecretHeader | None:
        """What a request to this address carries."""
        for address, auth in (
            (self.download_url, self.download_auth),
            (self.api_url, self.api_auth),
            (self.vault_url or "", self.vault_auth),
        ):
            if auth and (url == address or url.startswith(f"{address}/")):
                return auth
        return None
