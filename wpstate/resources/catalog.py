"""What the agency approves and what bytes are locked for it, ready for kinds to ask.

Reading catalog.yml and catalog.lock.yml is left to desired.catalog.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wpstate.model.desired import Artifact
from wpstate.model.identity import Expected, Identity
from wpstate.model.node import Text
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address
from wpstate.resources.identity import merged
from wpstate.resources.language_packs import PACKS, package_pack

WORDPRESS_ORG = "wordpress.org"
CORE = "wordpress"
"""The slug of core's artifact: the name of its zip's top folder."""
PACKAGES = ("plugins", "themes")
"""Kinds of artifact that the catalog names one by one."""
VAULT = "vault"
"""The source of what lies in the controller's vault; beside it paths and addresses of zips."""
GIT = "git"
NOT_OURS = ("host", "composer")
"""Sources of what somebody else installs: only looked at."""


@dataclass(frozen=True, slots=True)
class Zip:
    """Where one version's zip lies: a path below the fleet folder, or an address."""

    place: str
    sha256: str | None = None
    """What the catalog itself says of the bytes at an address."""


@dataclass(frozen=True, slots=True)
class Repository:
    """Where each version is a tag."""

    place: str
    """A path below the fleet folder, or an address."""
    tag: str = "v{version}"
    folder: str = ""

    def source(self, version: str) -> str:
        return f"{GIT}:{self.place}#{self.tag.replace('{version}', version)}:{self.folder}"


