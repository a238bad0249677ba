"""Removes the backups that nothing keeps: first from their repository, then from what is known.

Killed at any point it may be repeated: a backup of which a part is gone is not whole, and goes.
Which ones are kept is left to planning.retention.
"""

from collections.abc import Callable, Iterable

from wpstate.model.backup import Backup, Owner, Repository
from wpstate.model.backup_removal import JudgedBackup, PrunedBackups
from wpstate.model.desired import DesiredState
from wpstate.model.problem import WpstateError
from wpstate.planning.retention import Candidate, judge
from wpstate.workflows.backups import Keeping
from wpstate.workflows.verify_backup import snapshots_of, wrong_with

_Place = tuple[str, str]


def prune_backups(
    sites: Iterable[DesiredState],
    keeping: Keeping,
    *,
    dry_run: bool,
    failed: Callable[[WpstateError], None],
) -> tuple[PrunedBackups, ...]:
    """`failed` hears of each site and repository of which nothing more could be removed."""
    pruning = _Pruning(keeping, dry_run)
    done = []
    for desired in sites:
        try:
            done.append(pruning.site(desired))
        except WpstateError as error:
            failed(error)
    for repository, owner in () if dry_run else pruning.places.values():
        try:
            keeping.repositories.of(repository, owner).prune()
        except WpstateError as error:
            failed(error)
    return tuple(done)


class _Pruning:
    def __init__(self, keeping: Keeping, dry_run: bool) -> None:
        self._keeping = keeping
        self._dry_run = dry_run
        self._there: dict[_Place, frozenset[str]] = {}
        self._sound: dict[_Place, bool] = {}
        self.places: dict[_Place, tuple[Repository, Owner]] = {}
        """That delete for us."""

    def site(self, desired: DesiredState) -> PrunedBackups:
        policy, _, _ = self._keeping.place(desired)
        made = self._keeping.history.of(desired.site.id)
        whole = {one.id: self._is_there(one) for one in made}

        def judged() -> tuple[JudgedBackup, ...]:
            return judge([Candidate(one.id, one.at, whole[one.id]) for one in made], policy.keep)

        found = judged()
        if not all(one.kept for one in found):
            # Nothing goes before one that stays was read and is as it came.
            for backup in made:
                if whole[backup.id] and self._reads_well(backup):
                    break
                whole[backup.id] = False
            found = judged()
        goes = {one.id for one in found if not one.kept}
        may_go = [one for one in made if one.id in goes and self._deletes(one)]
        left = sorted(
            {
                f"{one.repository} is append-only: old backups are removed on its server"
                for one in made
                if one.id in goes and not self._deletes(one)
            }
        )
        if not self._dry_run:
            self._remove(may_go)
        removed = () if self._dry_run else tuple(one.id for one in may_go)
        return PrunedBackups(desired.site.id, found, removed, tuple(left))

    def _remove(self, backups: list[Backup]) -> None:
        for place in {_place(one) for one in backups}:
            here = [one for one in backups if _place(one) == place]
            there = self._there[place]
            held = [each for one in here for each in snapshots_of(one) if each in there]
            self._keeping.holding(here[0]).forget(held)
            self._keeping.history.forget([one.id for one in here])

    def _is_there(self, backup: Backup) -> bool:
        place = _place(backup)
        if place not in self._there:
            repository, owner = self._keeping.place_of(backup)
            listed = self._keeping.repositories.of(repository, owner).snapshots()
            self._there[place] = frozenset(one.id for one in listed)
            if not repository.append_only:
                self.places[place] = repository, owner
        return self._there[place].issuperset(snapshots_of(backup))

    def _reads_well(self, backup: Backup) -> bool:
        place = _place(backup)
        if place not in self._sound:
            self._sound[place] = self._keeping.holding(backup).check().good
        return wrong_with(backup, self._keeping, whole=not self._sound[place]) is None

    def _deletes(self, backup: Backup) -> bool:
        return _place(backup) in self.places


def _place(backup: Backup) -> _Place:
    return backup.repository, backup.owner
