"""What a forge is told, by its own command-line tool: GitHub's `gh`, GitLab's `glab`, or notes of
git where there is neither. Login and network are the tools' business; no token passes through here.

What is told is decided in planning.statuses.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wpstate.adapters.forge_tool import ForgeTool, untold
from wpstate.model.status import Status, StatusState

NOTES = "wpstate"


class GitHub:
    """Commit statuses and deployments. Fulfils ports.Forge."""

    _states: Mapping[StatusState, str] = {
        StatusState.PENDING: "pending",
        StatusState.SUCCESS: "success",
        StatusState.FAILURE: "failure",
    }

    def __init__(self, folder: Path) -> None:
        """The tool finds the repository by this folder's remote, or by its own variables."""
        self._tool = ForgeTool("gh", folder)

    def tell(self, commit: str, statuses: Sequence[Status], *, address: str | None) -> None:
        at = "repos/{owner}/{repo}"
        seen = self._tool.ask("GET", f"{at}/commits/{commit}/status?per_page=100")
        known = {
            each.get("context"): (each.get("state"), each.get("description"))
            for each in _items(seen.get("statuses") if isinstance(seen, dict) else None)
        }
        for status in statuses:
            state = self._states[status.state]
            if known.get(status.name) != (state, status.text):
                body = {"state": state, "context": status.name, "description": status.text}
                more = {"target_url": address} if address else {}
                self._tool.ask("POST", f"{at}/statuses/{commit}", body | more)
            if status.deployed:
                self._deployed(at, commit, status, address)

    def _deployed(self, at: str, commit: str, status: Status, address: str | None) -> None:
        asked = f"sha={commit}&environment={quote(status.environment, safe='')}&per_page=1"
        found = _items(self._tool.ask("GET", f"{at}/deployments?{asked}"))
        if found:
            number = found[0].get("id")
        else:
            body: dict[str, object] = {
                "ref": commit,
                "environment": status.environment,
                "description": "wpstate",
                "auto_merge": False,
                "required_contexts": [],
                "production_environment": True,
            }
            made = self._tool.ask("POST", f"{at}/deployments", body)
            number = made.get("id") if isinstance(made, dict) else None
        state = {"state": self._states[status.state], "description": status.text}
        more = {"log_url": address} if address else {}
        self._tool.ask("POST", f"{at}/deployments/{_number(number)}/statuses", state | more)


class GitLab:
    """Commit statuses, deployments and their environments. Fulfils ports.Forge."""

    _states: Mapping[StatusState, str] = {
        StatusState.PENDING: "pending",
        StatusState.SUCCESS: "success",
        StatusState.FAILURE: "failed",
    }
    _deployments: Mapping[StatusState, str] = {
        StatusState.PENDING: "running",
        StatusState.SUCCESS: "success",
        StatusState.FAILURE: "failed",
    }

    def __init__(self, folder: Path, branch: str) -> None:
        """`branch`: which deployments are said to be of."""
        self._tool = ForgeTool("glab", folder)
        self._branch = branch

    def tell(self, commit: str, statuses: Sequence[Status], *, address: str | None) -> None:
        at = "projects/:fullpath"
        seen = self._tool.ask("GET", f"{at}/repository/commits/{commit}/statuses?per_page=100")
        known = {
            each.get("name"): (each.get("status"), each.get("description")) for each in _items(seen)
        }
        for status in statuses:
            state = self._states[status.state]
            if known.get(status.name) != (state, status.text):
                body = {"state": state, "name": status.name, "description": status.text}
                more = {"target_url": address} if address else {}
                self._tool.ask("POST", f"{at}/statuses/{commit}", body | more)
            if status.deployed:
                self._deployed(at, commit, status)

    def _deployed(self, at: str, commit: str, status: Status) -> None:
        state = self._deployments[status.state]
        asked = f"environment={quote(status.environment, safe='')}&order_by=id&sort=desc&per_page=1"
        found = _items(self._tool.ask("GET", f"{at}/deployments?{asked}"))
        if found and found[0].get("sha") == commit:
            if found[0].get("status") != state:
                number = _number(found[0].get("id"))
                self._tool.ask("PUT", f"{at}/deployments/{number}", {"status": state})
            return
        body = {
            "environment": status.environment,
            "sha": commit,
            "ref": self._branch,
            "tag": False,
            "status": state,
        }
        self._tool.ask("POST", f"{at}/deployments", body)


class GitNotes:
    """Notes at the commit, in the repository around a folder: `git log --notes=wpstate`. Nothing is
    pushed. Fulfils ports.Forge."""

    def __init__(self, folder: Path) -> None:
        self._tool = ForgeTool("git", folder)

    def tell(self, commit: str, statuses: Sequence[Status], *, address: str | None) -> None:
        read = ("notes", "--ref", NOTES, "show", commit)
        said = self._tool.run(*self._quiet, *read, may_fail=True).splitlines()
        lines = {
            name: f"{name}: {rest}" for name, rest in (s.split(": ", 1) for s in said if ": " in s)
        }
        for each in statuses:
            more = f" ({address})" if address else ""
            lines[each.name] = f"{each.name}: {each.state.value}, {each.text}{more}"
        text = "\n".join(lines.values())
        if text.splitlines() != said:
            write = ("notes", "--ref", NOTES, "add", "--force", "--file", "-", commit)
            self._tool.run(*self._quiet, *self._person, *write, given=f"{text}\n")

    _quiet = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
    _person = ("-c", "user.name=wpstate", "-c", "user.email=wpstate@localhost")


def _items(answer: object) -> list[dict[str, Any]]:
    return [each for each in answer if isinstance(each, dict)] if isinstance(answer, list) else []


def _number(found: object) -> int:
    """Of a deployment: part of an address that is asked next."""
    if isinstance(found, int) and found > 0:
        return found
    raise untold("forge", "an answer without the number of a deployment")
