"""Erases what is kept of one client: its repositories, the copies on this machine, the records.

Records go last, so that one that was killed can be repeated and still knows what to remove.
"""

from wpstate.model.backup import Owner
from wpstate.model.backup_removal import ErasedRepository, ForgottenClient
from wpstate.model.desired import Fleet
from wpstate.model.problem import Problem, UsageError
from wpstate.planning.backups import owner_of
from wpstate.ports.backups import RemovesFolders, SiteCopyFolders
from wpstate.workflows.backups import Keeping


def forget_client(
    client: str, fleet: Fleet, keeping: Keeping, copies: SiteCopyFolders, folders: RemovesFolders
) -> ForgottenClient:
    """Raises UsageError (`usage.client`) and Failed (`backup.*`): then what is left can be
    removed by the same command."""
    owner = Owner(client, is_client=True)
    owners = {desired.site.id: owner_of(desired) for desired in fleet.sites}
    backups = keeping.history.owned(owner.folder)
    if not backups and owner not in owners.values():
        raise UsageError([_unknown(client)])
    declared = {one.name for one in keeping.declared}
    left = [
        f"{name} is not declared any more: what it holds of {client} stays there"
        for name in sorted({one.repository for one in backups} - declared)
    ]
    erased, kept_in = [], {one.repository for one in backups} - declared
    for one in keeping.declared:
        if one.append_only:
            if any(backup.repository == one.name for backup in backups):
                kept_in.add(one.name)
                left.append(f"{one.name} is append-only: {owner.folder} is removed on its server")
            continue
        gone = keeping.repositories.of(one, owner).erase()
        if gone is not None:
            erased.append(ErasedRepository(one.name, gone.snapshots, gone.stays))
    dropped = [
        str(folder)
        for backup in backups
        for folder in (keeping.scratch / f"{backup.site}-{backup.id}",)
        if folders.remove(folder)
    ]
    sites = {one.site for one in backups} | {site for site, its in owners.items() if its == owner}
    for site in sorted(sites):
        if owners.get(site, owner) == owner:  # by now it may be somebody else's
            if copies.drop(site):
                dropped.append(site)
            keeping.history.forget_site(site)
    known = [one.id for one in backups if one.repository not in kept_in]
    keeping.history.forget(known)
    return ForgottenClient(client, tuple(erased), len(known), tuple(dropped), tuple(left))


def _unknown(client: str) -> Problem:
    return Problem(
        "usage.client",
        "no site and no backup is of this client",
        found=client,
        why="a repository is erased by the name that `client` of a site's file says",
        mend="wpstate backup list --format json tells the owner of each backup",
    )
