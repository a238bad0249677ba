"""What a service of a fleet needs beside a pass itself."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PassEnded:
    code: int
    """Its exit code."""
    interrupts: int
    """How often it was asked to stop meanwhile."""


class MakesPasses(Protocol):
    def make(self) -> PassEnded:
        """A pass, brought to its end whatever comes: asked to stop, it finishes or undoes its
        steps; asked again, it leaves them to the hosts. Raises Failed where none could begin."""
