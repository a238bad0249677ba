"""New objects and branches of the git repository around a folder: what git_objects reads.

Blobs, trees and commits go into the object store and a name is put on the last one. Index and
working tree are never opened; no hook runs, nothing is signed, no filter sees the bytes.
"""

import tempfile
from collections.abc import Iterable, Mapping
from io import BytesIO

from wpstate.adapters.git_objects import GitObjects
from wpstate.ports.branches import WPSTATE, Author

NOBODY = "0" * 40
"""As the former commit of a branch that must not be there yet."""


class GitWriting(GitObjects):
    def blob(self, data: bytes) -> str:
        return self._told("hash-object", "-w", "-t", "blob", "--stdin", said=data)

    def tree_of(self, entries: Iterable[tuple[int, str, str]]) -> str:
        """Mode, name and id of each, in any order."""
        lines = (
            f"{mode:06o} {_SORTS.get(mode, 'blob')} {object_id}\t{name}\0"
            for mode, name, object_id in entries
        )
        said = "".join(lines).encode("utf-8", "surrogateescape")
        return self._told("mktree", "-z", "--missing", said=said)

    def commit_of(
        self, tree: str, parent: str, message: str, author: Author, committer: Author
    ) -> str:
        told = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
        }
        said = message.encode("utf-8", "replace")
        return self._told("commit-tree", tree, "-p", parent, "-F", "-", said=said, told=told)

    def person(self) -> Author:
        """Whom git takes its user for; wpstate where nobody told it."""
        import git

        asked = git.Git(str(self.top))  # with the person's own settings, which this only reads
        words = (
            asked.config("--get", f"user.{key}", with_exceptions=False) for key in ("name", "email")
        )
        name, email = (str(word).strip() for word in words)
        return Author(name, email) if name and email else WPSTATE

    def message(self, commit_id: str) -> str:
        """Raises KeyError where the repository does not hold it."""
        _, data = self.read(commit_id, 1 << 20)
        return data.partition(b"\n\n")[2].decode("utf-8", "replace")

    def branches_called(self, name: str) -> dict[str, str]:
        """Commits by whole name: the branch of this repository, and what each remote was last seen
        to have."""
        here = f"refs/heads/{name}"
        found = self._refs(here, f"refs/remotes/*/{name}")
        return {r: c for r, c in found.items() if r == here or r.split("/", 3)[3] == name}

    def branches_below(self, folder: str) -> dict[str, str]:
        """The same of all whose name begins so, each by its whole name."""
        return self._refs(f"refs/heads/{folder}/**", f"refs/remotes/*/{folder}/**")

    def _refs(self, *patterns: str) -> dict[str, str]:
        import git

        try:
            lines = self._git.for_each_ref("--format=%(objectname) %(refname)", *patterns)
        except git.GitCommandError as error:
            raise OSError(str(error.stderr)[:300]) from error
        found = (line.partition(" ") for line in str(lines).splitlines())
        return {ref: commit for commit, _, ref in found}

    def is_checked_out(self, name: str) -> bool:
        lines = str(self._git.worktree("list", "--porcelain")).splitlines()
        return f"branch refs/heads/{name}" in lines

    def is_within(self, commit: str, other: str) -> bool:
        """Whether `other` is built on it, or is it."""
        import git

        try:
            self._git.merge_base("--is-ancestor", commit, other)
        except git.GitCommandError:
            return False
        return True

    def move(self, name: str, commit: str, before: str) -> None:
        """Put the branch on a commit. Raises OSError where it is not on `before` any more, or
        cannot be written."""
        ref = f"refs/heads/{name}"
        self._told("update-ref", "--no-deref", "-m", "wpstate", ref, commit, before)

    def _told(self, *words: str, said: bytes = b"", told: Mapping[str, str] | None = None) -> str:
        """What git answers to words, and to bytes on its standard input. Raises OSError."""
        import git

        environment = {**(told or {}), "GIT_ALLOW_PROTOCOL": "none"}
        with tempfile.TemporaryFile() as given:
            given.write(BytesIO(said).getbuffer())
            given.seek(0)
            command = ["git", *_PLAINLY, *words]
            try:
                return str(self._git.execute(command, istream=given, env=environment)).strip()
            except git.GitCommandError as error:
                raise OSError(str(error.stderr)[:300]) from error


_SORTS = {0o040000: "tree", 0o160000: "commit"}
_PLAINLY = (
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "i18n.commitEncoding=UTF-8",
    "-c",
    "commit.gpgSign=false",
)
