"""What a site's backups are beside what is asked of them, as a plan tells it, and what of a site is
copied. Making them is left to workflows.backup."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from wpstate.model.backup import BackupPolicy, BackupsSeen, Owner, Part, Repository
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState, Paths
from wpstate.model.plan import Noted
from wpstate.model.state import ABSENT, Address, State

AGE, DRILL, SCOPE = Address("backup.age"), Address("backup.drill"), Address("backup.scope")

REMADE: Final = ("cache", "upgrade", "upgrade-temp-backup", "litespeed", "et-cache")
"""Folders of wp-content that WordPress and caches fill again by themselves."""
OTHERS_BACKUPS: Final = (
    "updraft", "ai1wm-backups", "backups", "backups-dup-lite", "wpvivid_backups", "backwpup",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Root:
    """A folder of a site, or its wp-config.php, as a backup holds it."""

    name: str
    """`wordpress`, `content`, `plugins`, `uploads`, `config`: a folder of the backup."""
    path: str
    """On the host."""
    exclude: tuple[str, ...] = ()
    """Patterns of rsync(1), from this folder on."""


def roots(paths: Paths, policy: BackupPolicy) -> tuple[Root, ...]:
    """What is copied; what lies within another root is copied with that."""
    code, uploads = Part.CODE in policy.parts, Part.UPLOADS in policy.parts
    if not code:
        return (Root("uploads", paths.uploads),) if uploads else ()
    named = [("wordpress", paths.wp), ("content", paths.content), ("plugins", paths.plugins)]
    if uploads:
        named.append(("uploads", paths.uploads))
    named.append(("config", paths.config))
    found: list[Root] = []
    for name, path in named:
        if not any(is_within(path, root.path) for root in found):
            found.append(Root(name, path, tuple(_excluded(path, paths, policy, uploads=uploads))))
    return tuple(found)


def held_at(path: str, copied: tuple[Root, ...]) -> str:
    """Which folder of the backup a path of the host is in; empty where none holds it."""
    for root in copied:
        if is_within(path, root.path):
            return f"{root.name}/{path.removeprefix(root.path).strip('/')}".rstrip("/")
    return ""


def is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _excluded(root: str, paths: Paths, policy: BackupPolicy, *, uploads: bool) -> Iterator[str]:
    left_out = [f"{paths.content}/{name}/*" for name in (*REMADE, *OTHERS_BACKUPS)]
    left_out += [f"{paths.wp}/.maintenance", paths.state]
    if not uploads:
        left_out.append(f"{paths.uploads}/*")
    if is_within(paths.wp, root):
        left_out += [f"{paths.wp}/{pattern}" for pattern in policy.exclude]
    for path in left_out:
        if is_within(path, root) and path != root:
            yield _plain(path, root)


def _plain(path: str, root: str) -> str:
    return "/" + path.removeprefix(root.rstrip("/") + "/")


def owner_of(desired: DesiredState) -> Owner:
    """Whose repository a site's backups go into."""
    if desired.client:
        return Owner(desired.client, is_client=True)
    return Owner(desired.site.id, is_client=False)


def repository_of(policy: BackupPolicy, declared: tuple[Repository, ...]) -> Repository:
    """The fleet was composed: it is declared, or the only one."""
    return next((one for one in declared if one.name == policy.repository), declared[0])


def backup_notes(desired: DesiredState, observed: ObservedState) -> Iterator[Noted]:
    """Older than declared is drift, and so is a part that no backup holds. What wpstate does not
    make is only told."""
    policy, seen = desired.policy.backup, observed.backups
    if policy is None or seen is None:
        return
    if policy.managed_by is not None:
        where = f": {policy.evidence}" if policy.evidence else ""
        text = f"backups are made by {policy.managed_by}, not by wpstate{where}"
        yield Noted(AGE, State(value=policy.managed_by), text, "unmanaged")
        return
    now = observed.observed_at
    yield from _age(desired, policy, seen, now)
    yield from _scope(policy, seen)
    yield from _drill(desired, policy, seen, now)


def _age(
    desired: DesiredState, policy: BackupPolicy, seen: BackupsSeen, now: datetime
) -> Iterator[Noted]:
    want = State(value=f"at most {span(timedelta(seconds=policy.max_age_s))} old")
    failed = seen.attempted
    why = ""
    if failed is not None and failed.slug and (seen.last is None or failed.at > seen.last.at):
        why = f"; the last attempt failed, {failed.slug}: {failed.problem}"
    if seen.last is None:
        text = f"there is no backup yet{why}: wpstate backup run {desired.site.id}"
        yield Noted(AGE, ABSENT, text, "drift", want)
        return
    age = now - seen.last.at
    if age > timedelta(seconds=policy.max_age_s):
        text = f"the last backup is too old{why}: wpstate backup run {desired.site.id}"
        yield Noted(AGE, State(value=f"{span(age)} old"), text, "drift", want)


def _scope(policy: BackupPolicy, seen: BackupsSeen) -> Iterator[Noted]:
    if seen.last is not None and not set(policy.parts) <= set(seen.last.parts):
        held = ", ".join(part.value for part in seen.last.parts)
        asked = ", ".join(part.value for part in policy.parts)
        text = "the last backup holds less than is asked for; the next one will hold it"
        yield Noted(SCOPE, State(value=held), text, "drift", State(value=asked))


def _drill(
    desired: DesiredState, policy: BackupPolicy, seen: BackupsSeen, now: datetime
) -> Iterator[Noted]:
    if policy.drill_s is None or seen.last is None:
        return
    limit, drill = timedelta(seconds=policy.drill_s), seen.drill
    want = State(value=f"good, at most {span(limit)} ago")
    if drill is None:
        text = "no backup of this site was ever restored on trial"
        yield Noted(DRILL, ABSENT, text, "drift", want)
    elif not drill.good:
        text = f"the last restore on trial failed: {'; '.join(drill.found)}"
        yield Noted(DRILL, State(value=f"failed {span(now - drill.at)} ago"), text, "drift", want)
    elif now - drill.at > limit:
        text = "the last restore on trial is too long ago"
        yield Noted(DRILL, State(value=f"{span(now - drill.at)} ago"), text, "drift", want)


def span(time: timedelta) -> str:
    """`26h`, `90d`, `40m`: in the unit that says it in whole numbers below 100."""
    seconds = max(0, int(time.total_seconds()))
    for unit, size in (("m", 60), ("h", 3600)):
        if seconds < 100 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds // 86_400}d"
