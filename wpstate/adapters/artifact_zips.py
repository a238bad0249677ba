"""Puts the zip of one artifact before every rule, and yields its facts.

Reading the bytes is left to adapters.zip_files, the rules to planning.zip_rules and
resources.packages, where zips come from to adapters.artifacts.
"""

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from wpstate.adapters.zip_files import listing, prove
from wpstate.model.artifact import ArtifactFacts
from wpstate.model.desired import Artifact
from wpstate.model.problem import Problem, Refused
from wpstate.planning.identity import identity_problem
from wpstate.planning.zip_rules import listing_problems
from wpstate.resources.file_headers import HEAD_BYTES
from wpstate.resources.foreign_text import visible
from wpstate.resources.packages import PACKAGINGS


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=8)
def zip_hashes(path: Path, top_folder: str | None) -> Mapping[str, tuple[str, ...]]:
    """sha256 of each file below the top folder of a zip that was inspected before. Zips are called
    after their bytes, and several sites have the same."""
    hashes = {}
    before = f"{top_folder}/" if top_folder else ""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                with archive.open(entry) as file:
                    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
                hashes[entry.filename.removeprefix(before)] = (sha256,)
    return hashes


def inspect(path: Path, artifact: Artifact, sha256: str) -> ArtifactFacts:
    """The facts of a zip that may be installed as this artifact; reads each byte once.

    Raises Refused with every rule that the zip breaks (`artifact.*`).
    """
    if artifact.kind not in PACKAGINGS:
        # A file as it is: its bytes are what the fleet's folder holds, and nothing is read in it.
        size_bytes = path.stat().st_size
        return ArtifactFacts(sha256, artifact.version, (artifact.slug,), size_bytes)
    try:
        facts, version = _look_into(path, artifact.kind, artifact.slug, sha256)
        if version not in (None, artifact.version):
            raise Refused((_other_version(str(version), artifact.version),))
        if stranger := identity_problem(artifact, facts.identity):
            raise Refused((stranger,))
    except Refused as refusal:
        key = f"{artifact.kind}.{artifact.slug}"
        raise Refused(replace(problem, key=key) for problem in refusal.problems) from None
    return replace(facts, version=artifact.version)


def introduce(path: Path, kinds: Sequence[str]) -> tuple[str, str, ArtifactFacts]:
    """Kind, slug and facts of a zip that nobody named: what it must be to be sound.

    Raises Refused with the rules that it breaks as the first of `kinds`.
    """
    with path.open("rb") as file:
        names = [entry.name for entry in listing(file)]
    slug = names[0].partition("/")[0] if names else ""
    sha256 = sha256_of(path)
    first: Refused | None = None
    for kind in kinds:
        try:
            return kind, slug, _look_into(path, kind, slug, sha256)[0]
        except Refused as refusal:
            first = first or refusal
    assert first is not None
    raise first


def _look_into(path: Path, kind: str, slug: str, sha256: str) -> tuple[ArtifactFacts, str | None]:
    """What a zip is as a component of this kind and name, and the version that it tells; None where
    such a package tells none. Raises Refused, without a key."""
    with path.open("rb") as file:
        return _facts(file, kind, slug, sha256)


def _facts(file: BinaryIO, kind: str, slug: str, sha256: str) -> tuple[ArtifactFacts, str | None]:
    packaging = PACKAGINGS[kind]
    entries = listing(file)
    top_folder = packaging.top_folder(slug)
    if problems := listing_problems(top_folder, entries):
        raise Refused(problems)
    files = [entry for entry in entries if not entry.is_folder]
    heads = {}
    for entry in files:
        head = prove(file, entry, HEAD_BYTES)
        if packaging.tells(slug, entry.name):
            heads[entry.name] = head
    told = packaging.read(slug, heads)
    if isinstance(told, Problem):
        raise Refused((told,))
    facts = ArtifactFacts(
        sha256=sha256,
        version=told.version or "",
        files=tuple(sorted(entry.name.removeprefix(f"{top_folder}/") for entry in files)),
        unpacked_bytes=sum(entry.size_bytes for entry in files),
        main_file=told.main_file,
        requires_wp=told.requires_wp,
        requires_php=told.requires_php,
        identity=told.identity,
        parent=told.parent,
        database=told.database,
        revision=told.revision,
    )
    return facts, told.version


def _other_version(found: str, asked: str) -> Problem:
    return Problem(
        "artifact.version",
        "the zip's own version is not the one asked for",
        found=visible(found, 60),
        why=f"asked for {asked}; the site would never show it",
        mend="write the version as the zip itself tells it, if this is the zip you want",
    )
