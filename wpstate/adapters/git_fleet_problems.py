"""What can be wrong with a fleet's revision."""

from wpstate.adapters.fleet_files import MAX_FILES
from wpstate.model.problem import Problem
from wpstate.model.shared import Shared
from wpstate.model.source import SourceSpan


def no_name(path: str) -> Problem:
    return Problem(
        "revision.name",
        "a tree holds a name that no file can have",
        found=repr(path),
        why="git itself writes no such name; whoever made it wants to leave the folder",
        mend="find out who made this commit, and drop it",
    )


def elsewhere(path: str, what: str) -> Problem:
    return Problem(
        "revision.link",
        "a link or a submodule stands where a fleet file belongs",
        SourceSpan(path, 1, 1),
        found=what,
        why="what a revision says is read from its own bytes and from nowhere else",
        mend="put the file itself in its place",
    )


def too_large(path: str, most_bytes: int) -> Problem:
    return Problem(
        "revision.too_large",
        "a file of this revision is larger than a fleet file may be",
        SourceSpan(path, 1, 1),
        why=f"at most {most_bytes} bytes",
        mend="split the file",
    )


def lacking(path: str, found: str) -> Problem:
    return Problem(
        "revision.lacking",
        "this clone lacks a part of the revision, or it is no whole one",
        SourceSpan(path, 1, 1),
        found=found[:200],
        why="nothing is fetched while a change is planned",
        mend="git fetch the whole of it first, without --depth and --filter",
    )


def no_fleet(commit: str, folder: str) -> Problem:
    return Problem(
        "fleet.no_folder",
        "there is no fleet folder here",
        key=folder,
        found=f"revision {commit[:12]} has no such folder",
        mend="name a revision that has it",
    )


def too_many(path: str) -> Problem:
    return Problem(
        "fleet.too_many_files",
        "the folder holds more files than a fleet may",
        SourceSpan(path, 1, 1),
        why=f"at most {MAX_FILES}",
        mend="name the folder that holds fleet.yml",
    )


def unrelated(base: str, head: str) -> Problem:
    return Problem(
        "revision.unrelated",
        "nobody can tell where the two revisions went apart",
        found=f"{base[:12]} and {head[:12]}",
        why="without it a change cannot be told from what others merged meanwhile",
        mend="git fetch the whole history first (`fetch-depth: 0`), or rebase onto the base",
    )


def not_shared(shared: Shared, found: str) -> Problem:
    return Problem(
        "fleet.shared",
        "what the fleet shares with others is not on this machine",
        shared.span,
        "shared",
        found=f"{shared.path} at {shared.commit[:12]}: {found}",
        why="its profiles and its catalog are a part of what is asked; nothing is fetched for it",
        mend=f"clone it there, or: git -C {shared.path} fetch",
    )


def other_repository(shared: Shared, base: Shared | None) -> Problem:
    return Problem(
        "proposal.shared",
        "the proposal names another repository than its base does",
        shared.span,
        "shared",
        found=f"{shared.path}; the base: {base.path if base else 'none'}",
        why="who proposes a change could read what is somebody else's through its plan",
        mend="name it on the protected branch first; a proposal may move its commit",
    )
