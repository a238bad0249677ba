"""`backup` out of merged layers, and `repositories` of fleet.yml. The schema has checked every form
but what it cannot know: names of repositories, and cron expressions that never come true."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfoNotFoundError

from wpstate.desired.layers import Layer
from wpstate.desired.quantities import duration_s
from wpstate.desired.secrets import reference_of
from wpstate.desired.updates import unknown_zone
from wpstate.model.backup import (
    ALL_PARTS,
    BackupPolicy,
    Keep,
    Repository,
    RepositoryKind,
)
from wpstate.model.node import Map, Text, texts_in
from wpstate.model.problem import Problem
from wpstate.model.schedule import Cron, Every, When
from wpstate.resources.cron_times import next_time
from wpstate.resources.nearest import nearest
from wpstate.resources.said import Said

_TIMES = re.compile(r"([1-9][0-9]?)x a day\Z")
_DAY_S = 86_400
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_KEPT = re.compile(r"([1-9][0-9]{0,3})([hdwmy])")
_SLACK_S = 7200
"""A backup takes its time, and begins when its turn comes."""
_DEFAULT_KEEP = "14d 8w 12m"


def read_backup(merged: Layer) -> BackupPolicy | None:
    """What is asked of one site's backups; None where nothing is, or `backup: off` takes it
    back."""
    said = merged.below("backup")
    if not said or _text(said, "state") == "off":
        return None
    written = _text(said, "every") or "24h"
    every = when_of(written, _text(said, "zone"))
    max_age, drill, keep = (_text(said, key) for key in ("max_age", "drill", "keep"))
    scope = said.get("scope")
    parts = {text.text for text in texts_in(scope.value)} if scope else set()
    exclude = said.get("exclude")
    return BackupPolicy(
        every=every,
        written=written,
        max_age_s=(duration_s(max_age) if max_age else None) or _longest_s(every) + _SLACK_S,
        keep=keep_of(keep or _DEFAULT_KEEP),
        repository=_text(said, "repository") or "",
        drill_s=duration_s(drill) if drill else None,
        parts=tuple(part for part in ALL_PARTS if not parts or part.value in parts),
        exclude=tuple(text.text for text in texts_in(exclude.value)) if exclude else (),
        managed_by=_text(said, "managed_by"),
        evidence=_text(said, "evidence"),
        span=next(iter(said.values())).value.span,
    )


def when_of(text: str, zone: str | None = None) -> When:
    """`24h`, `4x a day`, or the five fields of a cron expression."""
    times = _TIMES.match(text)
    if times:
        return Every(_DAY_S // int(times[1]))
    seconds = duration_s(text)
    return Every(seconds) if seconds else Cron(text, zone or "UTC")


def keep_of(text: str) -> Keep:
    """`14d 8w 12m`."""
    found = {unit: int(count) for count, unit in _KEPT.findall(text)}
    hours, days, weeks, months, years = (found.get(unit, 0) for unit in "hdwmy")
    return Keep(hours, days, weeks, months, years, written=text)


def read_repositories(root: Map) -> tuple[Repository, ...]:
    """Of fleet.yml, in the order in which they stand there."""
    named = root.get("repositories")
    return tuple(_repositories(named)) if isinstance(named, Map) else ()


def _repositories(named: Map) -> Iterator[Repository]:
    for name, said in named.entries:
        if not isinstance(said, Map):
            continue
        kind, address = said.text("kind"), said.text("address")
        user, host_key, append_only = (
            said.text(key) for key in ("user", "host_key", "append_only")
        )
        key = said.get("key")
        assert kind
        assert address
        yield Repository(
            name=name.text,
            kind=RepositoryKind(kind.text),
            address=address.text.rstrip("/") or "/",
            password=reference_of(said.get("password")),
            user=user.text if user else None,
            key=reference_of(key) if key is not None else None,
            host_key=host_key.text if host_key else None,
            append_only=append_only is not None and append_only.text == "on",
        )


_ADDRESS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "local": (re.compile(r"/"), "an absolute folder such as /srv/backups"),
    "sftp": (re.compile(r"[^/@]+@[^/]+/"), "such as backup@box.example.org/srv/backups"),
    "s3": (re.compile(r"https?://[^/]+/."), "such as https://s3.example.org/bucket"),
    "rest": (re.compile(r"https?://"), "such as https://backup.example.org"),
}


def address_problems(root: Map) -> Iterator[Problem]:
    """Addresses that are none for their kind."""
    named = root.get("repositories")
    for name, said in named.entries if isinstance(named, Map) else ():
        kind = said.text("kind") if isinstance(said, Map) else None
        address = said.text("address") if isinstance(said, Map) else None
        if kind and address and not _ADDRESS[kind.text][0].match(address.text):
            yield Problem(
                "desired.repository_address",
                f"address is none of a repository of kind {kind.text}",
                address.span,
                f"repositories.{name.text}.address",
                found=f'"{address.text}"',
                mend=f"write {_ADDRESS[kind.text][1]}",
            )


def repository_problems(root: Map, sites: Iterable[Layer]) -> Iterator[Problem]:
    """Sites whose backups go nowhere, or to a repository that nobody declared."""
    yield from address_problems(root)
    names = tuple(repository.name for repository in read_repositories(root))
    told = set()
    for merged in sites:
        policy = read_backup(merged)
        if policy is None or policy.managed_by is not None:
            continue
        said = merged.below("backup").get("repository")
        span = said.value.span if said else policy.span
        if policy.repository in names or (said is None and len(names) == 1) or span in told:
            continue
        told.add(span)
        close = nearest(policy.repository, names)
        yield Problem(
            "desired.repository",
            "backups have no repository"
            if said is None
            else "repository is not one of the fleet's",
            span,
            "backup.repository",
            found=f'"{policy.repository}"' if said else None,
            why="known are: " + (", ".join(names) or "none; fleet.yml names no repositories"),
            mend=f"write {close}" if close else f"name it under `repositories` in {root.span.file}",
        )


def backup_problems(merged: Layer) -> Iterator[Problem]:
    """Times that never come, ages that no backup can keep to."""
    said = merged.below("backup")
    every, limit, zone = said.get("every"), said.get("max_age"), said.get("zone")
    named = zone.value if zone else None
    unknown = list(unknown_zone(named, "backup.zone")) if isinstance(named, Text) else []
    if unknown:
        yield from unknown
        return
    policy = read_backup(merged)
    if policy is None:
        return
    if every is not None and isinstance(policy.every, Cron):
        try:
            next_time(policy.every, _ANY_DAY)
        except ValueError as error:
            yield Problem(
                "desired.backup_every",
                "no backup would ever begin",
                every.value.span,
                "backup.every",
                found=f'"{policy.written}": {error}',
                why="minute, hour, day of the month, month and day of the week name no time",
                mend='write such as 24h, 2x a day or "30 2 * * *"',
            )
            return
    if limit is not None and policy.max_age_s < _longest_s(policy.every):
        yield Problem(
            "desired.backup_age",
            "backups are too old before the next one is due",
            limit.value.span,
            "backup.max_age",
            found=_text(said, "max_age"),
            why=f"one is made {policy.written}",
            mend="write a longer max_age, or make them more often",
        )


def _longest_s(every: When) -> int:
    """Between two of them."""
    match every:
        case Every(seconds):
            return seconds
        case Cron():
            at, longest = _ANY_DAY, 0
            for _ in range(60):
                try:
                    then = next_time(every, at)
                except (ValueError, ZoneInfoNotFoundError, OSError):
                    return _DAY_S  # backup_problems says what is wrong
                longest, at = max(longest, int((then - at).total_seconds())), then
            return longest


def _text(said: Mapping[str, Said], key: str) -> str | None:
    value = said[key].value if key in said else None
    return value.text if isinstance(value, Text) else None
