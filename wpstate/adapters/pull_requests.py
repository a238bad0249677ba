"""Pull and merge requests through the forge's own command-line tool, `gh` or `glab`, as whoever
runs wpstate is signed in there; without one the branch stays in this repository, with what to type.

Only `git push` and these tools ever reach the forge: wpstate keeps no token of it.
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wpstate.adapters.branch_problems import forge_failed, moved
from wpstate.adapters.forge_tool import ended, without_secrets
from wpstate.model.problem import Failed, Refused
from wpstate.ports.branches import BranchWritten, Change
from wpstate.ports.pull_requests import Opened
from wpstate.resources.foreign_text import visible

_HOST = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://(?:[^@/]*@)?|(?:[\w.-]+@)(?=[\w.-]+:))"
    r"([A-Za-z0-9.-]+)(?::[0-9]+(?=/))?[/:](.+?)(?:\.git)?/?"
)
_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f]{1,500}")
_WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class _Request:
    address: str
    is_open: bool
    is_declined: bool
    commit: str


class _GitHub:
    tool = "gh"

    def __init__(self, host: str, path: str) -> None:
        self._repository = ("--repo", f"{host}/{path}")

    def find(self, branch: str) -> tuple[str, ...]:
        fields = "url,state,headRefOid"
        words = ("--head", branch, "--state", "all", "--limit", "50", "--json", fields)
        return ("pr", "list", *self._repository, *words)

    def read(self, said: dict[str, object]) -> _Request:
        state = str(said.get("state"))
        address, commit = str(said.get("url")), str(said.get("headRefOid"))
        return _Request(address, state == "OPEN", state == "CLOSED", commit)

    def create(self, change: Change, body: Path, into: str | None) -> tuple[str, ...]:
        words = ("--head", change.branch, "--title", change.title, "--body-file", str(body))
        target = ("--base", into) if into else ()
        return ("pr", "create", *self._repository, *words, *target)

    def edit(self, request: _Request, change: Change, body: Path) -> tuple[str, ...]:
        return ("pr", "edit", request.address, "--title", change.title, "--body-file", str(body))


class _GitLab:
    tool = "glab"

    def __init__(self, host: str, path: str) -> None:
        self._repository = ("--repo", f"https://{host}/{path}")

    def find(self, branch: str) -> tuple[str, ...]:
        words = ("--source-branch", branch, "--all", "--output", "json")
        return ("mr", "list", *self._repository, *words)

    def read(self, said: dict[str, object]) -> _Request:
        state = str(said.get("state"))
        address, commit = str(said.get("web_url")), str(said.get("sha"))
        return _Request(address, state == "opened", state == "closed", commit)

    def create(self, change: Change, body: Path, into: str | None) -> tuple[str, ...]:
        words = ("--source-branch", change.branch, "--title", change.title, "--yes")
        target = ("--target-branch", into) if into else ()
        text = ("--description", body.read_text("utf-8"))
        return ("mr", "create", *self._repository, *words, *text, *target)

    def edit(self, request: _Request, change: Change, body: Path) -> tuple[str, ...]:
        number = request.address.rpartition("/")[2]
        text = ("--title", change.title, "--description", body.read_text("utf-8"))
        return ("mr", "update", number, *self._repository, *text)


class ForgePullRequests:
    """Fulfils ports.PullRequests."""

    def __init__(self, fleet_folder: Path, remote: str) -> None:
        self._folder = fleet_folder
        self._remote = remote

    def open(self, written: BranchWritten, change: Change, into: str | None) -> Opened:
        assert written.commit
        forge = self._forge()
        if forge is None:
            return Opened(None, (f"git push --force-with-lease {self._remote} {written.branch}",))
        before = self._found(forge, change.branch)
        for request in before:
            if request.is_declined and request.commit == written.commit:
                return Opened(request.address, declined=True)
        pushed = self._push(written)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".md") as body:
            body.write(change.body)
            body.flush()
            current = next((request for request in before if request.is_open), None)
            if current is not None:
                if pushed:
                    self._ask(forge.tool, forge.edit(current, change, Path(body.name)))
                return Opened(current.address)
            said = self._ask(forge.tool, forge.create(change, Path(body.name), into))
        return Opened(next(iter(reversed(_ADDRESS.findall(said))), None))

    def _forge(self) -> _GitHub | _GitLab | None:
        """Whichever tool is signed in at the remote's host."""
        url = self._git("config", "--get", f"remote.{self._remote}.url").stdout.strip()
        found = _HOST.fullmatch(url)
        for forge in (_GitHub, _GitLab) if found else ():
            assert found
            asked = ("auth", "status", "--hostname", found[1])
            if shutil.which(forge.tool) and self._ran(forge.tool, asked).returncode == 0:
                return forge(found[1], found[2])
        return None

    def _found(self, forge: _GitHub | _GitLab, branch: str) -> list[_Request]:
        try:
            said = json.loads(self._ask(forge.tool, forge.find(branch)) or "[]")
        except (ValueError, RecursionError) as error:
            raise Failed([forge_failed(forge.tool, "its list is no JSON")]) from error
        several = said if isinstance(said, list) else []
        requests = (forge.read(each) for each in several if isinstance(each, dict))
        return [each for each in requests if _ADDRESS.fullmatch(each.address)]

    def _push(self, written: BranchWritten) -> bool:
        """False: the remote was seen to have this commit. Nobody else's commit is written over."""
        seen = f"refs/remotes/{self._remote}/{written.branch}"
        known = self._git("rev-parse", "--verify", "--quiet", f"{seen}^{{commit}}").stdout.strip()
        if known == written.commit:
            return False
        ref = f"refs/heads/{written.branch}"
        lease = f"--force-with-lease={ref}:{known}"
        words = ("push", "--no-verify", "--quiet", lease, self._remote, f"{written.commit}:{ref}")
        ran = self._git(*words)
        if ran.returncode != 0:
            told = _told(ran.stderr)
            if "stale info" in ran.stderr or "rejected" in ran.stderr:
                raise Refused([moved(written.branch, self._remote, told)])
            raise Failed([forge_failed("git push", told)])
        return True

    def _ask(self, tool: str, words: Sequence[str]) -> str:
        ran = self._ran(tool, words)
        if ran.returncode != 0:
            told = _told(ran.stderr)
            raise Failed([forge_failed(f"{tool} {' '.join(words[:2])}", told)])
        return ran.stdout

    def _git(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self._ran("git", ("-c", "core.hooksPath=/dev/null", *words))

    def _ran(self, tool: str, words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        try:
            return ended((tool, *words), self._folder, within_s=_WITHIN_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failed([forge_failed(tool, type(error).__name__)]) from error


def _told(complaint: str) -> str:
    return visible(" ".join(without_secrets(complaint).split()), 300)
