"""What keeps a proposed change from becoming a branch."""

from wpstate.model.problem import Problem


def no_branch(name: str) -> Problem:
    return Problem(
        "branch.name",
        "a proposal cannot be called this",
        found=repr(name[:120]),
        why="proposals are branches below wpstate/, with small letters, digits, dots and hyphens",
        mend="propose it under another name",
    )


def others(name: str, ref: str, commit: str) -> Problem:
    return Problem(
        "branch.others",
        "somebody else has commits on the branch of this proposal",
        key=name,
        found=f"{ref} is at {commit[:12]}, which wpstate did not write as it is",
        why="nobody's work is written over; wpstate goes on only where the last commit is its own",
        mend="merge or close it and delete the branch, here and on the forge, then fetch --prune",
    )


def checked_out(name: str) -> Problem:
    return Problem(
        "branch.checked_out",
        "the branch of this proposal is checked out",
        key=name,
        why="moving it would make your files look changed",
        mend="git switch to another branch first",
    )


def not_written(name: str, found: str) -> Problem:
    return Problem(
        "branch.not_written",
        "the branch could not be written into the repository",
        key=name,
        found=found,
        why="a proposal is made once its branch is there; nothing else was changed",
        mend="see whether you may write in .git, then again",
    )


def shared_file(path: str) -> Problem:
    return Problem(
        "branch.shared",
        "this file is another repository's, which the fleet shares",
        key=path,
        why="a copy here would stand beside it",
        mend="propose the change there, then raise `shared: {commit: …}` in fleet.yml",
    )


def moved(name: str, remote: str, found: str) -> Problem:
    return Problem(
        "branch.moved",
        "the branch of this proposal moved on the forge",
        key=name,
        found=found,
        why="nobody's work is written over",
        mend=f"git fetch --prune {remote}, then again",
    )


def forge_failed(tool: str, found: str) -> Problem:
    return Problem(
        "forge.failed",
        "the forge could not be asked through its own tool",
        key=tool,
        found=found,
        why="the branch is there; it is not, or not yet, a pull request",
        mend="try the command by hand, then again",
    )
