"""`wpstate lock --check`: does the lock hold all that the fleet names, and contradict nothing?

Reads the fleet and what lies on this machine; no source is asked. That is left to `--recheck`.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from wpstate.model.desired import Artifact, Fleet
from wpstate.model.problem import Problem
from wpstate.model.source import SourceSpan
from wpstate.planning.identity import identity_problem
from wpstate.workflows.lock import wanted_artifacts

_LOCK = "catalog.lock.yml"
_Key = tuple[str, str, str]


class Beside(Protocol):
    def beside(self, artifact: Artifact) -> str | None:
        """The sha256 of what lies at its source, where that is on this machine."""


def lock_problems(fleet: Fleet, source: Beside) -> tuple[Problem, ...]:
    """What the lock lacks, and where it says otherwise than the catalog or the zips beside it."""
    asked = _asked(fleet)
    return tuple(
        problem
        for artifact in wanted_artifacts(fleet)
        for problem in _judged(fleet, artifact, source, asked.get(_key(artifact)))
    )


def left_over(fleet: Fleet) -> tuple[_Key, ...]:
    """What the lock names and nobody asks for any more."""
    return tuple(
        sorted(set(fleet.locked) - {_key(artifact) for artifact in wanted_artifacts(fleet)})
    )


def _judged(
    fleet: Fleet, artifact: Artifact, source: Beside, where: SourceSpan | None
) -> Iterable[Problem]:
    key = f"{artifact.kind}.{artifact.slug}"
    if artifact.sha256 is None:
        yield Problem(
            "lock.lacks",
            "the lock lacks a version that the fleet names",
            where,
            key,
            found=f"{artifact.version}, absent from {_LOCK}",
            why="only bytes that were recorded and reviewed are installed",
            mend="wpstate lock",
        )
        return
    said = {"catalog.yml": artifact.named_sha256, artifact.source: source.beside(artifact)}
    for who, sha256 in said.items():
        if sha256 not in (None, artifact.sha256):
            yield Problem(
                "lock.contradicts",
                "the lock says other bytes than are there",
                where,
                key,
                found=f"{artifact.version}: {who} has sha256 {sha256}, {_LOCK} {artifact.sha256}",
                why="a version that changes after its release may carry somebody else's code",
                mend=f"find out why; to accept them: wpstate lock --upgrade {artifact.slug}",
            )
    if stranger := identity_problem(artifact, fleet.locked[_key(artifact)]):
        yield Problem(stranger.slug, stranger.what, where, key, None, stranger.found, stranger.why,
                      stranger.mend)  # fmt: skip


def _asked(fleet: Fleet) -> Mapping[_Key, SourceSpan]:
    """The line that decides each version."""
    return dict(fleet.approved_at) | {
        _key(managed.artifact): managed.span
        for site in fleet.sites
        for managed in site.managed
        if managed.artifact
    }


def _key(artifact: Artifact) -> _Key:
    return artifact.kind, artifact.slug, artifact.version
