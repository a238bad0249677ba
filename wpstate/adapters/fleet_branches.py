"""Changes of a fleet's files as branches of its repository, each with one commit on top of a base.

A commit of ours carries a seal over all that it says. A branch that anybody else pushed commits
onto, or changed ours on, is left to them. What to propose is left to workflows; pushing to
adapters.pull_requests.
"""

import hashlib
import json
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wpstate.adapters.branch_problems import (
    checked_out,
    no_branch,
    not_written,
    others,
    shared_file,
)
from wpstate.adapters.git_fleet import GitFleet, is_no_name
from wpstate.adapters.git_fleet_problems import elsewhere, no_name
from wpstate.adapters.git_writing import NOBODY, GitWriting
from wpstate.model.problem import Failed, Refused
from wpstate.ports.branches import WPSTATE, Author, BranchWritten, Change, Outcome

TRAILER = "Wpstate-Proposal"
_BRANCH = re.compile(r"wpstate(/[a-z0-9][a-z0-9._-]{0,99}){1,3}")
_SEAL = re.compile(rf"{TRAILER}: ([0-9a-f]{{40}})\.([0-9a-f]{{40}})\n*\Z")
_MOST_TREE_BYTES = 16 << 20
_FILE = 0o100644
_NO_NAME = re.compile(r"[<>\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class _Tip:
    commit: str
    edits: str | None
    """What it proposes, where it is ours, unchanged."""
    is_merged: bool

    @property
    def is_in_the_way(self) -> bool:
        return self.edits is None and not self.is_merged


class FleetBranches:
    """Fulfils ports.Branches."""

    def __init__(self, git: GitWriting, fleet_folder: Path) -> None:
        self._git = git
        self._history = GitFleet(git, fleet_folder)
        self._below = fleet_folder.resolve().relative_to(git.top).parts

    def texts(self, base: str) -> Mapping[str, str]:
        tree = self._history.tree(base)
        return self._history.texts({path: blob for path, blob in tree.blobs.items() if blob})

    def shared(self, base: str) -> frozenset[str]:
        self._history.tree(base)
        return self._history.shared_paths

    def standing(self, base: str, below: str) -> Mapping[str, str]:
        into = self._git.commit_named(base).id
        found: dict[str, str] = {}
        for ref, commit in self._git.branches_below(below).items():
            name = ref.split("/", 2 if ref.startswith("refs/heads/") else 3)[-1]
            tip = self._tip(commit, into)
            if tip.edits is not None and not tip.is_merged:
                found[name] = self._git.message(commit).partition("\n")[0]
        return found

    def write(self, base: str, change: Change) -> BranchWritten:
        if not _BRANCH.fullmatch(change.branch) or change.branch.endswith((".", ".lock")):
            raise Refused([no_branch(change.branch)])
        if theirs := sorted(self.shared(base) & set(change.files)):
            raise Refused([shared_file(theirs[0])])
        commit = self._git.commit_named(base)
        try:
            return self._written(commit.id, commit.tree, change)
        except OSError as error:
            raise Failed([not_written(change.branch, str(error))]) from error

    def _written(self, base: str, base_tree: str, change: Change) -> BranchWritten:
        blobs = {
            path: None if data is None else self._git.blob(data)
            for path, data in change.files.items()
        }
        edited = _by_folder(self._below, blobs)
        tree = self._with(base_tree, edited, "")
        if tree is None or tree == base_tree:
            return BranchWritten(Outcome.NOTHING, change.branch, base, None)
        edits = _digest(_words(change), sorted(blobs.items()))
        named = self._git.branches_called(change.branch)
        tips = {ref: self._tip(commit, base) for ref, commit in named.items()}
        if foreign := [(ref, tip.commit) for ref, tip in tips.items() if tip.is_in_the_way]:
            raise Refused([others(change.branch, *foreign[0])])
        alike = [tip.commit for tip in tips.values() if tip.edits == edits and not tip.is_merged]
        same = [each for each in alike if self._is_just(each, base, change, edits, edited)]
        here = tips.get(f"refs/heads/{change.branch}")
        if here and here.commit in same:
            commit = here.commit
        else:
            commit = same[0] if same else self._commit(tree, base, change, edits)
        if here is None or here.commit != commit:
            if self._git.is_checked_out(change.branch):
                raise Refused([checked_out(change.branch)])
            self._git.move(change.branch, commit, here.commit if here else NOBODY)
        standing = any(not tip.is_merged for tip in tips.values())
        outcome = Outcome.SAME if same else Outcome.UPDATED if standing else Outcome.MADE
        return BranchWritten(outcome, change.branch, base, commit)

    def _commit(self, tree: str, base: str, change: Change, edits: str) -> str:
        message = f"{_message(change)}{_sealed(tree, base, change, edits)}\n"
        return self._git.commit_of(tree, base, message, _named(change.author), WPSTATE)

    def _tip(self, commit_id: str, base: str) -> _Tip:
        return _Tip(commit_id, self._edits(commit_id), self._git.is_within(commit_id, base))

    def _edits(self, commit_id: str) -> str | None:
        """What a commit of ours proposes; None where it is not ours, or not as we made it."""
        try:
            commit, message = self._git.commit(commit_id), self._git.message(commit_id)
        except (KeyError, ValueError):
            return None
        found = _SEAL.search(message)
        if found is None or len(commit.parents) != 1:
            return None
        said = message[: found.start()]
        sealed = _digest(commit.tree, commit.parents[0], _digest(said), found[1])
        return found[1] if found[2] == sealed else None

    def _is_just(
        self, commit_id: str, base: str, change: Change, edits: str, edited: "_Files"
    ) -> bool:
        """Whether a commit brings this change onto the base and nothing else: a seal is no secret,
        and what it was made on may have commits that the base has not."""
        (parent,) = self._git.commit(commit_id).parents
        if not self._git.is_within(parent, base):
            return False
        tree = self._with(self._git.commit(parent).tree, edited, "") or ""
        last = self._git.message(commit_id).rstrip("\n").rpartition("\n")[2]
        return last == _sealed(tree, parent, change, edits)

    def _with(self, tree: str | None, files: "_Files", below: str) -> str | None:
        """A tree with other files in it; None where none is left."""
        entries = {name: (mode, at) for mode, name, at in self._entries(tree)}
        for name, said in files.items():
            path = f"{below}{name}"
            if is_no_name(name):
                raise Refused([no_name(path)])
            mode, at = entries.get(name, (0, ""))
            if mode and stat.S_ISDIR(mode) != isinstance(said, dict):
                raise Refused([elsewhere(path, "a folder" if stat.S_ISDIR(mode) else "a file")])
            if mode and not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
                raise Refused([elsewhere(path, "a link or a submodule")])
            new = self._with(at or None, said, f"{path}/") if isinstance(said, dict) else said
            entries.pop(name, None)
            if new is not None:
                fresh = stat.S_IFDIR if isinstance(said, dict) else _FILE
                entries[name] = (mode or fresh, new)
        if not entries and below:
            return None
        return self._git.tree_of((mode, name, at) for name, (mode, at) in entries.items())

    def _entries(self, tree: str | None) -> tuple[tuple[int, str, str], ...]:
        return tuple(self._git.entries(tree, _MOST_TREE_BYTES)) if tree else ()


_Files = dict[str, "str | _Files | None"]
"""Blobs by name, and folders of them; None for what goes."""


def _by_folder(below: tuple[str, ...], blobs: Mapping[str, str | None]) -> _Files:
    root: _Files = {}
    for path, blob in blobs.items():
        *folders, name = (*below, *path.split("/"))
        inside = root
        for folder in folders:
            inner = inside.setdefault(folder, {})
            assert isinstance(inner, dict), path
            inside = inner
        inside[name] = blob
    return root


def _message(change: Change) -> str:
    lines = [" ".join(change.title.split())[:200], ""]
    if body := change.body.replace("\0", "").strip():
        lines += [body, ""]
    lines += [f"{name}: {' '.join(value.split())}" for name, value in change.trailers]
    text = "".join(f"{line}\n" for line in lines)
    return text.encode("utf-8", "replace").decode()


def _words(change: Change) -> str:
    return _digest(_message(change))


def _sealed(tree: str, parent: str, change: Change, edits: str) -> str:
    return f"{TRAILER}: {edits}.{_digest(tree, parent, _words(change), edits)}"


def _named(author: Author) -> Author:
    """Git writes people on one line, with < and > round their address."""
    name, email = _NO_NAME.sub(" ", author.name).strip(), _NO_NAME.sub("", author.email)
    return Author(name or WPSTATE.name, email or WPSTATE.email)


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]
