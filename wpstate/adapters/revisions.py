"""Which git revision a fleet folder stands at. Local and read-only.

Asked of the `git` program: a library would only start it too, and costs each plan 0.06 s to load.
"""

import os
import subprocess
from pathlib import Path

_LIMIT_S = 60.0


class FleetRevision:
    """The revision of the repository around a fleet folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self) -> tuple[str | None, bool]:
        """Revision and whether the fleet's files (`*.yml`) differ from it; saved plans and notes
        beside them don't count. (None, False) outside git, before the first commit and without git.
        """
        revision = self._git("rev-parse", "--verify", "HEAD^{commit}")
        # Without a slash at its start a pathspec stands below the folder (gitglossary(7)).
        files = ("--porcelain", "--untracked-files=all", "--", ":(glob)**/*.yml")
        status = None if revision is None else self._git("status", *files)
        if revision is None or status is None:
            return None, False
        return revision.strip(), bool(status.strip())

    def _git(self, *arguments: str) -> str | None:
        """What git prints; None where it fails."""
        # A repository's own configuration may name a program to run at each status.
        command = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", *arguments)
        # An environment that names another repository (in a git hook) is not about this folder.
        env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        try:
            ran = subprocess.run(
                command,
                cwd=self._folder,
                env=env,
                capture_output=True,
                timeout=_LIMIT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return ran.stdout.decode(errors="replace")
