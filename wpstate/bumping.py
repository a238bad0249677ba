"""Joins sources of versions, sites and git to `wpstate outdated` and `wpstate bump`."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wpstate.wiring import Wiring
    from wpstate.workflows.outdated import Found


def found_versions(
    wired: "Wiring", texts: Mapping[str, str], names: Collection[str], *, look: bool
) -> "Found":
    """New versions of what these texts approve, `wired` being of the same fleet
    (workflows.outdated)."""
    from wpstate.adapters.first_seen import DatabaseFirstSeen
    from wpstate.desired.parts import take_apart
    from wpstate.resources.catalog import Catalog
    from wpstate.workflows.outdated import look_for_versions

    fleet = wired.fleet()
    return look_for_versions(
        fleet,
        take_apart(texts).catalog or Catalog(),
        sources=wired.version_sources(),
        first_seen=DatabaseFirstSeen(wired.database),
        probe=wired.probe() if look else None,
        ledger=wired.ledger(),
        facts=wired.facts() if fleet.facts else None,
        clock=wired.clock,
        only=names,
    )
