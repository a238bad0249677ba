"""A fleet's files as a git revision has them: which there are, and their texts.

The same files as fleet_files reads from a folder, out of the object store. Links and submodules
that stand in the place of one are refused, never followed.
"""

import heapq
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from wpstate.adapters.fleet_files import MAX_FILES
from wpstate.adapters.git_fleet_problems import (
    elsewhere,
    lacking,
    no_fleet,
    no_name,
    not_shared,
    other_repository,
    too_large,
    too_many,
    unrelated,
)
from wpstate.adapters.git_objects import Commit, GitObjects
from wpstate.desired.document import MAX_SIZE_BYTES
from wpstate.desired.folder import FLEET, MOST_CODE_BYTES, is_code_file, look_alike, sort_of
from wpstate.desired.shared import doubled, is_shared, joined, shared_of
from wpstate.model.problem import InvalidDesiredState, Problem, Refused, UsageError
from wpstate.model.proposal import FleetTree
from wpstate.model.shared import Shared

MOST_COMMITS = 50_000
"""Looked at to find where two revisions went apart."""
_MOST_TREE_BYTES = 16 << 20
_DEEPEST = 2
_DEEPEST_BELOW = 8
_MOST_BELOW = 5_000
_LINK, _SUBMODULE = 0o120000, 0o160000
_FOLDERS = ("profiles", "sites", "files")


