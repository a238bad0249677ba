"""What the look-alike has on its shelf: reads the zips that build_wporg.py made.

Nothing here knows HTTP; wporg_server.py turns these facts into wordpress.org's answers.
The shelf is read anew for each question, and what is costly is kept per file and time.
"""

import functools
import hashlib
import json
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

# "slug.version.zip": slugs hold no dot.
ZIP_NAME = re.compile(r"([a-z0-9-]+)\.([0-9][0-9a-z.+-]*)\.zip")
CORE_NAME = re.compile(r"wordpress-([0-9][0-9a-zA-Z.-]*)\.zip")
HEADER = re.compile(
    r"^[ \t/*#@]*(Plugin Name|Theme Name|Template|Author|Description|Version|Requires at least"
    r"|Requires PHP):(.*)$",
    re.MULTILINE,
)
# In a pack's .po and in its .l10n.php.
REVISION = re.compile(rb"-revision-date\W+(\d[\d-]+ [\d:]+)", re.IGNORECASE)
README_LINE = re.compile(r"^(Stable tag|Requires at least|Tested up to|Requires PHP):(.*)$", re.M)


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a plugin or a theme. Empty strings where its files don't say."""

    slug: str
    version: str
    main_file: str
    name: str
    author: str
    description: str
    stable_tag: str
    requires: str
    tested: str
    requires_php: str
    parent: str
    updated: datetime


def version_key(version: str) -> tuple[tuple[int, int | str], ...]:
    """Orders versions as PHP's version_compare() does: 1.0-beta, 1.0, 1.0.0, 1.9, 1.10."""
    parts = re.findall(r"\d+|[a-z]+", version.lower())
    end = (1, 0)
    return (*((2, int(p)) if p.isdigit() else (0, p) for p in parts), end)


@functools.lru_cache(maxsize=256)
def _release(path: Path, mtime_ns: int) -> Release:
    slug, version = _named(ZIP_NAME, path)
    facts: dict[str, str] = {}
    main_file = ""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.count("/") != 1 or not name.endswith((".php", "/readme.txt", "/style.css")):
                continue
            head = archive.read(name)[:8192].decode("utf-8", "replace")
            is_readme = name.endswith(".txt")
            found = README_LINE.findall(head) if is_readme else HEADER.findall(head)
            headers = {key: value.strip() for key, value in found}
            is_main = "Plugin Name" in headers or "Theme Name" in headers
            if is_main:
                main_file = name
            if is_main or is_readme:
                facts |= headers
    return Release(
        slug=slug,
        version=version,
        main_file=main_file,
        name=facts.get("Plugin Name") or facts.get("Theme Name", slug),
        author=facts.get("Author", ""),
        description=facts.get("Description", ""),
        stable_tag=facts.get("Stable tag", ""),
        requires=facts.get("Requires at least", ""),
        tested=facts.get("Tested up to", ""),
        requires_php=facts.get("Requires PHP", ""),
        parent=facts.get("Template", ""),
        updated=datetime.fromtimestamp(mtime_ns // 10**9, UTC),
    )


@functools.lru_cache(maxsize=64)
def _revision(path: Path, mtime_ns: int) -> str:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith((f"{path.stem}.po", f"{path.stem}.l10n.php")):
                found = REVISION.search(archive.read(name))
                return found[1].decode() if found else ""
    return ""


@functools.lru_cache(maxsize=64)
def _digests(path: Path, mtime_ns: int) -> dict[str, tuple[str, str]]:
    """The files below the zip's top folder: path → (md5, sha256)."""
    with zipfile.ZipFile(path) as archive:
        return {
            name.partition("/")[2]: (
                hashlib.md5(content := archive.read(name)).hexdigest(),
                hashlib.sha256(content).hexdigest(),
            )
            for name in archive.namelist()
        }


def _named(pattern: re.Pattern[str], path: Path) -> tuple[str, ...]:
    found = pattern.fullmatch(path.name)
    return found.groups() if found else ()


class Shelf:
    """The zips below one root: plugins/, themes/, core/, translations/core/VERSION/ and, for a
    plugin or a theme, translations/plugins/SLUG/VERSION/."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def releases(self, slug: str, sort: str = "plugins") -> tuple[Release, ...]:
        """Every version of a plugin or theme, oldest first; empty if there was never one."""
        files = (f for f in self._files(sort) if _named(ZIP_NAME, f)[:1] == (slug,))
        found = (_release(file, file.stat().st_mtime_ns) for file in files)
        return tuple(sorted(found, key=lambda release: version_key(release.version)))

    def stable(self, slug: str, sort: str = "plugins") -> Release | None:
        """What wordpress.org offers: the newest readme's stable tag, else the newest version."""
        releases = self.releases(slug, sort)
        if not releases:
            return None
        tag = releases[-1].stable_tag
        return next((r for r in releases if r.version == tag), releases[-1])

    def closed(self, slug: str) -> dict[str, str] | None:
        """Why a plugin was closed, as build_wporg.py wrote it."""
        file = self.root / "plugins" / "closed.json"
        entry: dict[str, str] | None = json.loads(file.read_text()).get(slug)
        return entry

    def core_versions(self) -> tuple[str, ...]:
        """Oldest first."""
        names = (_named(CORE_NAME, file) for file in self._files("core"))
        return tuple(sorted((name[0] for name in names if name), key=version_key))

    def language_packs(self, folder: str) -> tuple[tuple[str, str], ...]:
        """The locales of one version (`core/7.1.1`, `plugins/akismet/5.7.2`), each with the date
        that its translators gave it."""
        files = self._files(f"translations/{folder}")
        return tuple((f.stem, _revision(f, f.stat().st_mtime_ns)) for f in files)

    def digests(self, zip_path: str) -> dict[str, tuple[str, str]] | None:
        """The files of a zip by path without its top folder: (md5, sha256). None if not there."""
        file = self.root / zip_path
        return _digests(file, file.stat().st_mtime_ns) if file.is_file() else None

    def _files(self, folder: str) -> tuple[Path, ...]:
        path = self.root / folder
        return tuple(sorted(path.iterdir())) if path.is_dir() else ()
