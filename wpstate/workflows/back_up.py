"""Makes one backup of one site: dump and files, under the lock that a run would hold.

A backup counts, and is known, only once every part is whole. Visitors notice nothing: the site is
not frozen, nothing is written on its host but the lock.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from wpstate.model.backup import Attempted, Backup, BackupPolicy, Owner, Part, Repository, Saved
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Failed, WpstateError
from wpstate.model.run import Phase
from wpstate.model.run_id import new_run_id
from wpstate.model.state import Json
from wpstate.planning.backups import held_at, roots
from wpstate.planning.build import build
from wpstate.ports import SafetyNet
from wpstate.ports.backups import BackupRepository, Dumped, Mirrored
from wpstate.workflows.attempt import Attempt, giving_back, telling_of_the_lock
from wpstate.workflows.backups import DUMP, Keeping
from wpstate.workflows.phases import PhaseLog
from wpstate.workflows.take_lock import take_lock
from wpstate.workflows.tools import Tools

_BACKUP = "backup"
"""In place of a plan's id."""


def back_up(desired: DesiredState, tools: Tools, keeping: Keeping) -> Backup:
    """Raises Refused (`backup.*`, `run.locked`) and Failed (`backup.*`, `host.*`): then nothing
    counts, and why is kept."""
    policy, declared, owner = keeping.place(desired)
    repository = keeping.repositories.of(declared, owner)
    attempt = _attempt(desired, tools)
    try:
        backup = _made(attempt, policy, declared, owner, repository, keeping)
    except WpstateError as error:
        problem = error.problems[0]
        told = ": ".join(filter(None, (problem.what, problem.found)))
        with suppress(Failed):  # what went wrong is what gets told
            keeping.history.attempted(
                Attempted(attempt.run, desired.site.id, attempt.started_at, problem.slug, told)
            )
        raise
    keeping.history.add(backup)
    keeping.history.attempted(Attempted(backup.id, backup.site, backup.at))
    return backup


def _attempt(desired: DesiredState, tools: Tools) -> Attempt:
    now = tools.clock.now()
    plan = build(_BACKUP, "", [], revision=None, dirty=False, now=now)
    run = new_run_id(now)
    log = PhaseLog(desired.site.id, run, tools.clock, tools.progress)
    return Attempt(plan, None, desired, tools, log, run, started_at=now)


def _made(
    attempt: Attempt,
    policy: BackupPolicy,
    declared: Repository,
    owner: Owner,
    repository: BackupRepository,
    keeping: Keeping,
) -> Backup:
    desired, clock = attempt.desired, attempt.tools.clock
    began_s = clock.monotonic_s()
    repository.ensure()
    dumped: Dumped | None = None
    mirrored: Mirrored | None = None
    saved: Saved | None = None
    with attempt.log.phase(Phase.LOCK):
        net, seen = take_lock(attempt)
    at = clock.now()
    with _dropping(repository, declared) as taken, ExitStack() as held:
        held.enter_context(giving_back(lambda: _let_go(net)))
        with keeping.open_copy(desired.site, _whole(attempt, seen)) as copy:
            with telling_of_the_lock(net):
                if Part.DATABASE in policy.parts:
                    with attempt.log.phase(Phase.SNAPSHOT, "database"):
                        dumped = repository.save_dump(
                            copy.dump_words(net.dump_command()),
                            name=DUMP,
                            site=desired.site.id,
                            tag=attempt.run,
                        )
                        taken.append(dumped.saved.snapshot)
                if set(policy.parts) - {Part.DATABASE}:
                    with attempt.log.phase(Phase.SNAPSHOT, "files"):
                        mirrored = copy.mirror(policy)
                        net.require_lock()
            held.close()  # nothing of the site is read any more
            if mirrored is not None:
                with attempt.log.phase(Phase.DONE, "keep files"):
                    copy.note(_manifest(attempt, policy, seen, dumped))
                    saved = repository.save_folder(
                        mirrored.folder, site=desired.site.id, tag=attempt.run
                    )
    return Backup(
        id=attempt.run,
        site=desired.site.id,
        repository=declared.name,
        owner=owner.folder,
        at=at,
        took_s=round(clock.monotonic_s() - began_s, 3),
        parts=policy.parts,
        database_snapshot=dumped.saved.snapshot if dumped else None,
        dump_bytes=dumped.bytes if dumped else 0,
        dump_sha256=dumped.sha256 if dumped else None,
        tables=dumped.tables if dumped else 0,
        files_snapshot=saved.snapshot if saved else None,
        files=saved.files if saved else 0,
        files_bytes=saved.bytes if saved else 0,
        uploads=_uploads(seen, policy),
        received_bytes=mirrored.received_bytes if mirrored else 0,
        added_bytes=sum(one.added_bytes for one in (dumped and dumped.saved, saved) if one),
    )


def _let_go(net: SafetyNet) -> None:
    net.release()
    net.leave_nothing()


@contextmanager
def _dropping(repository: BackupRepository, declared: Repository) -> Iterator[list[str]]:
    """Snapshots of a backup that did not become whole go again, as far as that may be."""
    taken: list[str] = []
    try:
        yield taken
    except BaseException:
        if taken and not declared.append_only:
            with suppress(WpstateError):
                repository.forget(taken)
        raise


def _whole(attempt: Attempt, seen: ObservedState) -> ObservedState:
    """Raises Failed (`backup.unseen`)."""
    if seen.paths is not None:
        return seen
    faults = "; ".join(f"{fault.code}: {fault.detail}" for fault in seen.faults)
    raise Failed(
        [
            attempt.problem(
                "backup.unseen",
                "where the site's files lie could not be seen",
                faults or "no paths",
                "a backup of a part would look like one of the whole",
                f"wpstate observe {attempt.desired.site.id}",
            )
        ]
    )


def _uploads(seen: ObservedState, policy: BackupPolicy) -> str:
    if seen.paths is None or Part.UPLOADS not in policy.parts:
        return ""
    return held_at(seen.paths.uploads, roots(seen.paths, policy))


def _manifest(
    attempt: Attempt, policy: BackupPolicy, seen: ObservedState, dumped: Dumped | None
) -> Json:
    """What a restore must know where this machine is gone: the repository alone tells it."""
    assert seen.paths is not None
    site = attempt.desired.site
    return {
        "backup": attempt.run,
        "site": site.id,
        "url": site.url,
        "home_url": seen.home_url,
        "parts": [part.value for part in policy.parts],
        "roots": {root.name: root.path for root in roots(seen.paths, policy)},
        "uploads": seen.paths.uploads,
        "config": seen.paths.config,
        "prefix": seen.database.prefix if seen.database else None,
        "php": seen.php_version,
        "dump": {
            "snapshot": dumped.saved.snapshot,
            "bytes": dumped.bytes,
            "sha256": dumped.sha256,
            "tables": dumped.tables,
        }
        if dumped
        else None,
    }
