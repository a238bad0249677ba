"""Trying on a host what a run will need, each thing by doing it."""

from collections.abc import Callable
from typing import Protocol

from wpstate.model.fitness import Room, Tried
from wpstate.model.observed import ObservedState
from wpstate.model.site import Site


class Trial(Protocol):
    """One site's trial. All it makes lies in a folder of its own (and, where another process would
    be needed to clear it away, is cleared by the host within two minutes).

    Raises Failed (`host.*`, `net.untrusted`), Refused (`host.key_*`).
    """

    def once(self, room: Room) -> tuple[Tried, ...]:
        """What one connection can try, cleared away before this returns."""

    def begin(self, room: Room, token: str) -> str:
        """The same, kept for the looks below: a beacon for the token's holder lies beside
        wp-load.php, and a process was left on its own. Returns the beacon's name."""

    def tried(self) -> tuple[Tried, ...]:
        """What `begin` found, and from other connections: sftp, and whether the process lives."""

    def end(self) -> None:
        """Clear away. May be repeated."""


OpenTrial = Callable[[Site, ObservedState], Trial]
"""Opens the trial of one site, whose paths and database the observation names."""
