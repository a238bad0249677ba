"""Playbooks: started, warm at their gate, ended."""

from dataclasses import dataclass
from typing import Protocol

from wpstate.model.site import Site
from wpstate.model.state import Json


@dataclass(frozen=True, slots=True)
class TaskFailure:
    task: str
    message: str
    refused: bool = False
    """The module said no on purpose (its answer holds `refused: true`)."""


@dataclass(frozen=True, slots=True)
class PlaybookResult:
    ok: bool
    changed: tuple[str, ...]
    """Names of tasks that changed something."""
    results: tuple[tuple[str, Json], ...]
    """Task name to the module's own answer (untrusted)."""
    failure: TaskFailure | None
    took_s: float


class WaitingPlaybook(Protocol):
    """A playbook that is warm: process up, connection open, waiting at its gate."""

    def open_gate(self) -> None: ...

    def wait(self, timeout_s: float) -> PlaybookResult:
        """Wait for the end; on timeout everything it started is ended, here and on the host."""

    def cancel(self) -> None:
        """End it and all it started. May be repeated."""


class Playbooks(Protocol):
    def run(self, name: str, site: Site, variables: Json, timeout_s: float) -> PlaybookResult:
        """Run a shipped playbook to its end on one site."""

    def start(self, name: str, site: Site, variables: Json, *, within_s: float) -> WaitingPlaybook:
        """Start a shipped playbook and return once it waits at its gate."""
