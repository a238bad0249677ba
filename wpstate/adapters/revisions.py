"""Which git revision a fleet folder stands at, by GitPython. Local and read-only."""

from pathlib import Path

from wpstate.model.problem import UsageError
from wpstate.model.proposal import CommitWords


class FleetRevision:
    """The revision of the repository around a fleet folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def current(self) -> tuple[str | None, bool]:
        """Revision and whether the fleet's files (`*.yml`) differ from it; saved plans and notes
        beside them don't count. (None, False) outside git and before the first commit.
        """
        import git

        try:
            with git.Repo(self._folder, search_parent_directories=True) as repository:
                revision = repository.head.commit.hexsha
                asked = repository.git
                # A repository's own configuration may name a program to run at each status.
                asked.set_persistent_git_options(c="core.fsmonitor=false")
                # An environment that names another repository (in a git hook) is not about this
                # folder, and a look takes no locks.
                with asked.custom_environment(
                    GIT_DIR=str(repository.git_dir),
                    GIT_WORK_TREE=str(repository.working_dir),
                    GIT_INDEX_FILE=str(Path(repository.git_dir) / "index"),
                    GIT_OPTIONAL_LOCKS="0",
                ):
                    below = self._folder.relative_to(Path(repository.working_dir).resolve())
                    files = f":(glob){below}/**/*.yml" if below.parts else ":(glob)**/*.yml"
                    status = asked.status("--porcelain", "--untracked-files=all", "--", files)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError, git.GitError, ValueError):
            return None, False
        return revision, bool(status.strip())

    def words(self, revision: str) -> tuple[CommitWords, CommitWords | None] | None:
        """What the commit says of itself and, where it is a merge, the last one of what it brought
        in. None where git does not hold it."""
        from wpstate.adapters.git_objects import GitObjects

        try:
            with GitObjects(self._folder) as objects:
                commit = objects.words(revision)
                brought = objects.words(commit.parents[1]) if len(commit.parents) > 1 else None
        except (UsageError, KeyError, ValueError):
            return None
        return commit, brought
