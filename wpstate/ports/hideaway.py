"""A state folder that can only lie where a web server might serve it."""

from collections.abc import Callable
from typing import Protocol

from wpstate.model.observed import ObservedState
from wpstate.model.site import Site


class Hideaway(Protocol):
    """One site's state folder inside the web root, under a name that nobody can guess. Elsewhere
    nothing is done. Raises Failed (`host.*`, `net.*`)."""

    def plant(self) -> tuple[str, ...]:
        """Make the folder, and in it files that visitors must not get; their paths."""

    def settle(self, *, private: bool) -> None:
        """Take these files away again. Only a folder that was found private holds a run."""

    def leave(self) -> None:
        """Take the folder away where it holds nothing of the site."""


OpenHideaway = Callable[[Site, ObservedState], Hideaway]
