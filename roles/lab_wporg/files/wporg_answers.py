"""wordpress.org's answers, as plain data, from what is on the shelf.

Shapes: WordPress 6.8 wp-includes/update.php and wp-admin/includes/plugin-install.php, WP-CLI 2.12
php/WP_CLI/WpOrgApi.php. Speaking HTTP is wporg_server.py's job. `base` is the URL that the caller
used, so that every link leads back to the same server.
"""

import json
from collections.abc import Mapping
from typing import Any

from wporg_shelf import Release, Shelf, version_key

Answer = tuple[int, Any]
Query = Mapping[str, str]


def core_version_check(shelf: Shelf, base: str, query: Query) -> Answer:
    """The newest release first, then every newer one as an automatic update."""
    here = query.get("version", "")
    newest_first = shelf.core_versions()[::-1]
    newer = [v for v in newest_first if version_key(v) > version_key(here)]
    offers = [_offer(base, v, "upgrade" if newer else "latest") for v in newest_first[:1]]
    offers += [_offer(base, v, "autoupdate") for v in newer]
    locale = query.get("locale", "en_US")
    packs = _language_packs(shelf, base, "core", "", here)
    wanted = [{**p, "type": "core", "slug": "default"} for p in packs if p["language"] == locale]
    return 200, {"offers": offers, "translations": wanted, "ttl": 3600}


def core_stable_check(shelf: Shelf, base: str, query: Query) -> Answer:
    *older, newest = shelf.core_versions()
    return 200, {**dict.fromkeys(older, "outdated"), newest: "latest"}


def core_checksums(shelf: Shelf, base: str, query: Query) -> Answer:
    digests = shelf.digests(f"core/wordpress-{_safe(query.get('version', ''))}.zip")
    if digests is None:
        return 200, {"checksums": False}
    return 200, {"checksums": {path: md5 for path, (md5, _) in digests.items()}}


def core_translations(shelf: Shelf, base: str, query: Query) -> Answer:
    version = query.get("version") or shelf.core_versions()[-1]
    return 200, {"translations": _language_packs(shelf, base, "core", "", version)}


def plugin_translations(shelf: Shelf, base: str, query: Query) -> Answer:
    return _package_translations(shelf, base, "plugins", query)


def theme_translations(shelf: Shelf, base: str, query: Query) -> Answer:
    return _package_translations(shelf, base, "themes", query)


def _package_translations(shelf: Shelf, base: str, sort: str, query: Query) -> Answer:
    slug, version = query.get("slug", ""), query.get("version", "")
    return 200, {"translations": _language_packs(shelf, base, sort, slug, version)}


def plugins_update_check(shelf: Shelf, base: str, form: Query) -> Answer:
    installed = json.loads(form.get("plugins", "{}")).get("plugins", {})
    updates: dict[str, Any] = {}
    no_update: dict[str, Any] = {}
    for file, headers in installed.items():
        # Hello Dolly, the one plugin that WordPress brings as a single file.
        slug = "hello-dolly" if file == "hello.php" else file.partition("/")[0]
        stable = shelf.stable(slug)
        if stable is None or shelf.closed(slug):
            continue
        newer = version_key(stable.version) > version_key(headers.get("Version", ""))
        (updates if newer else no_update)[file] = _update(base, file, stable)
    return 200, {"plugins": updates, "no_update": no_update, "translations": []}


def themes_update_check(shelf: Shelf, base: str, form: Query) -> Answer:
    installed = json.loads(form.get("themes", "{}")).get("themes", {})
    updates: dict[str, Any] = {}
    no_update: dict[str, Any] = {}
    for slug, headers in installed.items():
        stable = shelf.stable(slug, "themes")
        if stable is None:
            continue
        newer = version_key(stable.version) > version_key(headers.get("Version", ""))
        (updates if newer else no_update)[slug] = {
            "theme": slug,
            "new_version": stable.version,
            "url": f"{base}/themes/{slug}/",
            "package": _theme_zip(base, stable),
            "requires": stable.requires or False,
            "requires_php": stable.requires_php or False,
        }
    return 200, {"themes": updates, "no_update": no_update, "translations": []}