@dataclass(frozen=True, slots=True)
class CatalogPlugin:
    """One approved plugin or theme."""

    approved: Text | None
    """None only where its source is not ours."""
    wordpress_org: str | None = None
    """Its slug on wordpress.org where that is not the name of its folder."""
    zips: Mapping[str, Zip] | None = None
    """By version; None where none is named one by one."""
    source: str = WORDPRESS_ORG
    repository: Repository | None = None
    identity: Identity | None = None
    family: Text | None = None
    review: Text | None = None
    """When it is to be looked at again."""
    told: Mapping[str, str] = field(default_factory=dict)
    """What colleagues should know of it: owner, reason, licence, alternatives."""
    licensed_until: Text | None = None
    """The last day of its licence."""
    span: SourceSpan | None = None

    @property
    def is_ours(self) -> bool:
        """False: the host or Composer installs it, wpstate never does."""
        return self.source not in NOT_OURS


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a component says it needs; None where it says nothing."""

    php: str | None = None
    """The oldest version that it runs on, as the next one."""
    wordpress: str | None = None
    parent: str | None = None
    """The theme that a child theme is built upon."""


@dataclass(frozen=True, slots=True)
class Catalog:
    core: Text | None = None
    plugins: Mapping[str, CatalogPlugin] = field(default_factory=dict)
    themes: Mapping[str, CatalogPlugin] = field(default_factory=dict)
    locked: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """(kind, slug, version) to sha256."""
    database_versions: Mapping[str, int] = field(default_factory=dict)
    """Core version to the database version it brings."""
    required: Mapping[tuple[str, str, str], Requirements] = field(default_factory=dict)
    """(kind, slug, version) to what its locked bytes require."""
    identities: Mapping[tuple[str, str, str], Identity] = field(default_factory=dict)
    """(kind, slug, version) to who its locked bytes say they are."""
    newest: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(kind, slug) to the newest version among them."""
    revisions: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """(kind, slug, version) to when a locked language pack was last translated."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Files of the fleet below files/ to their sha256."""
    forbidden: Mapping[str, Text] = field(default_factory=dict)
    """Plugins that no site may have, and why."""

    def core_artifact(self, version: str) -> Artifact:
        return self._artifact("core", CORE, version, WORDPRESS_ORG)

    def entries(self, kind: str) -> Mapping[str, CatalogPlugin]:
        """What is approved of one kind of package, by the name of its folder."""
        return {"plugins": self.plugins, "themes": self.themes}[kind]

    def package(self, kind: str, slug: str, version: str) -> Artifact | None:
        """The bytes of one version; None where the catalog knows no source for it."""
        entry = self.entries(kind).get(slug)
        if entry is None or not entry.is_ours:
            return None
        if entry.repository is not None:
            return self._artifact(kind, slug, version, entry.repository.source(version), entry)
        if entry.zips is not None:
            found = entry.zips.get(version)
            return self._artifact(kind, slug, version, found.place, entry) if found else None
        return self._artifact(kind, entry.wordpress_org or slug, version, entry.source, entry)

    def language_pack(self, locale: str, core_version: str) -> Artifact:
        return self._artifact(PACKS, locale, core_version, WORDPRESS_ORG)

    def package_pack(self, kind: str, slug: str, version: str, locale: str) -> Artifact:
        """That of a plugin or theme by its name on wordpress.org."""
        pack = self._artifact(PACKS, package_pack(kind, slug, locale), version, WORDPRESS_ORG)
        return replace(pack, may_lack=True)

    def artifacts(self) -> tuple[Artifact, ...]:
        """The approved version of everything, core first, then plugins and themes by slug."""
        core = (self.core_artifact(self.core.text),) if self.core else ()
        packages = (
            self.package(kind, slug, entry.approved.text)
            for kind in PACKAGES
            for slug, entry in sorted(self.entries(kind).items())
            if entry.approved
        )
        return core + tuple(artifact for artifact in packages if artifact)

    def places(self) -> Mapping[tuple[str, str, str], SourceSpan]:
        """The catalog's line of each approved version, as `artifacts` names them."""
        core = {("core", CORE, self.core.text): self.core.span} if self.core else {}
        return core | {
            (kind, entry.wordpress_org or slug, entry.approved.text): entry.approved.span
            for kind in PACKAGES
            for slug, entry in self.entries(kind).items()
            if entry.approved
        }

    def _artifact(
        self, kind: str, slug: str, version: str, source: str, entry: CatalogPlugin | None = None
    ) -> Artifact:
        key = (kind, slug, version)
        required = self.required.get(key, Requirements())
        zips = (entry.zips if entry else None) or {}
        return Artifact(
            kind,
            slug,
            version,
            source,
            self.locked.get(key),
            required.php,
            required.wordpress,
            identity=self._expected(key, entry),
            named_sha256=zips[version].sha256 if version in zips else None,
            parent=required.parent,
            revision=self.revisions.get(key),
        )

    def _expected(self, key: tuple[str, str, str], entry: CatalogPlugin | None) -> Identity | None:
        """Who it must be: what the catalog says, and for the rest who the newest locked version is.

        A locked version beside the approved one stays who it was: the catalog speaks of what comes.
        """
        kind, slug, version = key
        approved = entry.approved.text if entry and entry.approved else None
        if key in self.identities and version != approved:
            return self.identities[key]
        named = entry.identity if entry else None
        newest = self.newest.get((kind, slug))
        known = self.identities[kind, slug, newest] if newest else None
        return merged(named, known)

    def expected(self) -> Mapping[Address, Expected]:
        """Who each plugin and theme must be, by the address of one that is installed."""
        locked: dict[tuple[str, str], dict[str, Identity]] = {}
        for (kind, slug, version), identity in self.identities.items():
            locked.setdefault((kind, slug), {})[version] = identity
        return {
            Address(f"{kind}.{folder}"): Expected(
                slug=slug,
                approved=entry.approved.text if entry.approved else None,
                named=entry.identity,
                locked=locked.get((kind, slug), {}),
                newest=self.newest.get((kind, slug)),
            )
            for kind in PACKAGES
            for folder, entry in self.entries(kind).items()
            for slug in (entry.wordpress_org or folder,)
            if entry.identity or (kind, slug) in locked
        }
