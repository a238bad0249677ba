"""`wpstate lock`: record which bytes each version in use is, and hold every source to them.

Reading catalog.lock.yml is left to desired.catalog, which gives artifacts their sha256; writing
the text to disk is left to adapters.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Protocol

from wpstate.model.artifact import ArtifactFacts
from wpstate.model.desired import Artifact, Fleet
from wpstate.model.identity import Identity
from wpstate.model.problem import Failed, Problem, Refused, UsageError
from wpstate.resources.language_packs import PACKS, told_apart
from wpstate.resources.packages import PACKAGINGS
from wpstate.resources.versions import sort_key

_INDENT = "  "
NO_PACK = "artifact.no_pack"


class ArtifactSource(Protocol):
    """What locking needs of the artifact store."""

    def facts(self, artifact: Artifact) -> ArtifactFacts:
        """Facts of the locked bytes, as kept, else as the source serves them. Raises Refused
        (`artifact.*`) and Failed (`artifact.unavailable`, `artifact.no_pack`)."""

    def bring(self, artifact: Artifact) -> ArtifactFacts:
        """The same, but always asks the source, and takes what it serves if nothing is locked."""


@dataclass(frozen=True, slots=True)
class LockedVersion:
    """One entry of catalog.lock.yml."""

    kind: str
    slug: str
    version: str
    sha256: str
    database: int | None = None
    """The database version that a core version brings."""
    requires_php: str | None = None
    requires_wp: str | None = None
    identity: Identity | None = None
    """Who the bytes say they are, held against the next version."""
    parent: str | None = None
    """The theme that a child theme is built upon."""
    revision: str | None = None
    """When a language pack was last translated."""


@dataclass(frozen=True, slots=True)
class LockResult:
    entries: tuple[LockedVersion, ...]
    """All that the fleet names, in the order of the file."""
    added: tuple[LockedVersion, ...]
    """Those that were not locked before."""
    replaced: tuple[tuple[LockedVersion, str], ...]
    """Upgraded on demand, each with the sha256 it had."""


def lock(
    fleet: Fleet,
    source: ArtifactSource,
    *,
    upgrade: Collection[str] = (),
    recheck: bool = False,
) -> LockResult:
    """Lock every version that a site or the catalog names; versions nobody names any more go.

    What is locked stays as it is. `recheck` asks each source whether it still serves those bytes;
    `upgrade` holds slugs whose new bytes are accepted. Raises UsageError (`lock.slug`), and
    Refused or Failed with the problems of all artifacts; nothing is half locked.
    """
    wanted = wanted_artifacts(fleet)
    if unknown := sorted(set(upgrade) - {artifact.slug for artifact in wanted}):
        what = "nothing in this fleet has the slug to upgrade"
        raise UsageError(Problem("lock.slug", what, found=slug) for slug in unknown)
    seen: list[tuple[Artifact, LockedVersion]] = []
    refusals: list[Problem] = []
    failures: list[Problem] = []
    for artifact in wanted:
        try:
            seen.append((artifact, _look(artifact, source, artifact.slug in upgrade, recheck)))
        except Refused as refusal:
            refusals.extend(refusal.problems)
        except Failed as failure:
            if not (artifact.may_lack and all(p.slug == NO_PACK for p in failure.problems)):
                failures.extend(failure.problems)
    if refusals:
        raise Refused(refusals + failures)
    if failures:
        raise Failed(failures)
    return LockResult(
        entries=tuple(entry for _, entry in seen),
        added=tuple(entry for artifact, entry in seen if artifact.sha256 is None),
        replaced=tuple(
            (entry, artifact.sha256)
            for artifact, entry in seen
            if artifact.sha256 not in (None, entry.sha256)
        ),
    )


def wanted_artifacts(fleet: Fleet) -> tuple[Artifact, ...]:
    """What the fleet names, each once: core first, slugs by name, older versions first, language
    packs last."""
    named = [*fleet.approved, *(m.artifact for site in fleet.sites for m in site.managed)]
    named += {pack for packs in {site.packs for site in fleet.sites} for pack in packs}
    each = {(a.kind, a.slug, a.version): a for a in named if a and a.kind in PACKAGINGS}
    return tuple(
        sorted(each.values(), key=lambda a: (a.kind, _named(a), sort_key(a.version), a.version))
    )


def _named(artifact: Artifact) -> tuple[str, str]:
    """Where the file has it: packs lie below their locale."""
    return told_apart(artifact.slug) if artifact.kind == PACKS else (artifact.slug, "")


def schema_address(texts: Mapping[str, str]) -> str:
    """Address of the lock's schema as the fleet's catalog names its own."""
    first = texts.get("catalog.yml", "").splitlines()[:1]
    _, found, address = (first[0] if first else "").partition("$schema=")
    folder = address.strip().rpartition("/")[0] if found else ".wpstate/schemas"
    return f"{folder}/lock.schema.json"


def lock_text(entries: Iterable[LockedVersion], schema: str) -> str:
    """catalog.lock.yml, in the order of `entries`. Names need no quotes: the fleet's schemas let
    none pass that would. `schema`: address of lock.schema.json, for editors."""
    lines = [
        f"# yaml-language-server: $schema={schema}",
        "# The exact bytes of every version in use. Written by `wpstate lock`.",
    ]
    above: tuple[str, ...] = ()
    for entry in entries:
        path = _path(entry)
        lines += [
            f"{_INDENT * depth}{name}:"
            for depth, name in enumerate(path)
            if path[: depth + 1] != above[: depth + 1]
        ]
        lines.append(f"{_INDENT * len(path)}sha256: {entry.sha256}")
        if entry.database is not None:
            lines.append(f"{_INDENT * len(path)}database: {entry.database}")
        for name, value in (("php", entry.requires_php), ("wp", entry.requires_wp)):
            if value is not None:
                lines.append(f"{_INDENT * len(path)}requires_{name}: {value}")
        if entry.identity is not None:
            # Quoted as JSON, which is YAML too: headers are anybody's text.
            told = json.dumps(_headers(entry.identity), ensure_ascii=False)
            lines.append(f"{_INDENT * len(path)}identity: {told}")
        if entry.parent is not None:
            lines.append(f"{_INDENT * len(path)}parent: {entry.parent}")
        if entry.revision is not None:
            lines.append(f"{_INDENT * len(path)}revision: {entry.revision}")
        above = path
    return "\n".join(lines) + "\n"


def _headers(identity: Identity) -> dict[str, str]:
    headers = {field.name: getattr(identity, field.name) for field in fields(Identity)}
    return {name: text for name, text in headers.items() if text}


def _path(entry: LockedVersion) -> tuple[str, ...]:
    """Where the file has an entry; core, being one component, has no line for its slug."""
    match entry.kind:
        case "core":
            return ("core", entry.version)
        case "translations":
            return ("translations", *told_apart(entry.slug), entry.version)
        case kind:
            return (kind, entry.slug, entry.version)


def locked_version(artifact: Artifact, source: ArtifactSource) -> LockedVersion:
    """The entry of one version: its locked bytes, else those that its source serves now. Raises
    as `source` does."""
    return _look(artifact, source, accept_new=False, recheck=False)


def _look(
    artifact: Artifact, source: ArtifactSource, accept_new: bool, recheck: bool
) -> LockedVersion:
    if accept_new:
        facts = source.bring(replace(artifact, sha256=None))
    elif recheck or artifact.sha256 is None:
        facts = source.bring(artifact)
    else:
        facts = source.facts(artifact)
    return LockedVersion(
        artifact.kind,
        artifact.slug,
        artifact.version,
        facts.sha256,
        facts.database,
        _version(facts.requires_php),
        _version(facts.requires_wp),
        facts.identity,
        facts.parent,
        facts.revision,
    )


def _version(text: str | None) -> str | None:
    """A requirement that is one; WordPress too reads `any` or `7.4 or newer` as nothing it can
    compare."""
    return text if text and re.fullmatch(r"[0-9]+(\.[0-9]+){0,3}", text) else None
