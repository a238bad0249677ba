"""Keeps copies of the code of sites' own themes in the fleet folder, to be compared with later.

What the catalog has a zip of needs none. Comparing is left to resources.theme_files.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.site import SiteId
from wpstate.model.state import Json
from wpstate.ports import Probe
from wpstate.resources.theme_files import Theme, question, texts, themes
from wpstate.workflows.plan import chosen


class ThemeKeeper(Protocol):
    def has_zip(self, desired: DesiredState, theme: str, version: str) -> bool: ...

    def keep(self, site: SiteId, theme: str, files: Mapping[str, bytes]) -> Path:
        """Raises Refused (`theme.path`)."""


@dataclass(frozen=True, slots=True)
class KeptTheme:
    site: SiteId
    theme: str
    files: int
    folder: Path


def keep_theme_files(
    fleet: Fleet, names: Iterable[str], probe: Probe, keeper: ThemeKeeper
) -> Iterator[KeptTheme]:
    """Copies of the active theme of each named site, and of its parent, in the place of older ones.

    Raises UsageError for unknown names, Failed (`theme.unseen`) and Refused (`theme.path`,
    `theme.too_large`).
    """
    for desired in chosen(fleet, names):
        active = themes(_asked(desired, probe, question()))
        if not active:
            raise Failed([_unseen(desired)])
        for theme in active:
            if not keeper.has_zip(desired, theme.slug, theme.version):
                files = _files(desired, probe, theme)
                folder = keeper.keep(desired.site.id, theme.slug, files)
                yield KeptTheme(desired.site.id, theme.slug, len(files), folder)


def _files(desired: DesiredState, probe: Probe, theme: Theme) -> Mapping[str, bytes]:
    """Each file that the hashes name, with the bytes that they name."""
    found = texts(_asked(desired, probe, question({theme.slug: []})))
    files = {path: written.content for (_, path), written in found.items()}
    missing = [
        path
        for path, sha256 in theme.hashes.items()
        if hashlib.sha256(files.get(path, b"")).hexdigest() != sha256
    ]
    if missing:
        raise Refused([_too_large(desired, theme, missing)])
    return files


def _asked(desired: DesiredState, probe: Probe, asked: Json) -> Json:
    seen = probe.observe([replace(desired, questions={"content": asked})])
    return seen[desired.site.id].answer("content")


def _unseen(desired: DesiredState) -> Problem:
    return Problem(
        slug="theme.unseen",
        what="the site's theme could not be read",
        key=desired.site.id,
        why="only what was seen whole can be kept",
        mend=f"wpstate observe {desired.site.id}",
    )


def _too_large(desired: DesiredState, theme: Theme, missing: list[str]) -> Problem:
    return Problem(
        slug="theme.too_large",
        what="the theme's code is too large to be copied, or changed meanwhile",
        key=desired.site.id,
        found=f"{theme.slug}: {len(missing)} of {len(theme.hashes)} files did not come whole",
        why="copies in the fleet folder are meant for small themes of a site's own",
        mend="add the theme to the catalog with its zip, or try again",
    )