def theme_information(shelf: Shelf, base: str, query: Query) -> Answer:
    """Only themes with a parent name one (api.wordpress.org/themes/info/1.2/)."""
    slug = query.get("request[slug]", "")
    stable = shelf.stable(slug, "themes")
    if query.get("action") != "theme_information" or stable is None:
        return 404, {"error": "Theme not found"}
    parent = {"parent": {"slug": stable.parent}, "template": stable.parent} if stable.parent else {}
    return 200, {
        "name": stable.name,
        "slug": slug,
        "version": stable.version,
        "author": {"display_name": stable.author},
        "requires": stable.requires or False,
        "requires_php": stable.requires_php or False,
        "last_updated": stable.updated.strftime("%Y-%m-%d"),
        "download_link": _theme_zip(base, stable),
        "versions": {r.version: _theme_zip(base, r) for r in shelf.releases(slug, "themes")},
        "sections": {"description": stable.description},
        **parent,
    }


def plugin_information(shelf: Shelf, base: str, query: Query) -> Answer:
    slug = query.get("request[slug]", "")
    if closed := shelf.closed(slug):
        return 404, {"error": "closed", "slug": slug, "closed": True, **closed}
    stable = shelf.stable(slug)
    if query.get("action") != "plugin_information" or stable is None:
        return 404, {"error": "Plugin not found."}
    return 200, {
        "name": stable.name,
        "slug": slug,
        "version": stable.version,
        "author": stable.author,
        "requires": stable.requires or False,
        "tested": stable.tested or False,
        "requires_php": stable.requires_php or False,
        "requires_plugins": [],
        "active_installs": 10,
        "last_updated": stable.updated.strftime("%Y-%m-%d %-I:%M%P GMT"),
        "download_link": _plugin_zip(base, stable),
        "versions": {r.version: _plugin_zip(base, r) for r in shelf.releases(slug)},
        "sections": {"description": stable.description},
    }


def plugin_checksums(shelf: Shelf, base: str, slug: str, version: str) -> Answer:
    digests = shelf.digests(f"plugins/{_safe(slug)}.{_safe(version)}.zip")
    if digests is None:
        return 404, {"error": "Not found."}
    files = {path: {"md5": md5, "sha256": sha256} for path, (md5, sha256) in digests.items()}
    link = f"{base}/plugin/{slug}.{version}.zip"
    return 200, {"plugin": slug, "version": version, "source": "", "zip": link, "files": files}


def _offer(base: str, version: str, response: str) -> dict[str, Any]:
    full = f"{base}/release/wordpress-{version}.zip"
    others = dict.fromkeys(("no_content", "new_bundled", "partial", "rollback"), False)
    return {
        "response": response,
        "download": full,
        "locale": "en_US",
        "packages": {"full": full, **others},
        "current": version,
        "version": version,
        "php_version": "7.2.24",
        "mysql_version": "5.5.5",
        "new_bundled": "6.7",
        "partial_version": False,
        **({"new_files": True} if response == "autoupdate" else {}),
    }


def _update(base: str, file: str, release: Release) -> dict[str, Any]:
    return {
        "id": f"w.org/plugins/{release.slug}",
        "slug": release.slug,
        "plugin": file,
        "new_version": release.version,
        "url": f"{base}/plugins/{release.slug}/",
        "package": _plugin_zip(base, release),
        "icons": {},
        "banners": {},
        "requires": release.requires or False,
        "tested": release.tested or False,
        "requires_php": release.requires_php or False,
    }


def _language_packs(
    shelf: Shelf, base: str, sort: str, slug: str, version: str
) -> list[dict[str, Any]]:
    folder = "/".join(_safe(part) for part in (sort, slug, version) if part)
    # wordpress.org says core, plugin and theme here.
    below = folder.replace(sort, sort.removesuffix("s"), 1)
    return [
        {
            "language": locale,
            "version": version,
            "updated": updated,
            "english_name": "French (France)",
            "native_name": "Français",
            "package": f"{base}/translation/{below}/{locale}.zip",
            "iso": {"1": locale[:2]},
            "strings": {"continue": "Continuer"},
            "autoupdate": True,
        }
        for locale, updated in shelf.language_packs(folder)
    ]


def _theme_zip(base: str, release: Release) -> str:
    return f"{base}/theme/{release.slug}.{release.version}.zip"


def _plugin_zip(base: str, release: Release) -> str:
    return f"{base}/plugin/{release.slug}.{release.version}.zip"


def _safe(name: str) -> str:
    """A name that cannot leave its folder."""
    return name if name.replace("-", "").replace(".", "").isalnum() else "none"
