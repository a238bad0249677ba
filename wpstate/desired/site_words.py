"""What of a fleet a change of its files can reach, told from the files that changed and from what
little is remembered of all site files. Composing what was found is left to compose."""

from collections.abc import Iterable, Iterator, Mapping

from wpstate.desired.document import read_document
from wpstate.desired.folder import CATALOG, FLEET, HOSTS, LOCK, is_code_file, name_of, sort_of
from wpstate.desired.layering import Layering
from wpstate.desired.layers import Layer, layer, lineage
from wpstate.desired.parts import Parts, profile_names, take_apart
from wpstate.desired.settings import OF_A_FILE
from wpstate.model.node import Map, written
from wpstate.model.problem import Problem, Refused
from wpstate.model.proposal import FleetTree, SiteWords
from wpstate.model.site import Host
from wpstate.model.source import SourceSpan

_REACH_ALL = (CATALOG, LOCK)


def site_words(path: str, text: str) -> SiteWords | None:
    """None where the file cannot be read: it then counts as changed, and composing says why."""
    root, problems = read_document(path, text)
    if problems or not isinstance(root, Map):
        return None
    live = root.text("staging_of")
    return SiteWords(
        profiles=tuple(name.text for name in profile_names(root)),
        staging_of=live.text if live else None,
        keys=frozenset(key for key, _ in _said(layer(root))),
    )


def fleet_words(text: str) -> dict[str, tuple[str, SourceSpan]]:
    """What fleet.yml says of the whole fleet and of no site: its name, rings, feeds."""
    root, _ = read_document(FLEET, text)
    entries = root.entries if isinstance(root, Map) else ()
    return {k.text: (written(v), v.span) for k, v in entries if k.text in OF_A_FILE}


def merged_tree(fork: FleetTree, base: FleetTree, head: FleetTree) -> FleetTree:
    """The fleet as it is once `head` is merged into `base`, file by file.

    Raises Refused (`proposal.diverged`) for files that both changed, each in its own way.
    """
    if fork.commit == base.commit:
        return head
    blobs: dict[str, str] = {}
    both: list[str] = []
    for path in sorted({*base.blobs, *head.blobs}):
        old, ours, theirs = (tree.blobs.get(path) for tree in (fork, base, head))
        if ours != theirs and old not in (ours, theirs):
            both.append(path)
        kept = ours if theirs == old else theirs
        if kept is not None:
            blobs[path] = kept
    if both:
        raise Refused([_diverged(both)])
    return FleetTree(head.commit, blobs)


def reached(
    base: FleetTree,
    head: FleetTree,
    words: Mapping[str, SiteWords],
    shared: tuple[Mapping[str, str], Mapping[str, str]],
) -> frozenset[str]:
    """Names of the sites of either fleet whose merged layers, host or bytes can differ.

    `words`: by the id of a site file's bytes, `shared`: the texts of both fleets but for sites.
    """
    names = {name_of(path): path for path in (*base.blobs, *head.blobs) if sort_of(path) == "site"}
    if any(_differs(base, head, path) for path in {*base.blobs, *head.blobs} if _is_for_all(path)):
        return frozenset(names)
    before, after = (
        take_apart(_with_names(s, t), ()) for s, t in zip(shared, (base, head), strict=True)
    )
    moved = _moved(before.hosts or {}, after.hosts or {}) if _differs(base, head, HOSTS) else ()
    found = {name for name, path in names.items() if _differs(base, head, path)} | {*moved}
    if any(_differs(base, head, path) for path in {*base.blobs, *head.blobs} if _is_layer(path)):
        lower = _Lower(before, after)
        found |= {
            name
            for name, path in names.items()
            if name not in found and lower.reaches(words.get(head.blobs[path]), head, words)
        }
    return frozenset(found | set(_stagings_of(found, names, head, words)))


def with_live_sites(
    names: Iterable[str], tree: FleetTree, words: Mapping[str, SiteWords]
) -> frozenset[str]:
    """These and the live sites that stagings among them inherit from."""
    found = set(names)
    for name in tuple(found):
        said = words.get(tree.blobs.get(f"sites/{name}.yml", ""))
        if said and said.staging_of:
            found.add(said.staging_of)
    return frozenset(found)


class _Lower:
    """The layers below the sites' own, before and after."""

    def __init__(self, before: Parts, after: Parts) -> None:
        self._parts = before, after
        self._layering = Layering(before), Layering(after)
        self._changed: dict[tuple[str, ...], frozenset[str]] = {}

    def reaches(
        self, said: SiteWords | None, tree: FleetTree, words: Mapping[str, SiteWords]
    ) -> bool:
        if said is None:
            return True
        inherited: tuple[str, ...] = ()
        if said.staging_of:
            live = words.get(tree.blobs.get(f"sites/{said.staging_of}.yml", ""))
            if live is None:
                return True
            inherited = live.profiles
        # A staging may leave out what its live site is told: told too often is no harm.
        changed = self._changed_in(said.profiles) | self._changed_in(inherited)
        return not changed <= said.keys

    def _changed_in(self, profiles: tuple[str, ...]) -> frozenset[str]:
        if profiles not in self._changed:
            before, after = (
                dict(_said(layering.base(lineage(profiles, parts.profiles))))
                for layering, parts in zip(self._layering, self._parts, strict=True)
            )
            self._changed[profiles] = frozenset(
                key for key in {*before, *after} if before.get(key) != after.get(key)
            )
        return self._changed[profiles]


def _said(merged: Layer) -> Iterator[tuple[str, str]]:
    for key, said in merged.words.items():
        if key not in OF_A_FILE:
            yield key, written(said.value)
    for name, below in merged.maps.items():
        if name not in OF_A_FILE:
            for key, said in below.items():
                yield f"{name}.{key}", written(said.value)


def _with_names(texts: Mapping[str, str], tree: FleetTree) -> dict[str, str]:
    return {**dict.fromkeys(tree.blobs, ""), **texts}


def _differs(base: FleetTree, head: FleetTree, path: str) -> bool:
    return base.blobs.get(path) != head.blobs.get(path)


def _is_for_all(path: str) -> bool:
    return path in _REACH_ALL or is_code_file(path)


def _is_layer(path: str) -> bool:
    return path == FLEET or sort_of(path) == "profile"


def _moved(before: Mapping[str, Host], after: Mapping[str, Host]) -> Iterator[str]:
    return (name for name in {*before, *after} if before.get(name) != after.get(name))


def _stagings_of(
    found: Iterable[str],
    names: Mapping[str, str],
    head: FleetTree,
    words: Mapping[str, SiteWords],
) -> Iterator[str]:
    changed = {*found}
    for name, path in names.items():
        said = words.get(head.blobs.get(path, ""))
        if said and said.staging_of in changed:
            yield name


def _diverged(paths: list[str]) -> Problem:
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return Problem(
        "proposal.diverged",
        "the base changed the same files since this change began",
        found=", ".join(paths[:5]) + more,
        why="a plan of it would take back what others merged meanwhile",
        mend="rebase the branch onto the base, or merge the base into it",
    )
