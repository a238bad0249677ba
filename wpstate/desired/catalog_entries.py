"""Entries of catalog.yml, plugins and themes alike: a version, or a map of what is known of it.

The schema has checked each form; what does not go together is told here.
"""

from collections.abc import Iterator, Mapping

from wpstate.model.identity import Identity
from wpstate.model.node import Map, Node, Text, written
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan
from wpstate.resources.catalog import (
    GIT,
    VAULT,
    WORDPRESS_ORG,
    CatalogPlugin,
    Repository,
    Zip,
)

_BESIDE = {
    "wordpress_org": (WORDPRESS_ORG,),
    "zips": (VAULT,),
    "git": (GIT,),
}
"""Keys that belong to one source."""
_TOLD = ("owner", "reason", "licence", "alternatives", "review")


def read_entries(section: Node | None) -> dict[str, CatalogPlugin]:
    """The entries of one section, by slug; none where it is not written."""
    if not isinstance(section, Map):
        return {}
    return {slug.text: _entry(value) for slug, value in section.entries}


def entry_problems(kind: str, entries: Mapping[str, CatalogPlugin]) -> Iterator[Problem]:
    for slug, entry in entries.items():
        key = f"{kind}.{slug}"
        yield from _source_problems(key, entry)
        if entry.approved is None:
            if entry.is_ours:
                yield Problem(
                    "desired.missing_key",
                    "a key is missing",
                    entry.span,
                    f"{key}.approved",
                    mend="add `approved: VERSION`",
                )
        elif entry.zips is not None and entry.approved.text not in entry.zips:
            yield Problem(
                "desired.no_zip",
                "the catalog has no zip of this version",
                entry.approved.span,
                f"{key}.approved",
                found=f'"{entry.approved.text}"',
                why="it does not come from wordpress.org",
                mend=f"add `{entry.approved.text}: PATH.zip` to its zips",
            )


def _source_problems(key: str, entry: CatalogPlugin) -> Iterator[Problem]:
    present = {
        "wordpress_org": entry.wordpress_org is not None,
        "zips": entry.zips is not None,
        "git": entry.repository is not None,
    }
    for name, there in present.items():
        if there and entry.source not in _BESIDE[name]:
            yield _contradiction(key, entry.span, f"{name} beside source {entry.source}")
    if entry.source == GIT and entry.repository is None:
        yield Problem(
            "desired.missing_key",
            "a key is missing",
            entry.span,
            f"{key}.git",
            mend="add `git: {repository: ADDRESS}`",
        )


def _contradiction(key: str, span: SourceSpan | None, found: str) -> Problem:
    return Problem(
        "desired.contradiction",
        "an entry of the catalog names two sources",
        span,
        key,
        found=found,
        why="a version's bytes come from one place",
        mend="delete one of the two",
    )


def _entry(value: Node) -> CatalogPlugin:
    if not isinstance(value, Map):
        assert isinstance(value, Text)
        return CatalogPlugin(value, span=value.span)
    repository, zips = _repository(value.get("git")), _zips(value.get("zips"))
    implied = GIT if repository else VAULT if zips is not None else WORDPRESS_ORG
    return CatalogPlugin(
        approved=value.text("approved"),
        wordpress_org=_text(value, "wordpress_org"),
        zips=zips,
        source=_text(value, "source") or implied,
        repository=repository,
        identity=_identity(value.get("identity")),
        family=value.text("family"),
        review=value.text("review"),
        told={key: written(node) for key in _TOLD if (node := value.get(key))},
        licensed_until=_licensed_until(value.get("licence")),
        span=value.span,
    )


def _licensed_until(node: Node | None) -> Text | None:
    return node.text("until") if isinstance(node, Map) else None


def _zips(node: Node | None) -> dict[str, Zip] | None:
    if not isinstance(node, Map):
        return None
    return {version.text: _zip(place) for version, place in node.entries}


def _zip(place: Node) -> Zip:
    if isinstance(place, Map):
        return Zip(_text(place, "url") or "", _text(place, "sha256"))
    assert isinstance(place, Text)
    return Zip(place.text)


def _repository(node: Node | None) -> Repository | None:
    if not isinstance(node, Map):
        return None
    return Repository(
        _text(node, "repository") or "",
        _text(node, "tag") or "v{version}",
        _text(node, "folder") or "",
    )


def _identity(node: Node | None) -> Identity | None:
    if not isinstance(node, Map):
        return None
    return Identity(_text(node, "author"), _text(node, "text_domain"), _text(node, "update_uri"))


def _text(node: Map, key: str) -> str | None:
    found = node.text(key)
    return found.text if found else None
