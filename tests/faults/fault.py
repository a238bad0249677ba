"""What a fault is: how it strikes, what it needs around the run, and how it goes away again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from tests.faults.scene import Scene


@contextmanager
def nothing_around(scene: Scene) -> Iterator[None]:
    yield


def nothing_to_heal(scene: Scene) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    """As the table has it."""
    strike: Callable[[Scene], None]
    heal: Callable[[Scene], None] = nothing_to_heal
    """Once the command has ended; what is still broken then is whole again."""
    around: Callable[[Scene], AbstractContextManager[None]] = nothing_around
    refused_rollback: bool = False
    """The snapshot itself is harmed: a bad update may then stay, if it is told."""
    silences_pages: bool = False
    """No page is answered: who put the site back may say that visitors do not see it."""
    changes_the_site: bool = False
    """Somebody else makes the planned change too: it may be there whatever the run says."""
    freeze_off: bool = False
    """The site's file declares `freeze: off`."""


def unfrozen(fault: Fault) -> Fault:
    """The same fault on a site that lets visitors in during a run."""
    return replace(fault, name=f"{fault.name}, freeze off", freeze_off=True)
