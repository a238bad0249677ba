"""What surrounds a command: the only place that reads which folders, files and secrets the
environment names. Building adapters of them is left to wiring."""

import os
from functools import cached_property
from pathlib import Path

from wpstate.adapters.secrets import taken_from
from wpstate.model.problem import Problem, UsageError
from wpstate.model.secret import Secret

_DATABASE = "WPSTATE_DATABASE"
_WITHHELD: dict[str, str] = {}
"""Out of this process's environment for good: whoever comes second finds nothing there any more."""


class Surroundings:
    def __init__(self, fleet_folder: Path | None) -> None:
        self._fleet_folder = fleet_folder
        _WITHHELD.update(taken_from(os.environ))
        # It holds a password, which is not for the programs that are started later.
        if _DATABASE in os.environ:
            _WITHHELD[_DATABASE] = os.environ.pop(_DATABASE)
        self.withheld_variables = dict(_WITHHELD)
        self._secret_variables = dict(_WITHHELD)
        url = self._secret_variables.pop(_DATABASE, None)
        self._database_url = Secret(url) if url else None

    @cached_property
    def home(self) -> Path:
        """WPSTATE_HOME: pinned host keys, ledger, artifacts."""
        named = os.environ.get("WPSTATE_HOME")
        if named:
            return Path(named)
        base = os.environ.get("XDG_STATE_HOME")
        return (Path(base) if base else self._persons_home / ".local" / "state") / "wpstate"

    @cached_property
    def _persons_home(self) -> Path:
        """Of whoever runs this. A number without a name (a container's) and without HOME has none:
        then nothing is found there."""
        try:
            return Path.home()
        except RuntimeError:
            return Path("/nonexistent")

    @property
    def branch(self) -> str:
        """Which is applied from, as GitLab's jobs say."""
        return os.environ.get("CI_COMMIT_BRANCH") or os.environ.get("CI_DEFAULT_BRANCH") or "main"

    @cached_property
    def _vault_folder(self) -> Path:
        """Zips of what no public source carries: WPSTATE_VAULT, else below WPSTATE_HOME."""
        named = os.environ.get("WPSTATE_VAULT")
        return Path(named) if named else self.home / "vault"

    @cached_property
    def fleet_folder(self) -> Path:
        """The folder that was named, else the nearest one upwards with a fleet.yml."""
        if self._fleet_folder is not None:
            return self._fleet_folder
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / "fleet.yml").is_file():
                return folder
        raise UsageError(
            [
                Problem(
                    slug="usage.fleet",
                    what="no fleet folder here",
                    found=f"no fleet.yml in {here} or above it",
                    why="desired state is read from a fleet folder",
                    mend="cd into it, pass --fleet FOLDER, or set WPSTATE_FLEET",
                )
            ]
        )

    @property
    def _pins(self) -> tuple[Path, Path]:
        """Files of pinned host keys: ours first, then the user's own."""
        return self.home / "known_hosts", self._persons_home / ".ssh" / "known_hosts"

    @cached_property
    def _key_file(self) -> Path | None:
        named = os.environ.get("WPSTATE_SSH_KEY")
        return Path(named) if named else None

    @property
    def _vault_password(self) -> Path | None:
        """The file with the password of the fleet's vaults."""
        named = os.environ.get("WPSTATE_VAULT_PASSWORD_FILE")
        return Path(named) if named else None

    @property
    def step_summary(self) -> Path | None:
        """The file that GitHub Actions shows below a job."""
        named = os.environ.get("GITHUB_STEP_SUMMARY")
        return Path(named) if named else None
