"""Which git revision a fleet folder stands at. Local and read-only."""

from pathlib import Path


class FleetRevision:
    """The revision of the repository around a fleet folder, by GitPython."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self) -> tuple[str | None, bool]:
        """Revision and whether the fleet's files (`*.yml`) differ from it; saved plans and notes
        beside them don't count. (None, False) outside git and before the first commit.
        """
        import git

        try:
            with git.Repo(self._folder, search_parent_directories=True) as repository:
                revision = repository.head.commit.hexsha
                # a repository's own configuration may name a program to run at each status
                repository.git.set_persistent_git_options(c="core.fsmonitor=false")
                below = self._folder.resolve().relative_to(repository.working_dir)
                files = f":(glob){below}/**/*.yml" if below.parts else ":(glob)**/*.yml"
                status = repository.git.status("--porcelain", "--untracked-files=all", "--", files)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError, git.GitError, ValueError):
            return None, False
        return revision, bool(status.strip())
