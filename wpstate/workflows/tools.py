"""The ports that a run on a site needs, in one value. Building them is left to wiring."""

from collections.abc import Callable
from dataclasses import dataclass

from wpstate.ports import (
    ArtifactStore,
    CacheSender,
    Clock,
    Interrupts,
    Ledger,
    Observer,
    OpenHideaway,
    OpenLeftovers,
    OpenNet,
    OpenTrial,
    Playbooks,
    Progress,
    Secrets,
    Visitor,
)


@dataclass(frozen=True, slots=True)
class Tools:
    observer: Observer
    open_net: OpenNet
    open_leftovers: OpenLeftovers
    open_trial: OpenTrial
    open_hideaway: OpenHideaway
    playbooks: Playbooks
    visitor: Visitor
    visitor_at: Callable[[str], Visitor]
    """A visitor that asks the machine at this address, whatever the name in the URL leads to."""
    cache_sender: CacheSender
    secrets: Secrets
    artifacts: ArtifactStore
    ledger: Ledger
    clock: Clock
    progress: Progress
    interrupts: Interrupts
    attended: bool
    """A person is at the terminal."""
    controller: str
    """Who runs this, for the lock's holder line: `user@machine`."""
