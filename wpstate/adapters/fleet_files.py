"""Read a fleet folder's texts. What they say is left to desired.

Nothing outside the folder is ever read, whatever a link says, and no file beyond its limit.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from wpstate.desired.document import MAX_SIZE_BYTES
from wpstate.desired.folder import MOST_CODE_BYTES, is_code_file, look_alike, sort_of
from wpstate.model.problem import InvalidDesiredState, Problem
from wpstate.model.source import SourceSpan

MAX_FILES = 50_000


def read_fleet(folder: Path) -> dict[str, str]:
    """Texts by path relative to the folder, sorted by path; of each one more byte than its limit.

    Files that only look like fleet files are there with an empty text, so that desired can tell of
    them. Bytes that are not UTF-8 come as lone surrogates (`surrogateescape`), for the same reason.
    Raises InvalidDesiredState (`fleet.no_folder`, `fleet.link_outside`, `fleet.unreadable`,
    `fleet.too_many_files`).
    """
    try:
        root = _real(folder)
        paths = sorted(_paths(root, ""))
    except OSError as error:
        raise InvalidDesiredState((_no_folder(folder, error),)) from error
    if len(paths) > MAX_FILES:
        raise InvalidDesiredState((_too_many(),))
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for path in paths:
        if sort_of(path) is None and not is_code_file(path):
            if look_alike(path):
                texts[path] = ""
            continue
        text = _text(root, path)
        if isinstance(text, Problem):
            problems.append(text)
        else:
            texts[path] = text
    if problems:
        raise InvalidDesiredState(problems)
    return texts


def read_fleet_file(folder: Path, path: str) -> str:
    """One of its texts. Raises InvalidDesiredState (`fleet.no_folder`, `fleet.link_outside`,
    `fleet.unreadable`)."""
    try:
        root = _real(folder)
    except OSError as error:
        raise InvalidDesiredState((_no_folder(folder, error),)) from error
    text = _text(root, path)
    if isinstance(text, Problem):
        raise InvalidDesiredState((text,))
    return text


def _paths(root: Path, below: str) -> Iterator[str]:
    """Files at the top and one folder deep: fleets have no deeper ones, look-alikes neither."""
    with os.scandir(root / below) as entries:
        for entry in entries:
            path = f"{below}{entry.name}"
            if entry.name.startswith("."):
                continue
            if not entry.is_dir(follow_symlinks=sort_of(f"{path}/x.yml") is not None):
                yield path
            elif below.count("/") < 2:
                yield from _paths(root, f"{path}/")


def _real(path: Path) -> Path:
    """Without links. Raises OSError, also for loops, where Path.resolve raises RuntimeError."""
    return Path(os.path.realpath(path, strict=True))


def _text(root: Path, path: str) -> str | Problem:
    where = SourceSpan(path, 1, 1)
    try:
        real = _real(root / path)
        if not real.is_relative_to(root):
            return Problem(
                "fleet.link_outside",
                "a link leads out of the fleet folder",
                where,
                why="a fleet must be whole in itself, for reviewers and for other machines",
                mend="put the file itself in the link's place",
            )
        if not stat.S_ISREG(real.stat().st_mode):
            raise OSError("not a regular file")
        most_bytes = MOST_CODE_BYTES if is_code_file(path) else MAX_SIZE_BYTES
        with real.open("rb") as file:
            return file.read(most_bytes + 1).decode("utf-8", "surrogateescape")
    except OSError as error:
        return Problem(
            "fleet.unreadable",
            "a fleet file cannot be read",
            where,
            found=error.strerror or str(error),
            mend=f"ls -l {path}",
        )


def _no_folder(folder: Path, error: OSError) -> Problem:
    return Problem(
        "fleet.no_folder",
        "there is no fleet folder here",
        None,
        key=str(folder),
        found=error.strerror,
        mend="name the folder that holds fleet.yml",
    )


def _too_many() -> Problem:
    return Problem(
        "fleet.too_many_files",
        "the folder holds more files than a fleet may",
        SourceSpan(".", 1, 1),
        why=f"at most {MAX_FILES}",
        mend="name the folder that holds fleet.yml",
    )
