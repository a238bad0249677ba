"""Runs a forge's own command-line tool (`gh api`, `glab api`) or git, and reads its answer.

No token is given to it or taken from it: its login is its own business, its words are shown without
any that the environment holds.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from wpstate.model.problem import Failed, Problem

_TIMEOUT_S = 60
_MOST_TOLD = 300
_DROPPED = frozenset(
    {
        # Make a tool print what it sends, its token among it.
        "GH_DEBUG", "DEBUG", "GLAB_DEBUG_HTTP", "GIT_TRACE", "GIT_TRACE_CURL", "GIT_CURL_VERBOSE",
        # Name another repository than this folder's, as in a hook of git.
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE",
    }
)  # fmt: skip
_QUIETLY = {
    "GIT_TERMINAL_PROMPT": "0",
    "GH_PROMPT_DISABLED": "1",
    "NO_PROMPT": "1",
    "NO_COLOR": "1",
}
_SHORTEST_SECRET = 6
_JSON = "Content-Type: application/json"


class ForgeTool:
    """One of them, in the folder of a repository."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._folder = folder

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """The answer as JSON; None where there is none."""
        words = ["api", "--method", method, path]
        given = None
        if body is not None:
            words += ["--header", _JSON, "--input", "-"]
            given = msgspec.json.encode(body).decode()
        said = self.run(*words, given=given)
        try:
            return msgspec.json.decode(said) if said.strip() else None
        except msgspec.DecodeError:
            raise untold(self._name, f"{method} {path}: an answer that is no JSON") from None

    def run(self, *words: str, given: str | None = None, may_fail: bool = False) -> str:
        """Raises Failed (`forge.untold`)."""
        try:
            said = ended((self._name, *words), self._folder, given=given, within_s=_TIMEOUT_S)
        except FileNotFoundError:
            raise untold(self._name, f"there is no program {self._name} here") from None
        except (OSError, subprocess.TimeoutExpired) as error:
            raise untold(self._name, f"{self._name}: {type(error).__name__}") from None
        if said.returncode and not may_fail:
            last = (said.stderr.strip().splitlines() or ["no word"])[-1]
            raise untold(
                self._name, f"{self._name}, exit code {said.returncode}: {without_secrets(last)}"
            )
        return "" if said.returncode else said.stdout


def ended(
    words: Sequence[str], folder: Path, *, within_s: int, given: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """What a tool said in this folder, whatever its exit code. Raises OSError, TimeoutExpired."""
    return subprocess.run(
        words,
        cwd=folder,
        env=_surroundings(),
        input=given or "",
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=within_s,
        check=False,
    )


def untold(name: str, found: str) -> Failed:
    return Failed(
        [
            Problem(
                "forge.untold",
                "the forge could not be told how the sites are",
                key=name,
                found=found[:_MOST_TOLD],
                why="what was done on sites is done; only who looks at the commit is not told",
                mend=f"see that `{name}` is there, logged in and may write statuses",
            )
        ]
    )


def _surroundings() -> dict[str, str]:
    """What a forge's tool may know of this process: its own login, and nothing of ours."""
    known = os.environ.items()
    kept = {k: v for k, v in known if k not in _DROPPED and not k.startswith("WPSTATE_")}
    return kept | _QUIETLY


def without_secrets(text: str) -> str:
    """Whatever variable bears a token: its value is shown nowhere."""
    for name, value in os.environ.items():
        secret = any(word in name.upper() for word in ("TOKEN", "PASSWORD", "SECRET", "KEY"))
        if secret and len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "…")
    return text
