"""Objects of the git repository around a folder, by GitPython: names to commits, and bytes.

All that is ever run is `git cat-file`, which knows no hook, filter, textconv or submodule; every
transport is forbidden, so that a partial clone fetches nothing either. Nothing is checked out and
nothing is written. What names and bytes mean for a fleet is left to git_fleet.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from wpstate.model.problem import Problem, UsageError
from wpstate.model.proposal import CommitWords

_NAME = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._/-]{0,199})(?P<walk>([~^][0-9]{0,4}){0,20})")
_HEX = re.compile(r"[0-9a-f]{7,40}")
_PLACES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}")
_WHOLE = 40
_MOST_COMMIT_BYTES = 1 << 20
_LAST_S = 253_402_214_400
"""The end of the year 9999: whoever commits may claim any time."""

_CLOSED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
}


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    tree: str
    parents: tuple[str, ...]
    at_s: int


class GitObjects:
    """The repository that holds a folder. To be closed: two programs wait for questions."""

    def __init__(self, folder: Path) -> None:
        """Raises UsageError (`usage.repository`)."""
        import git

        self.top = _top(folder)
        self._git = git.Git(str(self.top))
        # Named outright: a folder of a proposal that only looks like a repository is none.
        self._git.update_environment(GIT_DIR=str(self.top / ".git"), **_CLOSED)
        self._others: dict[Path, GitObjects] = {}
        options = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "protocol.allow=never")
        self._git.set_persistent_git_options(c=list(options))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._git.clear_cache()
        for other in self._others.values():
            other._git.clear_cache()

    def other(self, folder: Path) -> "GitObjects":
        """Those of another repository on this machine, to be closed with these. Raises UsageError
        (`usage.repository`)."""
        if folder not in self._others:
            self._others[folder] = GitObjects(folder)
        return self._others[folder]

    def commit_named(self, name: str) -> Commit:
        """A branch, a tag, HEAD or an id, and steps back from it (`~2`, `^1`).

        Raises UsageError (`usage.revision`), also where a short name means two things.
        """
        found = _NAME.fullmatch(name)
        if found is None or ".." in name or "//" in name or found["name"].endswith(("/", ".lock")):
            raise UsageError([_no_revision(name, "this is no name of a revision")])
        places = [place for place in self._places(found["name"]) if self._kind(place)]
        if len({self._commit_id(place) for place in places}) > 1:
            raise UsageError([_two_revisions(name, places)])
        if not places and _HEX.fullmatch(found["name"]):
            places = [found["name"]]
        commit = self._commit_id(f"{places[0]}{found['walk']}") if places else None
        if commit is None:
            raise UsageError([_no_revision(name, "the repository has no such commit")])
        return self.commit(commit)

    def commit_before(self, at_s: float) -> Commit:
        """The newest one that is not younger, from HEAD back along first parents: as the branch
        stood. Raises UsageError (`usage.revision`)."""
        commit = self.commit_named("HEAD")
        while commit.at_s > at_s:
            try:
                commit = self.commit(commit.parents[0])
            except (IndexError, KeyError):
                raise UsageError([_no_revision("HEAD", "no commit is as old as that")]) from None
        return commit

    def commit(self, commit_id: str) -> Commit:
        """Raises KeyError where the repository does not hold it, as a shallow clone does not."""
        kind, data = self.read(commit_id, _MOST_COMMIT_BYTES)
        if kind != "commit":
            raise KeyError(commit_id)
        head = data.partition(b"\n\n")[0].decode("utf-8", "replace").split("\n")
        words = [line.split(" ") for line in head]
        moment = next((w[-2] for w in words if w[0] == "committer" and len(w) > 2), "0")
        return Commit(
            id=commit_id,
            tree=next(w[1] for w in words if w[0] == "tree"),
            parents=tuple(w[1] for w in words if w[0] == "parent"),
            at_s=min(int(moment), _LAST_S) if moment.isdecimal() and len(moment) < 20 else 0,
        )

    def words(self, commit_id: str) -> CommitWords:
        """What it says of itself. Raises as `commit` does."""
        kind, data = self.read(commit_id, _MOST_COMMIT_BYTES)
        if kind != "commit":
            raise KeyError(commit_id)
        head, _, message = data.partition(b"\n\n")
        lines = head.decode("utf-8", "replace").split("\n")
        author = next((line[7:] for line in lines if line.startswith("author ")), "")
        return CommitWords(
            id=commit_id,
            author=author.rpartition(">")[0] + ">" if ">" in author else "",
            message=message.decode("utf-8", "replace"),
            parents=tuple(line[7:] for line in lines if line.startswith("parent ")),
        )

    def size_bytes(self, object_id: str) -> int:
        """Raises KeyError where the repository does not hold it."""
        return self._header(object_id)[2]

    def read(self, object_id: str, most_bytes: int) -> tuple[str, bytes]:
        """Its kind and its bytes. Raises KeyError, ValueError where it is larger: then nothing of
        it was read."""
        if self.size_bytes(object_id) > most_bytes:
            raise ValueError(object_id)
        _, kind, _, data = self._git.get_object_data(object_id)
        return _text(kind), data

    def entries(self, tree: str, most_bytes: int) -> Iterator[tuple[int, str, str]]:
        """Mode, name and id of what is in a tree, in its order; names as bytes have them
        (`surrogateescape`). Raises as `read` does."""
        kind, data = self.read(tree, most_bytes)
        if kind != "tree":
            raise KeyError(tree)
        at = 0
        while at < len(data):
            space = data.index(b" ", at)
            end = data.index(b"\0", space)
            name = data[space + 1 : end].decode("utf-8", "surrogateescape")
            yield int(data[at:space], 8), name, data[end + 1 : end + 21].hex()
            at = end + 21

    def _places(self, name: str) -> Iterator[str]:
        whole = len(name) == _WHOLE and _HEX.fullmatch(name)
        if whole or name == "HEAD" or name.startswith("refs/"):
            yield name
        else:
            yield from (place.format(name) for place in _PLACES)

    def _kind(self, name: str) -> str | None:
        try:
            return self._header(name)[1]
        except KeyError:
            return None

    def _commit_id(self, name: str) -> str | None:
        try:
            return self._header(f"{name}^{{commit}}")[0]
        except KeyError:
            return None

    def _header(self, name: str) -> tuple[str, str, int]:
        try:
            found = self._git.get_object_header(name)
            return _text(found[0]), _text(found[1]), found[2]
        except ValueError as error:  # GitPython's word for `missing` and `ambiguous`
            raise KeyError(name) from error


def prefix_in_repository(folder: Path) -> str:
    """`clients/` for a folder of that name at a repository's top, empty for the top itself.

    Raises UsageError (`usage.repository`).
    """
    below = folder.resolve().relative_to(_top(folder)).as_posix()
    return "" if below == "." else f"{below}/"


def _text(word: str | bytes) -> str:
    """GitPython promises texts and hands out bytes (3.2.1)."""
    return word.decode() if isinstance(word, bytes) else word


def _top(folder: Path) -> Path:
    here = folder.resolve()
    for top in (here, *here.parents):
        if (top / ".git").exists():
            return top
    raise UsageError(
        [
            Problem(
                "usage.repository",
                "the fleet folder is in no git repository",
                key=str(folder),
                why="a proposed change is told by two revisions of the fleet",
                mend="git init, or name the clone with --fleet FOLDER",
            )
        ]
    )


def _no_revision(name: str, found: str) -> Problem:
    return Problem(
        "usage.revision",
        "there is no such revision to read",
        found=f"{name[:200]!r}: {found}",
        why="only commits that this repository already holds are read; nothing is fetched",
        mend="write a branch, a tag or a commit's id, such as origin/main, HEAD or HEAD~1",
    )


def _two_revisions(name: str, places: list[str]) -> Problem:
    return Problem(
        "usage.revision",
        "there is no such revision to read",
        found=f"{name[:200]!r} may be {' or '.join(places)}",
        why="whoever may push a tag or a branch must not choose whose rules hold",
        mend=f"write the whole name, such as {places[-1]}",
    )
