"""What the agency approves and what bytes are locked for it, ready for kinds to ask.

Reading catalog.yml and catalog.lock.yml is left to desired.catalog.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wpstate.model.desired import Artifact
from wpstate.model.node import Text

WORDPRESS_ORG = "wordpress.org"
CORE = "wordpress"
"""The slug of core's artifact: the name of its zip's top folder."""


@dataclass(frozen=True, slots=True)
class CatalogPlugin:
    """One approved plugin."""

    approved: Text
    wordpress_org: str | None = None
    """Its slug on wordpress.org where that is not the name of its folder."""
    zips: Mapping[str, Text] | None = None
    """Version to path below the fleet folder, for what wordpress.org does not carry."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """The oldest versions that a component says it runs on; None where it says nothing."""

    php: str | None = None
    wordpress: str | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    core: Text | None = None
    plugins: Mapping[str, CatalogPlugin] = field(default_factory=dict)
    locked: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """(kind, slug, version) to sha256."""
    database_versions: Mapping[str, int] = field(default_factory=dict)
    """Core version to the database version it brings."""
    required: Mapping[tuple[str, str, str], Requirements] = field(default_factory=dict)
    """(kind, slug, version) to what its locked bytes require."""

    def core_artifact(self, version: str) -> Artifact:
        return self._artifact("core", CORE, version, WORDPRESS_ORG)

    def plugin_artifact(self, slug: str, version: str) -> Artifact | None:
        """The bytes of one version; None where the catalog knows no source for it."""
        plugin = self.plugins.get(slug)
        if plugin is None:
            return None
        if plugin.zips is None:
            slug = plugin.wordpress_org or slug
            return self._artifact("plugins", slug, version, WORDPRESS_ORG)
        path = plugin.zips.get(version)
        return self._artifact("plugins", slug, version, path.text) if path else None

    def language_pack(self, locale: str, core_version: str) -> Artifact:
        return self._artifact("translations", locale, core_version, WORDPRESS_ORG)

    def artifacts(self) -> tuple[Artifact, ...]:
        """The approved version of everything, core first, then plugins by slug."""
        core = (self.core_artifact(self.core.text),) if self.core else ()
        plugins = (
            self.plugin_artifact(slug, plugin.approved.text)
            for slug, plugin in sorted(self.plugins.items())
        )
        return core + tuple(artifact for artifact in plugins if artifact)

    def _artifact(self, kind: str, slug: str, version: str, source: str) -> Artifact:
        key = (kind, slug, version)
        required = self.required.get(key, Requirements())
        return Artifact(
            kind, slug, version, source, self.locked.get(key), required.php, required.wordpress
        )
