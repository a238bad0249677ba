"""Joins what was rolled back on sites to the branches that ask for what they have."""

from pathlib import Path
from typing import TYPE_CHECKING

from wpstate.proposing import fleet_branches
from wpstate.wiring import Wiring

if TYPE_CHECKING:
    from wpstate.ports import BranchWritten
    from wpstate.workflows.pin import Pinning


def pin_on_branches(
    fleet_folder: Path | None, sites: tuple[str, ...], base: str
) -> "tuple[Pinning, tuple[BranchWritten, ...]]":
    """On top of a revision; what lies in the fleet folder does not count."""
    from wpstate.desired.compose import compose
    from wpstate.workflows.pin import pinning

    folder = Wiring(fleet_folder).fleet_folder
    with fleet_branches(folder) as (branches, author):
        texts = branches.texts(base)
        with Wiring(fleet_folder, fleet=compose(texts)) as wired:
            today = wired.clock.now().date()
            done = pinning(texts, sites, wired.visiting_observer(), author, today)
        return done, tuple(branches.write(base, each.change) for each in done.done)
