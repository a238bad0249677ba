"""Which git revision a fleet folder stands at. Local and read-only."""

from pathlib import Path


class FleetRevision:
    """The revision of the repository around a fleet folder, by GitPython."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self) -> tuple[str | None, bool]:
        """Revision and whether files below the fleet folder differ from it.

        (None, False) outside git and before the first commit.
        """
        import git

        try:
            with git.Repo(self._folder, search_parent_directories=True) as repository:
                revision = repository.head.commit.hexsha
                status = repository.git.status(
                    "--porcelain", "--untracked-files=all", "--", str(self._folder)
                )
        except (git.InvalidGitRepositoryError, git.NoSuchPathError, git.GitError, ValueError):
            return None, False
        return revision, bool(status.strip())
