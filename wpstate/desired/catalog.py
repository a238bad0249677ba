"""catalog.yml and catalog.lock.yml, checked trees, to a Catalog. Writing the lock is left to
`wpstate lock`."""

from collections.abc import Iterator

from wpstate.model.node import Map, Node, Text
from wpstate.model.problem import Problem
from wpstate.resources.catalog import CORE, Catalog, CatalogPlugin, Requirements


def read_catalog(root: Map | None, lock: Map | None) -> Catalog:
    """A Catalog of two valid trees; a missing file means that nothing is approved, or locked."""
    plugins = root.get("plugins") if root else None
    return Catalog(
        core=root.text("core") if root else None,
        plugins=dict(_plugins(plugins)) if isinstance(plugins, Map) else {},
        locked={key: _sha256(entry) for key, entry in _locked(lock)} if lock else {},
        database_versions=dict(_database_versions(lock)) if lock else {},
        required={key: _requirements(entry) for key, entry in _locked(lock)} if lock else {},
    )


def catalog_problems(catalog: Catalog) -> Iterator[Problem]:
    """An approved version that lacks its zip."""
    for slug, plugin in catalog.plugins.items():
        if plugin.zips is not None and plugin.approved.text not in plugin.zips:
            yield Problem(
                "desired.no_zip",
                "the catalog has no zip of this version",
                plugin.approved.span,
                f"plugins.{slug}.approved",
                found=f'"{plugin.approved.text}"',
                why="this plugin does not come from wordpress.org",
                mend=f"add `{plugin.approved.text}: PATH.zip` to its zips",
            )


def _plugins(entries: Map) -> Iterator[tuple[str, CatalogPlugin]]:
    for slug, entry in entries.entries:
        if isinstance(entry, Text):
            yield slug.text, CatalogPlugin(entry)
        elif isinstance(entry, Map):
            approved, named, zips = entry.text("approved"), entry.text("wordpress_org"), None
            if isinstance(paths := entry.get("zips"), Map):
                zips = {v.text: path for v, path in paths.entries if isinstance(path, Text)}
            assert approved is not None
            yield slug.text, CatalogPlugin(approved, named.text if named else None, zips)


def _locked(lock: Map) -> Iterator[tuple[tuple[str, str, str], Map]]:
    for version, entry in _entries(lock.get("core")):
        yield ("core", CORE, version), entry
    for slug, versions in _entries(lock.get("plugins")):
        for version, entry in _entries(versions):
            yield ("plugins", slug, version), entry
    for locale, components in _entries(lock.get("translations")):
        for version, entry in _entries(components.get("core")):
            yield ("translations", locale, version), entry


def _database_versions(lock: Map) -> Iterator[tuple[str, int]]:
    for version, entry in _entries(lock.get("core")):
        database = entry.text("database")
        if database:
            yield version, int(database.text)


def _entries(section: Node | None) -> Iterator[tuple[str, Map]]:
    if isinstance(section, Map):
        for name, entry in section.entries:
            if isinstance(entry, Map):
                yield name.text, entry


def _requirements(entry: Map) -> Requirements:
    php, wordpress = entry.text("requires_php"), entry.text("requires_wp")
    return Requirements(php.text if php else None, wordpress.text if wordpress else None)


def _sha256(entry: Map) -> str:
    sha256 = entry.text("sha256")
    assert sha256 is not None
    return sha256.text
