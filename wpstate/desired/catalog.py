"""catalog.yml and catalog.lock.yml, checked trees, to a Catalog. Writing the lock is left to
`wpstate lock`."""

from collections.abc import Iterable, Iterator

from wpstate.desired.catalog_entries import entry_problems, read_entries
from wpstate.model.identity import Identity
from wpstate.model.node import Map, Node, Text
from wpstate.model.problem import Problem
from wpstate.resources.catalog import CORE, PACKAGES, Catalog, Requirements
from wpstate.resources.language_packs import PACKS, joined_name
from wpstate.resources.versions import compare


def read_catalog(root: Map | None, lock: Map | None) -> Catalog:
    """A Catalog of two valid trees; a missing file means that nothing is approved, or locked."""
    forbidden = root.get("forbidden") if root else None
    identities = dict(_identities(lock)) if lock else {}
    return Catalog(
        core=root.text("core") if root else None,
        plugins=read_entries(root.get("plugins") if root else None),
        themes=read_entries(root.get("themes") if root else None),
        locked={key: _sha256(entry) for key, entry in _locked(lock)} if lock else {},
        database_versions=dict(_database_versions(lock)) if lock else {},
        required={key: _requirements(entry) for key, entry in _locked(lock)} if lock else {},
        identities=identities,
        newest=_newest(identities),
        revisions=dict(_revisions(lock)) if lock else {},
        forbidden=dict(_reasons(forbidden)),
    )


def catalog_problems(catalog: Catalog) -> Iterator[Problem]:
    """Entries whose words do not go together."""
    for kind in PACKAGES:
        yield from entry_problems(kind, catalog.entries(kind))


def _reasons(forbidden: Node | None) -> Iterator[tuple[str, Text]]:
    if isinstance(forbidden, Map):
        for slug, why in forbidden.entries:
            if isinstance(why, Text):
                yield slug.text, why


def _locked(lock: Map) -> Iterator[tuple[tuple[str, str, str], Map]]:
    for version, entry in _entries(lock.get("core")):
        yield ("core", CORE, version), entry
    for kind in PACKAGES:
        for slug, versions in _entries(lock.get(kind)):
            for version, entry in _entries(versions):
                yield (kind, slug, version), entry
    for locale, components in _entries(lock.get("translations")):
        for component, versions in _entries(components):
            for version, entry in _entries(versions):
                yield (PACKS, joined_name(locale, component), version), entry


def _identities(lock: Map) -> Iterator[tuple[tuple[str, str, str], Identity]]:
    for key, entry in _locked(lock):
        recorded = entry.get("identity")
        if isinstance(recorded, Map):
            headers = (recorded.text(name) for name in ("author", "text_domain", "update_uri"))
            yield key, Identity(*(text.text if text else "" for text in headers))


def _revisions(lock: Map) -> Iterator[tuple[tuple[str, str, str], str]]:
    for key, entry in _locked(lock):
        revision = entry.text("revision")
        if revision is not None:
            yield key, revision.text


def _newest(versions: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    newest: dict[tuple[str, str], str] = {}
    for kind, slug, version in versions:
        if compare(version, newest.get((kind, slug), "")) >= 0:
            newest[kind, slug] = version
    return newest


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
    parent = entry.text("parent")
    return Requirements(
        php.text if php else None,
        wordpress.text if wordpress else None,
        parent.text if parent else None,
    )


def _sha256(entry: Map) -> str:
    sha256 = entry.text("sha256")
    assert sha256 is not None
    return sha256.text
