"""Joins sources of versions, sites and git to `wpstate outdated` and `wpstate bump`."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wpstate.model.proposed import Proposed
    from wpstate.wiring import Wiring
    from wpstate.workflows.lock import LockedVersion
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


def bumped(
    fleet_folder: Path | None,
    names: Collection[str],
    *,
    base: str,
    remote: str,
    look: bool,
    push: bool,
    dry_run: bool,
) -> "tuple[Proposed, ...]":
    """New versions as branches on top of a revision, whose files alone count (workflows.bump)."""
    from wpstate.adapters.pull_requests import ForgePullRequests
    from wpstate.desired.compose import compose
    from wpstate.proposing import fleet_branches
    from wpstate.wiring import Wiring
    from wpstate.workflows.bump import bump

    here = Wiring(fleet_folder)
    folder, today = here.fleet_folder, here.clock.now().date()
    with here, fleet_branches(folder) as (branches, author):
        texts = branches.texts(base)
        with Wiring(folder, fleet=compose(texts, today=today)) as wired:
            found = found_versions(wired, texts, names, look=look)
            return bump(
                found,
                texts,
                base=base,
                locked=lambda wanted: _locked(folder, wanted),
                branches=branches,
                pull_requests=ForgePullRequests(folder, remote) if push else None,
                into=_branch_of(base, remote),
                author=author,
                rings=[ring.name for ring in wired.fleet().rings],
                is_whole=not names,
                dry_run=dry_run,
            )


def _locked(folder: Path, texts: Mapping[str, str]) -> "tuple[str, Sequence[LockedVersion]]":
    from wpstate.desired.compose import compose
    from wpstate.wiring import Wiring
    from wpstate.workflows.lock import lock, lock_text, schema_address

    fleet = compose(texts)
    with Wiring(folder, fleet=fleet) as wired:
        result = lock(fleet, wired.artifacts())
    return lock_text(result.entries, schema_address(texts)), result.entries


def _branch_of(base: str, remote: str) -> str | None:
    """The branch of the remote that a base names; None where it names none."""
    for before in (f"refs/remotes/{remote}/", f"{remote}/"):
        if base.startswith(before) and not base.endswith("/HEAD"):
            return base.removeprefix(before)
    return None
