"""Each forge is told the same: what stands at a commit, once, and which rings were changed. The
forges' tools are stand-ins on PATH that record what they are asked; git is real."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from wpstate.adapters.forges import GitHub, GitLab, GitNotes
from wpstate.model.problem import Failed
from wpstate.model.status import Status, StatusState
from wpstate.ports import Forge

_STAND_IN = Path(__file__).with_name("stand_in_forge.py")
CANARY = Status(
    "wpstate/agency/canary", "agency/canary", StatusState.SUCCESS, "1 applied", deployed=True
)
REST = Status("wpstate/agency/rest", "agency/rest", StatusState.PENDING, "2 waits", deployed=False)


@dataclass
class Told:
    """A forge, and what it holds."""

    forge: Forge
    folder: Path
    commit: str
    shown: Callable[[], dict[str, tuple[str, str]]]
    """State and text of each status, the last one of a name."""

    @property
    def state(self) -> Any:
        return json.loads((self.folder / "state.json").read_text())


def _repository(folder: Path) -> str:
    folder.mkdir(exist_ok=True)

    def git(*words: str) -> str:
        person = ("-c", "user.name=A", "-c", "user.email=a@example.test")
        ran = subprocess.run(("git", *person, *words), cwd=folder, check=True, capture_output=True)
        return ran.stdout.decode().strip()

    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "The fleet")
    return git("rev-parse", "HEAD")


@pytest.fixture(params=["github", "gitlab", "notes"])
def told(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    commit = _repository(tmp_path / "fleet")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("gh", "glab"):
        program = programs / name
        program.write_text(f"#!{sys.executable}\n{_STAND_IN.read_text()}")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("FORGE_STATE", str(tmp_path / "state.json"))
    folder = tmp_path / "fleet"

    def of_tool() -> dict[str, tuple[str, str]]:
        state = json.loads((tmp_path / "state.json").read_text())
        return {
            each.get("context", each.get("name")): (each["state"], each["description"])
            for each in state["statuses"]
        }

    def of_notes() -> dict[str, tuple[str, str]]:
        words = ("git", "notes", "--ref", "wpstate", "show", commit)
        said = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout
        lines = (line.split(": ", 1) for line in said.splitlines())
        return {name: (rest.split(", ")[0], rest.split(", ", 1)[1]) for name, rest in lines}

    if request.param == "github":
        return Told(GitHub(folder), tmp_path, commit, of_tool)
    if request.param == "gitlab":
        return Told(GitLab(folder, "main"), tmp_path, commit, of_tool)
    return Told(GitNotes(folder), tmp_path, commit, of_notes)


def test_what_stands_at_a_commit_is_said_once_and_replaced(told: Told) -> None:
    told.forge.tell(told.commit, (CANARY, REST), address=None)
    assert told.shown() == {
        CANARY.name: ("success", "1 applied"),
        REST.name: ("pending", "2 waits"),
    }
    gone_wrong = replace(REST, state=StatusState.FAILURE, text="1 rolled back, 1 waits")
    told.forge.tell(told.commit, (CANARY, gone_wrong), address=None)
    state, text = told.shown()[REST.name]
    assert state in ("failure", "failed")
    assert text == "1 rolled back, 1 waits"
    assert told.shown()[CANARY.name] == ("success", "1 applied")
    if isinstance(told.forge, GitNotes):
        return
    # Said once: passes come each hour, and forges take a thousand of one name.
    assert [each["sha"] for each in told.state["statuses"]] == [told.commit] * 3


def test_a_ring_that_was_changed_has_one_deployment_for_a_commit(told: Told) -> None:
    ill = replace(CANARY, state=StatusState.FAILURE, text="1 rolled back")
    told.forge.tell(told.commit, (ill, REST), address="https://ci.example.org/1")
    told.forge.tell(told.commit, (CANARY, REST), address="https://ci.example.org/2")
    if isinstance(told.forge, GitNotes):
        assert told.shown()[CANARY.name] == ("success", "1 applied (https://ci.example.org/2)")
        return
    (made,) = told.state["deployments"]
    if isinstance(told.forge, GitHub):
        assert (made["environment"], made["ref"]) == ("agency/canary", told.commit)
        assert [(s["state"], s["log_url"][-1]) for s in made["statuses"]] == [
            ("failure", "1"),
            ("success", "2"),
        ]
    else:
        assert (made["environment"]["name"], made["sha"]) == ("agency/canary", told.commit)
        assert (made["ref"], made["tag"], made["status"]) == ("main", False, "success")


def test_a_tool_that_fails_is_told_of_without_its_token(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(told.forge, GitNotes):
        with pytest.raises(Failed) as failed:
            told.forge.tell("nonsense", (CANARY,), address=None)
        assert [p.slug for p in failed.value.problems] == ["forge.untold"]
        return
    token = "ghp_" + "x1" * 18
    monkeypatch.setenv("GH_TOKEN", token)
    monkeypatch.setenv("GH_DEBUG", "api")
    monkeypatch.setenv("FORGE_FAILS", token)
    with pytest.raises(Failed) as failed:
        told.forge.tell(told.commit, (CANARY,), address=None)
    (problem,) = failed.value.problems
    assert problem.slug == "forge.untold"
    assert "HTTP 401: bad credentials (…)" in (problem.found or "")
    assert token not in str(told.state["calls"])
    assert "GH_TOKEN" in told.state["environment"]  # the login is the tool's business
    assert "GH_DEBUG" not in told.state["environment"]


def test_a_forge_without_its_tool(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Failed) as failed:
        told.forge.tell(told.commit, (CANARY,), address=None)
    assert "there is no program" in (failed.value.problems[0].found or "")