class GitFleet:
    """Fulfils ports.History and ports.Past."""

    def __init__(self, objects: GitObjects, fleet_folder: Path) -> None:
        self._objects = objects
        self._below = fleet_folder.resolve().relative_to(objects.top).parts
        self._folder = fleet_folder
        self._shares: Shared | None = None
        self._knows_what_it_shares = False
        self._theirs: dict[str, GitObjects] = {}
        """Objects of another repository, by id."""
        self.shared_paths: frozenset[str] = frozenset()
        """Of the tree that was read last: what another repository's files say."""
        self._listed: dict[str, tuple[tuple[int, str, str], ...]] = {}
        self._met = 0

    def tree(self, name: str) -> FleetTree:
        return self._tree(self._objects.commit_named(name))

    def named(self, name: str) -> tuple[FleetTree, datetime]:
        commit = self._objects.commit_named(name)
        return self._tree(commit), datetime.fromtimestamp(commit.at_s, UTC)

    def at(self, moment: datetime) -> tuple[FleetTree, datetime]:
        commit = self._objects.commit_before(moment.timestamp())
        return self._tree(commit), datetime.fromtimestamp(commit.at_s, UTC)

    def fork(self, base: FleetTree, head: FleetTree) -> FleetTree:
        commit = self._fork(base.commit, head.commit)
        if commit is None:
            raise Refused([unrelated(base.commit, head.commit)])
        return base if commit.id == base.commit else self._tree(commit, is_fork=True)

    def shared_blobs(self, shared: Shared) -> dict[str, str]:
        """What counts of this repository where a fleet shares it. Raises InvalidDesiredState."""
        try:
            commit = self._objects.commit(shared.commit)
        except KeyError:
            raise InvalidDesiredState([not_shared(shared, "it has no such commit")]) from None
        blobs = self._own(commit)
        return {path: blob for path, blob in blobs.items() if blob and is_shared(path)}

    def texts(self, blobs: Mapping[str, str]) -> dict[str, str]:
        texts: dict[str, str] = {}
        problems: list[Problem] = []
        for path, blob in blobs.items():
            most_bytes = MOST_CODE_BYTES if is_code_file(path) else MAX_SIZE_BYTES
            try:
                objects = self._theirs.get(blob, self._objects)
                data = objects.read(blob, most_bytes)[1] if blob else b""
            except ValueError:
                problems.append(too_large(path, most_bytes))
            except KeyError:
                problems.append(lacking(path, blob))
            else:
                texts[path] = data.decode("utf-8", "surrogateescape")
        if problems:
            raise InvalidDesiredState(problems)
        return texts

    def files_below(self, commit_id: str, path: str) -> dict[str, bytes]:
        """Plain files of the fleet folder at or below a path, a few thousand at most, none of them
        large. What is none, or is not there, is left out."""
        root = self._fleet_root(self._objects.commit(commit_id))
        *above, last = path.split("/")
        for step in above:
            inner = {name: (mode, at) for mode, name, at in self._entries(root)}
            mode, root = inner.get(step, (0, ""))
            if not stat.S_ISDIR(mode):
                return {}
        found: dict[str, bytes] = {}
        for mode, name, object_id in self._entries(root):
            if name == last:
                self._take(found, mode, path, object_id, _DEEPEST_BELOW)
        return found

    def _take(
        self, found: dict[str, bytes], mode: int, path: str, object_id: str, deep: int
    ) -> None:
        if len(found) >= _MOST_BELOW or is_no_name(path.rpartition("/")[2]):
            return
        if stat.S_ISDIR(mode) and deep:
            for inner_mode, name, inner in self._entries(object_id):
                self._take(found, inner_mode, f"{path}/{name}", inner, deep - 1)
        elif stat.S_ISREG(mode) and self._objects.size_bytes(object_id) <= MAX_SIZE_BYTES:
            found[path] = self._objects.read(object_id, MAX_SIZE_BYTES)[1]

    def _tree(self, commit: Commit, *, is_fork: bool = False) -> FleetTree:
        blobs = self._own(commit)
        theirs = self._shared(blobs, is_fork=is_fork)
        self.shared_paths = frozenset(theirs)
        return FleetTree(commit.id, dict(sorted({**blobs, **theirs}.items())))

    def _shared(self, blobs: Mapping[str, str], *, is_fork: bool) -> dict[str, str]:
        """Whose files count beside our own is said by the revision that is read first: the base. A
        proposal that names another repository would read what its author may not."""
        fleet = self.texts({FLEET: blobs[FLEET]})[FLEET] if blobs.get(FLEET) else ""
        shared = shared_of(fleet)
        if not self._knows_what_it_shares:
            self._shares, self._knows_what_it_shares = shared, True
        if (shared and shared.path) != (self._shares and self._shares.path):
            if is_fork or shared is None:
                return {}
            raise Refused([other_repository(shared, self._shares)])
        if shared is None:
            return {}
        with _told_as_shared(shared):
            objects = self._objects.other((self._folder / shared.path).resolve())
        theirs = GitFleet(objects, self._folder / shared.path).shared_blobs(shared)
        if problems := tuple(doubled(blobs, theirs, shared.span)):
            raise InvalidDesiredState(problems)
        found = {path: theirs[path] for path in joined(blobs, theirs)}
        self._theirs |= dict.fromkeys(found.values(), objects)
        return found

    def _own(self, commit: Commit) -> dict[str, str]:
        self._met = 0
        try:
            root = self._fleet_root(commit)
            found = list(self._files(root, ""))
        except (KeyError, ValueError) as error:
            raise InvalidDesiredState([lacking(".", str(error.args[0]))]) from None
        problems = [each for each in found if isinstance(each, Problem)]
        blobs = dict(sorted(each for each in found if not isinstance(each, Problem)))
        if problems:
            raise InvalidDesiredState(problems)
        return blobs

    def _fleet_root(self, commit: Commit) -> str:
        tree = commit.tree
        for step in self._below:
            inner = {name: (mode, at) for mode, name, at in self._entries(tree)}
            mode, at = inner.get(step, (0, ""))
            if not stat.S_ISDIR(mode):
                raise InvalidDesiredState([no_fleet(commit.id, "/".join(self._below))])
            tree = at
        return tree

    def _files(self, tree: str, below: str) -> Iterator[tuple[str, str] | Problem]:
        entries = self._entries(tree)
        self._met += len(entries)  # one small tree may stand in a thousand places
        if self._met > MAX_FILES:
            raise InvalidDesiredState([too_many(below or ".")])
        for mode, name, object_id in entries:
            path = f"{below}{name}"
            if is_no_name(name):
                yield no_name(path)
            elif name.startswith("."):
                continue
            elif stat.S_ISDIR(mode):
                if below.count("/") < _DEEPEST:
                    yield from self._files(object_id, f"{path}/")
            elif mode in (_LINK, _SUBMODULE) and (_is_read(path) or path in _FOLDERS):
                yield elsewhere(path, "a link" if mode == _LINK else "a submodule")
            elif _is_read(path):
                yield path, object_id
            elif look_alike(path):
                yield path, ""

    def _entries(self, tree: str) -> tuple[tuple[int, str, str], ...]:
        if tree not in self._listed:
            self._listed[tree] = tuple(self._objects.entries(tree, _MOST_TREE_BYTES))
        return self._listed[tree]

    def _fork(self, one: str, other: str) -> Commit | None:
        """The newest commit that both are built on; None where none is held here."""
        seen: dict[str, int] = {}
        heap: list[tuple[int, str]] = []
        commits: dict[str, Commit] = {}

        def reach(commit_id: str, by: int) -> None:
            known = seen.get(commit_id, 0)
            if known | by == known:
                return
            if commit_id not in commits:
                try:
                    commits[commit_id] = self._objects.commit(commit_id)
                except KeyError:  # a shallow clone ends here
                    return
            seen[commit_id] = known | by
            heapq.heappush(heap, (-commits[commit_id].at_s, commit_id))

        reach(one, 1)
        reach(other, 2)
        while heap and len(commits) < MOST_COMMITS:
            _, commit_id = heapq.heappop(heap)
            if seen[commit_id] == 3:
                return commits[commit_id]
            for parent in commits[commit_id].parents:
                reach(parent, seen[commit_id])
        return None


@contextmanager
def shared_repository(fleet_folder: Path, shared: Shared) -> Iterator[GitFleet]:
    """Raises InvalidDesiredState (`fleet.shared`)."""
    place = (fleet_folder / shared.path).resolve()
    with _told_as_shared(shared):
        objects = GitObjects(place)
    with objects:
        yield GitFleet(objects, place)


@contextmanager
def _told_as_shared(shared: Shared) -> Iterator[None]:
    try:
        yield
    except UsageError:
        raise InvalidDesiredState([not_shared(shared, "no git repository is there")]) from None


def _is_read(path: str) -> bool:
    return sort_of(path) is not None or is_code_file(path)


def is_no_name(name: str) -> bool:
    return name in ("", ".", "..") or "/" in name or name.lower() == ".git"
