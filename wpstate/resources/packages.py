"""How each kind is packed: where its zip is served, its top folder, which file tells its version.

Fetching and unpacking are left to adapters.artifacts, the rules for any zip to planning.zip_rules,
reading a file's headers to file_headers, where packs of languages are to pack_addresses.

Sources: WordPress 7.1.1, get_plugins() in wp-admin/includes/plugin.php (which files are asked),
get_core_checksums() in wp-admin/includes/update.php; WP-CLI 2.12, checksum-command (plugin
checksums).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode

from wpstate.model.identity import Identity
from wpstate.model.problem import Problem
from wpstate.resources.file_headers import assigned, header, identity
from wpstate.resources.foreign_text import visible
from wpstate.resources.language_packs import pack_problem, revision

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class Told:
    """What the files of a package say about it. Empty headers are None."""

    version: str | None
    """None where a package does not tell it: a language pack."""
    main_file: str | None = None
    requires_wp: str | None = None
    requires_php: str | None = None
    parent: str | None = None
    """The theme that a child theme is built upon."""
    database: int | None = None
    identity: Identity | None = None
    revision: str | None = None
    """When a language pack was last translated."""


class Packaging(Protocol):
    def top_folder(self, slug: str) -> str | None:
        """The one folder that the zip holds; None where it holds files alone."""

    def download_path(self, slug: str, version: str) -> str | None:
        """Below the download address; None where wordpress.org must be asked for it."""

    def checksum_urls(
        self, api_url: str, download_url: str, slug: str, version: str, locale: str
    ) -> tuple[str, ...]:
        """Addresses that may list the version's files, the best first."""

    def tells(self, slug: str, name: str) -> bool:
        """Whether `read` wants the first HEAD_BYTES of the zip's entry of this name."""

    def read(self, slug: str, heads: Mapping[str, bytes]) -> Told | Problem: ...


class PluginPackaging:
    def top_folder(self, slug: str) -> str:
        return slug

    def download_path(self, slug: str, version: str) -> str:
        return f"/plugin/{_quoted(slug)}.{_quoted(version)}.zip"

    def checksum_urls(
        self, api_url: str, download_url: str, slug: str, version: str, locale: str
    ) -> tuple[str, ...]:
        return (f"{download_url}/plugin-checksums/{_quoted(slug)}/{_quoted(version)}.json",)

    def tells(self, slug: str, name: str) -> bool:
        return name.endswith(".php") and name.count("/") == 1

    def read(self, slug: str, heads: Mapping[str, bytes]) -> Told | Problem:
        """The main file is SLUG.php where that is a plugin, else the only file that is one."""
        plugins = sorted(name for name, head in heads.items() if header(head, "Plugin Name"))
        preferred = [name for name in plugins if name == f"{slug}/{slug}.php"] or plugins
        if len(preferred) != 1:
            found = visible(", ".join(plugins)) or "none"
            what = "the zip must hold one main file with a Plugin Name header"
            return Problem("artifact.main_file", what, found=found)
        head = heads[preferred[0]]
        return Told(
            version=header(head, "Version"),
            main_file=preferred[0],
            requires_wp=header(head, "Requires at least") or None,
            requires_php=header(head, "Requires PHP") or None,
            identity=identity(head, slug),
        )


class ThemePackaging:
    """Its headers stand in style.css (WP_Theme and Theme_Upgrader::check_package(), 7.1.1)."""

    _FRONT = ("index.php", "templates/index.html", "block-templates/index.html")

    def top_folder(self, slug: str) -> str:
        return slug

    def download_path(self, slug: str, version: str) -> str:
        return f"/theme/{_quoted(slug)}.{_quoted(version)}.zip"

    def checksum_urls(
        self, api_url: str, download_url: str, slug: str, version: str, locale: str
    ) -> tuple[str, ...]:
        """wordpress.org lists the files of no theme."""
        return ()

    def tells(self, slug: str, name: str) -> bool:
        return name.partition("/")[2] in ("style.css", *self._FRONT)

    def read(self, slug: str, heads: Mapping[str, bytes]) -> Told | Problem:
        style = heads.get(f"{slug}/style.css", b"")
        if not header(style, "Theme Name"):
            what = "the zip must hold a style.css with a Theme Name header"
            return Problem("artifact.main_file", what, found=visible(slug, 60))
        parent = header(style, "Template")
        if parent and not _SLUG.fullmatch(parent):
            what = "the theme names a parent that no folder can be called"
            return Problem("artifact.main_file", what, found=visible(parent, 60))
        if not parent and not any(f"{slug}/{front}" in heads for front in self._FRONT):
            what = "a theme without a parent must hold a front page"
            return Problem("artifact.main_file", what, found=f"none of {', '.join(self._FRONT)}")
        return Told(
            version=header(style, "Version"),
            main_file=f"{slug}/style.css",
            requires_wp=header(style, "Requires at least") or None,
            requires_php=header(style, "Requires PHP") or None,
            identity=identity(style, slug),
            parent=parent or None,
        )


class CorePackaging:
    _VERSION_FILE = "wordpress/wp-includes/version.php"

    def top_folder(self, slug: str) -> str:
        return "wordpress"

    def download_path(self, slug: str, version: str) -> str:
        return f"/release/wordpress-{_quoted(version)}.zip"

    def checksum_urls(
        self, api_url: str, download_url: str, slug: str, version: str, locale: str
    ) -> tuple[str, ...]:
        """A locale without a build of its own has the paths of the English one."""
        locales = dict.fromkeys((locale, "en_US"))
        queries = (urlencode({"version": version, "locale": each}) for each in locales)
        return tuple(f"{api_url}/core/checksums/1.0/?{query}" for query in queries)

    def tells(self, slug: str, name: str) -> bool:
        return name == self._VERSION_FILE

    def read(self, slug: str, heads: Mapping[str, bytes]) -> Told | Problem:
        head = heads.get(self._VERSION_FILE, b"")
        version, database = assigned(head, "wp_version"), assigned(head, "wp_db_version")
        if not version or not database.isdecimal():
            what = "the zip's version.php tells no version or no database version"
            return Problem("artifact.main_file", what, found=visible(f"{version} {database}"))
        php = assigned(head, "required_php_version") or None
        return Told(version=version, requires_php=php, database=int(database))


class LanguagePackaging:
    """The slug is what resources.language_packs calls a pack by."""

    def top_folder(self, slug: str) -> None:
        return None

    def download_path(self, slug: str, version: str) -> None:
        """An older version's pack may be the newest there is: see pack_addresses."""

    def checksum_urls(
        self, api_url: str, download_url: str, slug: str, version: str, locale: str
    ) -> tuple[str, ...]:
        return ()

    def tells(self, slug: str, name: str) -> bool:
        return True

    def read(self, slug: str, heads: Mapping[str, bytes]) -> Told | Problem:
        return pack_problem(slug, heads) or Told(version=None, revision=revision(slug, heads))


PACKAGINGS: Mapping[str, Packaging] = {
    "core": CorePackaging(),
    "plugins": PluginPackaging(),
    "themes": ThemePackaging(),
    "translations": LanguagePackaging(),
}
"""By the kind of an artifact."""


def _quoted(text: str) -> str:
    return quote(text, safe="")
