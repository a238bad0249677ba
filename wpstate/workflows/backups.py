"""What the verbs on backups share: the ports, whose repository it is, and which backup is meant.

Making one is left to back_up, proving it to verify_backup, bringing it back to restore_backup.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from wpstate.model.backup import Backup, BackupPolicy, BackupsSeen, Owner, Repository
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem, Refused, UsageError
from wpstate.planning.backups import owner_of, repository_of
from wpstate.planning.backups_due import is_due
from wpstate.ports.backups import BackupHistory, BackupRepository, OpenSiteCopy, Repositories
from wpstate.workflows.then import moment_of

DUMP = "database.sql"
"""What the dump is called in its snapshot."""
NEWEST = "latest"


@dataclass(frozen=True, slots=True)
class Keeping:
    declared: tuple[Repository, ...]
    """The fleet's."""
    repositories: Repositories
    open_copy: OpenSiteCopy
    history: BackupHistory
    scratch: Path
    """Where restored files go if nobody says where."""

    def place(self, desired: DesiredState) -> tuple[BackupPolicy, Repository, Owner]:
        """Raises Refused (`backup.undeclared`, `backup.managed`)."""
        policy = desired.policy.backup
        if policy is None:
            raise Refused([_undeclared(desired)])
        if policy.managed_by is not None:
            raise Refused([_managed(desired, policy.managed_by)])
        return policy, repository_of(policy, self.declared), owner_of(desired)

    def repository(self, desired: DesiredState) -> BackupRepository:
        """Where this site's backups go by now."""
        _, repository, owner = self.place(desired)
        return self.repositories.of(repository, owner)

    def holding(self, backup: Backup) -> BackupRepository:
        """Where this backup is, whatever is asked by now. Raises Refused (`backup.gone`)."""
        return self.repositories.of(*self.place_of(backup))

    def place_of(self, backup: Backup) -> tuple[Repository, Owner]:
        """Raises Refused (`backup.gone`)."""
        for one in self.declared:
            if one.name == backup.repository:
                sort, _, name = backup.owner.partition("/")
                return one, Owner(name, is_client=sort == "clients")
        raise Refused([_gone(backup)])


def with_backups(
    pairs: Sequence[tuple[DesiredState, ObservedState]], history: BackupHistory | None
) -> list[tuple[DesiredState, ObservedState]]:
    """The same, each site whose backups are asked for with what is known of them."""
    asked = [desired.site.id for desired, _ in pairs if desired.policy.backup is not None]
    if history is None or not asked:
        return list(pairs)
    known = history.seen(asked)
    return [
        (desired, replace(seen, backups=known.get(desired.site.id, BackupsSeen())))
        if desired.policy.backup is not None
        else (desired, seen)
        for desired, seen in pairs
    ]


def next_is_due(desired: DesiredState, history: BackupHistory, now: datetime) -> bool:
    """To be asked just before it is made: somebody else may have made it meanwhile."""
    policy, site = desired.policy.backup, desired.site.id
    if policy is None:
        return False
    return is_due(policy, history.seen([site]).get(site, BackupsSeen()), now)


def backup_at(desired: DesiredState, history: BackupHistory, when: str) -> Backup:
    """The newest by this moment: a day (to its end), a time, a backup's own name, or `latest`.

    Raises UsageError (`usage.moment`), Refused (`backup.none`).
    """
    made = history.of(desired.site.id)
    named = [one for one in made if one.id == when]
    if when == NEWEST:
        named = list(made)
    elif not named:
        moment = moment_of(when)
        if moment is None:
            raise UsageError([_no_moment(desired, when)])
        named = [one for one in made if one.at <= moment]
    if not named:
        raise Refused([_none(desired, when, made)])
    return named[0]


def _undeclared(desired: DesiredState) -> Problem:
    site = desired.site.id
    return Problem(
        "backup.undeclared",
        "no backups are asked for",
        key=site,
        why="where they go, and how long they stay, is declared",
        mend=f"write such as `backup: {{every: 24h}}` in sites/{site}.yml or a profile",
    )


def _managed(desired: DesiredState, who: str) -> Problem:
    return Problem(
        "backup.managed",
        "somebody else makes this site's backups",
        key=desired.site.id,
        found=who,
        why="git says managed_by: they are observed only",
        mend="ask there, or take managed_by away",
    )


def _gone(backup: Backup) -> Problem:
    return Problem(
        "backup.gone",
        "the repository that holds this backup is not declared any more",
        key=backup.site,
        found=f"{backup.id} in {backup.repository}",
        mend=f"name {backup.repository} under `repositories` in fleet.yml again",
    )


def _no_moment(desired: DesiredState, when: str) -> Problem:
    return Problem(
        "usage.moment",
        "no day, time or backup has this name",
        key=desired.site.id,
        found=when,
        mend=f'write such as 2026-11-22, "2026-11-22 09:30" or {NEWEST}; '
        f"wpstate backup list {desired.site.id}",
    )


def _none(desired: DesiredState, when: str, made: Sequence[Backup]) -> Problem:
    oldest: datetime | None = made[-1].at if made else None
    return Problem(
        "backup.none",
        "there is no backup of this site from then",
        key=desired.site.id,
        found=when,
        why=f"the oldest is of {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "none was ever made",
        mend=f"wpstate backup list {desired.site.id}",
    )
