"""Trying on a host what a run will need, each thing by doing it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from wpstate.model.fitness import Room, Tried
from wpstate.model.observed import ObservedState
from wpstate.model.site import Site


@dataclass(frozen=True, slots=True)
class Placed:
    """What a trial left for a moment."""

    beacon: str
    """Name of a PHP file beside wp-load.php."""
    program: str | None
    """Path of the trial's own program in the state folder; None where nothing could be written."""


class Trial(Protocol):
    """One site's trial. All it makes lies in a folder of its own (and, where another process would
    be needed to clear it away, is cleared by the host within two minutes).

    Raises Failed (`host.*`, `net.untrusted`), Refused (`host.key_*`).
    """

    def once(self, room: Room) -> tuple[Tried, ...]:
        """What one connection can try, cleared away before this returns."""

    def begin(self, room: Room, token: str) -> Placed:
        """The same, kept for the looks below: a beacon for the token's holder lies beside
        wp-load.php, and a process was left on its own."""

    def tried(self) -> tuple[Tried, ...]:
        """What `begin` found, and from other connections: sftp, and whether the process lives."""

    def end(self) -> None:
        """Clear away. May be repeated."""


OpenTrial = Callable[[Site, ObservedState], Trial]
"""Opens the trial of one site, whose paths and database the observation names."""
