"""A fleet folder taken apart: which files are sound, and what they say of each other.

Merging them is left to layers, making sites of them to compose.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from wpstate.desired.catalog import catalog_problems, read_catalog
from wpstate.desired.document import read_document
from wpstate.desired.folder import (
    CATALOG,
    FLEET,
    HOSTS,
    LOCK,
    MOST_CODE_BYTES,
    is_code_file,
    look_alike,
    name_of,
    sort_of,
)
from wpstate.desired.hosts import read_hosts
from wpstate.desired.layers import loops, parents
from wpstate.desired.secrets import misplaced
from wpstate.desired.staging import staging_problems
from wpstate.desired.validate import check, sound
from wpstate.model.node import Items, Map, Text
from wpstate.model.problem import Problem
from wpstate.model.site import Host
from wpstate.model.source import SourceSpan
from wpstate.resources.catalog import Catalog
from wpstate.resources.nearest import nearest


@dataclass(frozen=True, slots=True)
class Parts:
    """The sound files of a fleet. What could not be read is None, and told in `problems`."""

    fleet: Map | None
    profiles: Mapping[str, Map]
    sites: Mapping[str, Map]
    hosts: Mapping[str, Host] | None
    catalog: Catalog | None
    problems: tuple[Problem, ...]


def take_apart(texts: Mapping[str, str], only: Collection[str] | None = None) -> Parts:
    """Read and check every file, then the references between files. Never raises. `only`: of the
    sites these; it is enough that the others' paths are there."""
    problems = list(_folder_problems(texts))
    roots: dict[str, Map] = {}
    for path, text in texts.items():
        sort = sort_of(path)
        if sort == "site" and only is not None and name_of(path) not in only:
            continue
        if sort is not None:
            root, found = _read(path, sort, text)
            problems.extend(found)
            if root is not None:
                roots[path] = root
    profiles = {name_of(p): root for p, root in roots.items() if sort_of(p) == "profile"}
    sites = {name_of(p): root for p, root in roots.items() if sort_of(p) == "site"}
    catalog = None
    if all(path in roots or path not in texts for path in (CATALOG, LOCK)):
        catalog = read_catalog(roots.get(CATALOG), roots.get(LOCK))
        catalog = replace(catalog, files=dict(_code_files(texts)))
        problems.extend(catalog_problems(catalog))
    hosts = None
    if HOSTS in roots:
        hosts, found = read_hosts(roots[HOSTS])
        problems.extend(found)
        problems.extend(_homeless(sites, roots[HOSTS]))
        written = (name_of(path) for path in texts if sort_of(path) == "site")
        problems.extend(_siteless(dict.fromkeys(written), roots[HOSTS]))
    known = _names(texts, "profile")
    problems.extend(_missing_profiles((*profiles.values(), *sites.values()), known))
    problems.extend(loops(profiles))
    problems.extend(staging_problems(sites, _names(texts, "site")))
    return Parts(roots.get(FLEET), profiles, sites, hosts, catalog, tuple(problems))


def _names(texts: Mapping[str, str], sort: str) -> tuple[str, ...]:
    return tuple(sorted(name_of(path) for path in texts if sort_of(path) == sort))


def _code_files(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """sha256 by path, of those that are not too large."""
    for path, text in texts.items():
        if is_code_file(path):
            data = text.encode("utf-8", "surrogateescape")
            if len(data) <= MOST_CODE_BYTES:
                yield path, hashlib.sha256(data).hexdigest()


def _read(path: str, sort: str, text: str) -> tuple[Map | None, tuple[Problem, ...]]:
    """Two revisions of a fleet share nearly all that is not about one site."""
    return _read_anew(path, sort, text) if sort == "site" else _read_once(path, sort, text)


@lru_cache(maxsize=64)
def _read_once(path: str, sort: str, text: str) -> tuple[Map | None, tuple[Problem, ...]]:
    return _read_anew(path, sort, text)


def _read_anew(path: str, sort: str, text: str) -> tuple[Map | None, tuple[Problem, ...]]:
    """A sound tree. Of a layer with problems what is sound is kept, so that its references and
    plugins are checked in the same breath; others are read whole or not at all."""
    root, problems = read_document(path, text)
    if root is not None:
        problems += tuple(misplaced(root))
        told = {problem.where for problem in problems}
        problems += tuple(each for each in check(sort, root) if each.where not in told)
    if not isinstance(root, Map) or (problems and sort not in ("fleet", "profile", "site")):
        return None, problems
    return sound(root, problems), problems


def _folder_problems(texts: Mapping[str, str]) -> Iterator[Problem]:
    for path in texts:
        problem = look_alike(path)
        if problem:
            yield problem
        elif sort_of(path) in ("site", "profile"):
            yield from check("layer#/$defs/name", Text(name_of(path), SourceSpan(path, 1, 1)))
    for path, mend in ((FLEET, "name: NAME"), (HOSTS, "all: {hosts: {}}")):
        if path not in texts:
            yield Problem(
                "fleet.missing_file",
                "a fleet lacks one of its files",
                SourceSpan(path, 1, 1),
                why="a folder without it is no fleet folder",
                mend=f"write {path}, beginning with `{mend}`",
            )


def profile_names(root: Map) -> tuple[Text, ...]:
    """The profiles that a site names, in its order."""
    named = root.get("profiles")
    items = named.items if isinstance(named, Items) else ()
    return tuple(item for item in items if isinstance(item, Text))


def _missing_profiles(roots: tuple[Map, ...], known: tuple[str, ...]) -> Iterator[Problem]:
    for root in roots:
        extends = parents(root)
        for name in (*profile_names(root), *extends):
            if name.text not in known:
                close = nearest(name.text, known)
                yield Problem(
                    "desired.no_profile",
                    "there is no such profile",
                    name.span,
                    "extends" if name in extends else "profiles",
                    found=f'"{name.text}"',
                    why="profiles there are: " + (", ".join(known) or "none"),
                    mend=f"write {close}" if close else f"write profiles/{name.text}.yml",
                )


def _homeless(sites: Mapping[str, Map], root: Map) -> Iterator[Problem]:
    """Sites that hosts.yml does not place."""
    placed = dict.fromkeys(name.text for name in _placed(root))
    for name, site in sites.items():
        if name not in placed:
            close = nearest(name, tuple(each for each in placed if each not in sites))
            yield Problem(
                "desired.no_host",
                "site has no host",
                SourceSpan(site.span.file, 1, 1),
                name,
                why="hosts.yml has no entry of this name" + (f"; it has {close}" if close else ""),
                mend=f"add `{name}: {{wp_path: /PATH}}` to hosts.yml, below all: hosts:",
            )


def _siteless(written: Collection[str], root: Map) -> Iterator[Problem]:
    """Places that no site file uses: a site that somebody believes to be looked after."""
    placed = {name.text for name in _placed(root)}
    for name in _placed(root):
        if name.text not in written:
            close = nearest(name.text, tuple(each for each in written if each not in placed))
            yield Problem(
                "hosts.no_site",
                "host has no site",
                name.span,
                f"all.hosts.{name.text}",
                why=f"there is no sites/{name.text}.yml" + (f"; there is {close}" if close else ""),
                mend=f"write sites/{name.text}.yml, or delete this entry",
            )


def _placed(root: Map) -> tuple[Text, ...]:
    """The names that hosts.yml places."""
    everything = root.get("all")
    entries = everything.get("hosts") if isinstance(everything, Map) else None
    return tuple(name for name, _ in entries.entries) if isinstance(entries, Map) else ()
