"""A fleet folder to begin with, out of the templates that ship with wpstate (docs/ci), written only
where nothing stands in the way. What it says is left to the templates.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from wpstate import __version__
from wpstate.model.problem import Failed, Problem, UsageError
from wpstate.shipped import shipped

FORGES = ("github", "gitlab")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_TARGETS = {
    "github": {
        "github/wpstate.yml": ".github/workflows/wpstate.yml",
        "github/wpstate-validate.yml": ".github/workflows/wpstate-validate.yml",
    },
    "gitlab": {"gitlab/gitlab-ci.yml": ".gitlab-ci.yml"},
}


def write_skeleton(folder: Path, name: str, forge: str | None) -> tuple[str, ...]:
    """Paths of what was written, in their order: all of it, or nothing where one is there already.

    Raises UsageError (`usage.init`) and Failed (`init.not_written`).
    """
    if not _NAME.fullmatch(name):
        raise UsageError([_no_name(name)])
    texts = dict(_texts(name, forge))
    taken = [path for path in texts if _is_there(folder / path)]
    if taken:
        raise UsageError([_taken(taken)])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        root = folder.resolve()
        for path, text in texts.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.parent.resolve().is_relative_to(root):
                raise UsageError([_taken([path])])
            with file.open("x", encoding="utf-8") as written:
                written.write(text)
    except OSError as error:
        raise Failed([_not_written(folder, error)]) from error
    return tuple(texts)


def _texts(name: str, forge: str | None) -> Iterator[tuple[str, str]]:
    """By path below the fleet folder."""
    templates = shipped("docs/ci")
    fleet = templates / "fleet"
    for file in sorted(path for path in fleet.rglob("*") if path.is_file()):
        parts = file.relative_to(fleet).parts
        path = "/".join(re.sub(r"^dot-", ".", part) for part in parts)
        yield path, file.read_text("utf-8").replace("name: FLEET", f"name: {name}")
    for template, path in _TARGETS.get(forge or "", {}).items():
        text = (templates / template).read_text("utf-8")
        yield path, text.replace("wpstate==VERSION", f"wpstate=={__version__}")
    schemas = shipped("schemas")
    for sort in ("fleet", "catalog", "hosts", "lock", "profile", "site", "layer"):
        schema = schemas / f"{sort}.schema.json"
        yield f".wpstate/schema/{schema.name}", schema.read_text("utf-8")
    for kind in sorted((schemas / "kinds").glob("*.schema.json")):
        if not kind.name.endswith(".observed.schema.json"):
            yield f".wpstate/schema/kinds/{kind.name}", kind.read_text("utf-8")


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _no_name(name: str) -> Problem:
    return Problem(
        "usage.init",
        "a fleet cannot be begun so",
        found=f"name {name[:100]!r}",
        why="the fleet's name stands in plans and reports: small letters, digits and hyphens",
        mend="wpstate init FOLDER --name my-agency",
    )


def _taken(paths: list[str]) -> Problem:
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return Problem(
        "usage.init",
        "a fleet cannot be begun so",
        found=", ".join(paths[:5]) + more + ": there already",
        why="init never writes over a file",
        mend="name a new folder: wpstate init FOLDER",
    )


def _not_written(folder: Path, error: OSError) -> Problem:
    return Problem(
        "init.not_written",
        "the fleet's files could not be written",
        key=str(folder),
        found=error.strerror or str(error),
        mend="name a folder in which you may write",
    )
