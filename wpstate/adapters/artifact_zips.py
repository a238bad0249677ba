"""Puts the zip of one artifact before every rule, and yields its facts.

Reading the bytes is left to adapters.zip_files, the rules to planning.zip_rules and
resources.packages, where zips come from to adapters.artifacts.
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from wpstate.adapters.zip_files import listing, prove
from wpstate.model.artifact import ArtifactFacts
from wpstate.model.desired import Artifact
from wpstate.model.problem import Problem, Refused
from wpstate.planning.identity import identity_problem
from wpstate.planning.zip_rules import listing_problems
from wpstate.resources.foreign_text import visible
from wpstate.resources.packages import HEAD_BYTES, PACKAGINGS


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def inspect(path: Path, artifact: Artifact, sha256: str) -> ArtifactFacts:
    """The facts of a zip that may be installed as this artifact; reads each byte once.

    Raises Refused with every rule that the zip breaks (`artifact.*`).
    """
    try:
        with path.open("rb") as file:
            return _facts(file, artifact, sha256)
    except Refused as refusal:
        key = f"{artifact.kind}.{artifact.slug}"
        raise Refused(replace(problem, key=key) for problem in refusal.problems) from None


def _facts(file: BinaryIO, artifact: Artifact, sha256: str) -> ArtifactFacts:
    packaging = PACKAGINGS[artifact.kind]
    entries = listing(file)
    top_folder = packaging.top_folder(artifact.slug)
    if problems := listing_problems(top_folder, entries):
        raise Refused(problems)
    files = [entry for entry in entries if not entry.is_folder]
    heads = {}
    for entry in files:
        head = prove(file, entry, HEAD_BYTES)
        if packaging.tells(artifact.slug, entry.name):
            heads[entry.name] = head
    told = packaging.read(artifact.slug, heads)
    if isinstance(told, Problem):
        raise Refused((told,))
    if told.version is not None and told.version != artifact.version:
        raise Refused((_other_version(told.version, artifact.version),))
    if stranger := identity_problem(artifact, told.identity):
        raise Refused((stranger,))
    return ArtifactFacts(
        sha256=sha256,
        version=artifact.version,
        files=tuple(sorted(entry.name.removeprefix(f"{top_folder}/") for entry in files)),
        unpacked_bytes=sum(entry.size_bytes for entry in files),
        main_file=told.main_file,
        requires_wp=told.requires_wp,
        requires_php=told.requires_php,
        identity=told.identity,
        parent=told.parent,
        database=told.database,
    )


def _other_version(found: str, asked: str) -> Problem:
    return Problem(
        "artifact.version",
        "the zip's own version is not the one asked for",
        found=visible(found, 60),
        why=f"asked for {asked}; the site would never show it",
        mend="write the version as the zip itself tells it, if this is the zip you want",
    )
