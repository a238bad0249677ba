"""Of what sources list: what is newer than what is approved, and since when it is known.

Asking the sources is left to adapters, what follows from it to planning.bump.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from wpstate.model.bump import Asked, Listed, Name, Release
from wpstate.ports.versions import FirstSeen
from wpstate.resources.versions import compare


def newer(asked: Sequence[Asked], listed: Mapping[Name, Listed]) -> Mapping[Name, Listed]:
    """Of each component what is newer than what is approved."""
    return {
        each.name: replace(
            listed[each.name],
            releases=tuple(
                release
                for release in listed[each.name].releases
                if compare(release.version, each.approved) > 0
            ),
        )
        for each in asked
    }


def dated(
    listed: Mapping[Name, Listed], first_seen: FirstSeen, now: datetime
) -> Mapping[Name, Listed]:
    """No version is younger than the first day that it was heard of, nor than a newer one."""
    versions = {name: [r.version for r in each.releases] for name, each in listed.items()}
    seen = first_seen.noted(versions, now)
    return {
        name: replace(each, releases=tuple(_at(name, each.releases, seen)))
        for name, each in listed.items()
    }


def _at(
    name: Name, releases: Sequence[Release], seen: Mapping[tuple[Name, str], datetime]
) -> Iterator[Release]:
    newest = releases[0].released_at if releases else None
    for release in releases:
        told = (release.released_at, newest, seen[name, release.version])
        yield replace(release, released_at=min(moment for moment in told if moment))
