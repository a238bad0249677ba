"""Proposes new versions: the catalog's lines and the lock of their bytes, a branch for each group.

Which ones is decided by planning.bump. One group that cannot be proposed holds up no other.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from wpstate.desired.document import read_document
from wpstate.desired.editing import Edit, edited
from wpstate.desired.folder import CATALOG, LOCK
from wpstate.model.bump import Component, Name, Outdated, Standing
from wpstate.model.node import Map, Node
from wpstate.model.problem import Failed, Problem, Refused, WpstateError
from wpstate.model.proposed import Came, Proposed, RingShare
from wpstate.planning.version_needs import lacking
from wpstate.ports.branches import Author, Branches, Change
from wpstate.ports.pull_requests import PullRequests
from wpstate.report.bump_text import body_of, title_of
from wpstate.workflows.lock import LockedVersion
from wpstate.workflows.outdated import WORDPRESS, Found

Locked = Callable[[Mapping[str, str]], tuple[str, Sequence[LockedVersion]]]
"""catalog.lock.yml of a fleet of these texts, and its entries. Raises as `lock` does."""
_BRANCHES = "wpstate/bump"


def bump(
    found: Found,
    texts: Mapping[str, str],
    *,
    base: str,
    locked: Locked,
    branches: Branches,
    pull_requests: PullRequests | None,
    into: str | None,
    author: Author,
    rings: Sequence[str] = (),
    is_whole: bool = False,
    dry_run: bool = False,
) -> tuple[Proposed, ...]:
    """Propose each group on top of the revision `base`, whose texts these are. `rings`: their
    names, first ring first. `is_whole`: all of the catalog was looked at, so that what else stands
    proposed is told."""
    several: list[Proposed] = []
    for parts in _groups(found.outdated):
        proposed = _proposed(parts, found, rings)
        if not dry_run:
            try:
                files = _files(parts, found, texts, locked)
                change = Change(
                    proposed.branch,
                    proposed.title,
                    body_of(parts, found.components, proposed.rings),
                    files,
                    author=author,
                )
                proposed = _written(proposed, change, base, branches, pull_requests, into)
            except WpstateError as error:
                proposed = replace(
                    proposed,
                    came=Came.HELD,
                    problems=error.problems,
                    is_failure=isinstance(error, Failed),
                )
        several.append(proposed)
    if is_whole:
        several.extend(_stale(branches.standing(base, _BRANCHES), several))
    return tuple(several)


def _stale(standing: Mapping[str, str], several: Sequence[Proposed]) -> Iterator[Proposed]:
    """Earlier proposals of ours that nothing proposes any more: frozen, held, or done otherwise."""
    for branch in sorted(standing.keys() - {each.branch for each in several}):
        yield Proposed(branch, standing[branch], Came.STALE, (), ())


def _groups(outdated: Sequence[Outdated]) -> Iterator[tuple[Outdated, ...]]:
    groups: dict[str, list[Outdated]] = {}
    for each in outdated:
        if each.standing is Standing.PROPOSED:
            groups.setdefault(_branch(each), []).append(each)
    yield from map(tuple, groups.values())


def _branch(each: Outdated) -> str:
    if each.group is not None:
        return f"{_BRANCHES}/together/{each.group}"
    if (each.kind, each.slug) == WORDPRESS:
        return f"{_BRANCHES}/{each.kind}"
    slug = "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in each.slug.lower())
    return f"{_BRANCHES}/{each.kind}/{slug}"


def _proposed(parts: tuple[Outdated, ...], found: Found, order: Sequence[str]) -> Proposed:
    following = {
        use.site: use.ring or ""
        for part in parts
        for use in found.components[Name(part.kind, part.slug)].uses
        if not use.pinned
    }
    count = Counter(following.values())
    rings = tuple(RingShare(ring, count[ring]) for ring in (*order, "") if ring in count)
    return Proposed(_branch(parts[0]), title_of(parts), Came.WOULD, parts, rings)


def _files(
    parts: Sequence[Outdated], found: Found, texts: Mapping[str, str], locked: Locked
) -> dict[str, bytes | None]:
    edits: dict[str, list[Edit]] = {}
    for part in parts:
        uses = found.components[Name(part.kind, part.slug)].uses
        pins = sorted({use.pin_in for use in uses if use.pin_in})
        for file, word in ((CATALOG, "approved"), *((pin, "version") for pin in pins)):
            keys = _keys(file, texts[file], part, word)
            edits.setdefault(file, []).append(Edit(keys, str(part.proposed)))
    changed = {file: edited(file, texts[file], several) for file, several in edits.items()}
    lock, entries = locked({**texts, **changed})
    for part in parts:
        _hold(found.components[Name(part.kind, part.slug)], part, entries)
    return {file: text.encode() for file, text in {**changed, LOCK: lock}.items()}


def _keys(file: str, text: str, part: Outdated, word: str) -> tuple[str, ...]:
    """Where its version stands: by itself, or under a word in its entry's map."""
    keys = (part.kind,) if (part.kind, part.slug) == WORDPRESS else (part.kind, part.slug)
    node: Node | None = read_document(file, text)[0]
    for key in keys:
        node = node.get(key) if isinstance(node, Map) else None
    return (*keys, word) if isinstance(node, Map) else keys


def _hold(component: Component, part: Outdated, entries: Sequence[LockedVersion]) -> None:
    """The bytes themselves have the last word on what they need: directories know it of their
    newest version alone."""
    for entry in entries:
        if (entry.kind, entry.slug, entry.version) == (part.kind, component.called, part.proposed):
            needs = tuple(lacking(component, entry.requires_wp, entry.requires_php))
            if needs:
                raise Refused(_needs(part, why) for why in needs)


def _written(
    proposed: Proposed,
    change: Change,
    base: str,
    branches: Branches,
    pull_requests: PullRequests | None,
    into: str | None,
) -> Proposed:
    written = branches.write(base, change)
    proposed = replace(proposed, came=Came(written.outcome.value), commit=written.commit)
    if written.commit is None:
        return proposed
    if pull_requests is None:
        return proposed
    try:
        opened = pull_requests.open(written, change, into)
    except WpstateError as error:  # the branch is there all the same
        return replace(proposed, problems=error.problems, is_failure=isinstance(error, Failed))
    return replace(
        proposed,
        pull_request=opened.address,
        declined=opened.declined,
        to_type=opened.to_type,
    )


def _needs(part: Outdated, why: str) -> Problem:
    return Problem(
        "artifact.needs",
        "sites lack what the bytes of this version need",
        key=f"{part.kind}.{part.slug}",
        found=f"{part.proposed} {why}",
        why="plans of these sites would be refused",
        mend="update PHP or WordPress there, or pin them",
    )
